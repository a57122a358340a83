"""Hermes and Qwen: each call a JSON object between `<tool_call>` and `</tool_call>`.

Floor 3.
"""

from collections.abc import Callable, Collection, Sequence

from seedbed.core.ask import Tool
from seedbed.engines.formats.base import Form, Parser, Said, Tag
from seedbed.engines.formats.calls import CallParser, Shape, object_head
from seedbed.engines.formats.rules import named, object_calls, repeated
from seedbed.kit.grammar.gbnf import Grammar

OPENS, CLOSES = "<tool_call>", "</tool_call>"
SHAPE = Shape(OPENS, (object_head(CLOSES),))


class Hermes:
    """The family of Hermes and Qwen."""

    markers = (OPENS, CLOSES)
    by_template = True

    def reads(self, template: str) -> bool:
        """By its marker, unless calls are written in a language of tags."""
        return OPENS in template and "<function=" not in template

    def history(self, said: Sequence[Said], tools: Sequence[Tool]) -> list[Said]:
        """The template writes all of it."""
        return list(said)

    def parser(self, names: Collection[str], *, fresh: Callable[[], str]) -> Parser:
        """A parser of these."""
        return CallParser(SHAPE, names, fresh=fresh)

    def calls(self, grammar: Grammar, tools: Sequence[Tool], *, parallel: bool) -> str:
        """Each in its tags, on lines of their own."""
        one = object_calls(grammar, tools, key="arguments", around=(f"{OPENS}\n", f"\n{CLOSES}"))
        return repeated(grammar, one, "\n", parallel=parallel)

    def free(self, tools: Sequence[Tool], *, parallel: bool) -> Form:
        """A tag is a call."""
        grammar = named(tools, '", "arguments": ')
        tag = Tag(f'{OPENS}\n{{"name": "', grammar, f"}}\n{CLOSES}")
        return Form(trigger=OPENS, tags=(tag,), only_one=not parallel)


FAMILY = Hermes()
