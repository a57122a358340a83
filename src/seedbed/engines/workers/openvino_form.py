"""Tells the library which form an answer is held to.

Floor 3.
"""

import openvino_genai as genai

from seedbed.engines.formats.base import Form

_CONFIG = genai.StructuredOutputConfig


def structured(form: Form, *, now: bool = False) -> genai.StructuredOutputConfig:
    """The library's words for a form; with `now` an answer with tags has no text before them."""
    config = _CONFIG()
    if form.tags:
        config.structural_tags_config = _CONFIG.TriggeredTags(
            triggers=[form.trigger],
            tags=[
                _CONFIG.Tag(begin=tag.begin, content=_CONFIG.EBNF(tag.grammar), end=tag.end)
                for tag in form.tags
            ],
            at_least_one=now,
            stop_after_first=form.only_one,
        )
    elif form.opening:
        rest = _CONFIG.AnyText()
        config.structural_tags_config = _CONFIG.Union(
            [
                _CONFIG.Concat([_CONFIG.EBNF(form.opening), rest]),
                _CONFIG.Concat([_CONFIG.EBNF(form.grammar), rest]),
            ]
        )
    else:
        config.grammar = form.grammar
    return config
