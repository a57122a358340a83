"""What an answer must pass before it counts as whole, beside its form: its quotes, or a program.

Floor 1. A form is checked because it was asked for, and needs no check of its own. What is checked
is the text of an answer that ended by itself.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast

from seedbed.core.message import Message, Part, Result, Role, Text
from seedbed.core.value import value

MOST_CHECKS = 16
"""Checks of one ask, and paths of one check."""
_LONGEST_SHOWN = 120
_EACH = "*"
_QUOTED = re.compile(
    r"\"([^\"]*)\"|\u201c([^\u201d]*)\u201d|\u201e([^\u201c\u201d]*)[\u201c\u201d]"
    r"|\u00ab([^\u00bb]*)\u00bb|\u300c([^\u300d]*)\u300d|\u300e([^\u300f]*)\u300f"
)
"""A passage in quotation marks, of those that open otherwise than they close or are doubled."""
_BLOCK = re.compile(r"(?:^[ ]{0,3}>.*(?:\n|$))+", re.MULTILINE)
"""Lines that begin as a quotation does in Markdown."""
_MARK = re.compile(r"^[ ]{0,3}> ?", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


@value
class Quote:
    """What the answer quotes occurs word for word in what the model was given to read.

    `paths` lead to the quotes in an answer of JSON, as in `/claims/*/quote`, where `*` is each of
    what is there; a `null` quotes nothing. Without paths the quotes are what a text has in
    quotation marks and in quoted blocks. There must be `least` of them.
    """

    paths: tuple[str, ...] = ()
    least: int = 1

    @property
    def words(self) -> str:
        """The check as it is told."""
        return "quote"


@value
class Program:
    """A program of the operator's, of that name, passes the answer."""

    name: str

    @property
    def words(self) -> str:
        """The check as it is told."""
        return f"program {self.name!r}"


Check: TypeAlias = Quote | Program


class Misquoted(ValueError):
    """The quotes of an answer are not as they must be; the sentence says which, and why."""


def check_quotes(quote: Quote, answer: str, messages: Sequence[Message]) -> None:
    """See that all that an answer quotes was there to be quoted.

    Spaces and ends of lines count as one space, and letters that look the same as one letter. What
    the assistant said before is no source.

    Raises:
        Misquoted: a quote does not occur in any one text, or is empty, or there are too few.
    """
    quotes = list(_at_paths(quote.paths, answer) if quote.paths else _in_text(answer))
    if len(quotes) < quote.least:
        raise Misquoted(f"it has {len(quotes)} quotes, and {quote.least} is the least")
    sources = [folded(text) for text in sources_of(messages)]
    for said in quotes:
        wanted = folded(said)
        if not wanted:
            raise Misquoted("a quote is empty")
        if not any(wanted in source for source in sources):
            raise Misquoted(f"{_shown(wanted)} does not occur in what was sent")


def sources_of(messages: Sequence[Message]) -> Iterator[str]:
    """Each text that a model was given to read: messages but its own, and what tools brought."""
    for message in messages:
        if message.role != Role.ASSISTANT:
            yield message.text
            for part in message.parts:
                if isinstance(part, Result):
                    yield _text(part.parts)


def folded(text: str) -> str:
    """A text with one space for each stretch of them, in composed letters.

    >>> folded("  a  b ")
    'a b'
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Text))


def _at_paths(paths: Sequence[str], answer: str) -> Iterator[str]:
    try:
        whole: object = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise Misquoted(f"it is no JSON ({error})") from error
    for path in paths:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
        for found in _under(whole, steps, path):
            if isinstance(found, str):
                yield found
            elif found is not None:
                raise Misquoted(f"at {path} is {_shown(found)}, and no text")


def _under(there: object, steps: Sequence[str], path: str) -> Iterator[object]:
    if not steps:
        yield there
        return
    step, *rest = steps
    for member in _members(there, step, path):
        yield from _under(member, rest, path)


def _members(there: object, step: str, path: str) -> Sequence[object]:
    """What one step leads to.

    Raises:
        Misquoted: nothing is there.
    """
    match there:
        case dict():
            named = cast("dict[str, object]", there)
            if step == _EACH:
                return list(named.values())
            if step in named:
                return [named[step]]
        case list():
            listed = cast("list[object]", there)
            if step == _EACH:
                return listed
            if step.isdecimal() and len(step) <= len(str(len(listed))) and int(step) < len(listed):
                return [listed[int(step)]]
        case _:
            pass
    raise Misquoted(f"nothing is at {path}")


def _in_text(answer: str) -> Iterator[str]:
    """Passages in quotation marks, within one paragraph each, and quoted blocks."""
    for block in _BLOCK.findall(answer):
        yield _MARK.sub("", block)
    for paragraph in _PARAGRAPH.split(_BLOCK.sub("\n\n", answer)):
        for passage in _QUOTED.finditer(paragraph):
            yield next(group for group in passage.groups() if group is not None)


def _shown(said: object) -> str:
    text = repr(said)
    return (
        text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}\N{HORIZONTAL ELLIPSIS}"
    )
