"""Mistral: behind `[TOOL_CALLS]` a list of JSON objects, or since its eleventh tokenizer a name,
`[ARGS]` and the arguments.

Floor 3. The templates take ids of nine letters and digits only, so others are replaced by such.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Sequence

import msgspec

from seedbed.core.ask import Tool
from seedbed.engines.formats.base import MOST_CALLS, Called, Form, Parser, Said, Tag
from seedbed.engines.formats.calls import CallParser, Head, Shape, object_head
from seedbed.engines.formats.rules import arguments, named, object_calls, repeated
from seedbed.kit.grammar.gbnf import Grammar, literal

MARKER, ARGUMENTS = "[TOOL_CALLS]", "[ARGS]"
_LIST = object_head(",", "]", more=",")
_NAMED = Head(re.compile(r"\s*(?P<name>[\w.-]{1,64})(?:\[CALL_ID\]\w{0,64})?\[ARGS\]\s*(?=\{)"))
SHAPE = Shape(
    MARKER,
    (
        Head(re.compile(rf"(?:\s*\[)?{_LIST.pattern.pattern}"), _LIST.tail, _LIST.more),
        _NAMED,
    ),
)


class Mistral:
    """The family of Mistral."""

    by_template = True

    def __init__(self, *, named: bool) -> None:
        self._named = named
        self.markers = (MARKER, ARGUMENTS, "[CALL_ID]") if named else (MARKER,)

    def reads(self, template: str) -> bool:
        """By its marker, and whether the arguments have one."""
        return MARKER in template and (ARGUMENTS in template) is self._named

    def history(self, said: Sequence[Said], tools: Sequence[Tool]) -> list[Said]:
        """With ids as the template takes them."""
        return [
            msgspec.structs.replace(
                one,
                calls=tuple(Called(_short(c.id), c.name, c.arguments) for c in one.calls),
                answers=_short(one.answers) if one.answers else "",
            )
            for one in said
        ]

    def parser(self, names: Collection[str], *, fresh: Callable[[], str]) -> Parser:
        """A parser of these."""
        return CallParser(SHAPE, names, fresh=fresh)

    def calls(self, grammar: Grammar, tools: Sequence[Tool], *, parallel: bool) -> str:
        """A list, or each behind a marker of its own."""
        if not self._named:
            one = object_calls(grammar, tools, key="arguments")
            several = repeated(grammar, one, ", ", parallel=parallel)
            return f"{literal(f'{MARKER}[')} {several} {literal(']')}"
        each = [
            f"{literal(f'{MARKER}{tool.name}{ARGUMENTS}')} {arguments(grammar, tool)}"
            for tool in tools
        ]
        one = grammar.rule("call", " | ".join(each))
        return f"{one}{{1,{MOST_CALLS}}}" if parallel else one

    def free(self, tools: Sequence[Tool], *, parallel: bool) -> Form:
        """A tag is a list of calls, or a call."""
        if self._named:
            tag = Tag(MARKER, named(tools, ARGUMENTS), "")
            return Form(trigger=MARKER, tags=(tag,), only_one=not parallel)
        grammar = Grammar()
        one = object_calls(grammar, tools, key="arguments")
        grammar.rule("root", repeated(grammar, one, ", ", parallel=parallel))
        return Form(trigger=MARKER, tags=(Tag(f"{MARKER}[", grammar.text(), "]"),), only_one=True)


LISTED, NAMED = Mistral(named=False), Mistral(named=True)


def _short(id_: str) -> str:
    fits = len(id_) == 9 and id_.isascii() and id_.isalnum()
    return id_ if fits else hashlib.sha256(id_.encode()).hexdigest()[:9]
