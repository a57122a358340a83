"""What a family of models is: how calls stand in its history, its answers and its grammars.

Floor 3. A model writes its calls as text, each family in its own way. A family says how earlier
calls are handed to the model, reads calls out of the text that it writes, and gives the grammar by
which it cannot write a broken one. It knows no engine and no chat template's syntax.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeAlias

import msgspec

from seedbed.core.ask import Tool
from seedbed.core.event import CallDelta, TextDelta
from seedbed.core.message import Call, Media, Message, Opaque, Part, Result, Text
from seedbed.kit.grammar.gbnf import Grammar

Piece: TypeAlias = TextDelta | CallDelta
"""A part of an answer, as read from its text; its tokens are not counted here and are 0."""

MOST_CALLS = 16
"""Calls that one answer may hold, so that a model which repeats itself comes to an end."""


class Called(msgspec.Struct, frozen=True, omit_defaults=True):
    """An earlier call; `arguments` is the raw text."""

    id: str
    name: str
    arguments: str


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message as a chat template will see it.

    With the role `tool` it is what a call brought: `answers` is the call's id and `name` its
    function.
    """

    role: str
    text: str = ""
    calls: tuple[Called, ...] = ()
    answers: str = ""
    name: str = ""


class Tag(msgspec.Struct, frozen=True):
    """A stretch of an answer: how it begins, the grammar of what follows, and how it ends."""

    begin: str
    grammar: str
    end: str


class Form(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an answer is held to: one of three.

    With `grammar` alone the whole answer is of it. With `opening`, a grammar too, it may also begin
    so, and go on as it likes. With `tags` the text is free, but `trigger` only stands where a tag
    begins, and after the first of them nothing stands if it is the `only_one`.
    """

    grammar: str = ""
    opening: str = ""
    trigger: str = ""
    tags: tuple[Tag, ...] = ()
    only_one: bool = False

    @property
    def size(self) -> int:
        """Characters of all its grammars."""
        tags = sum(len(tag.begin) + len(tag.grammar) + len(tag.end) for tag in self.tags)
        return len(self.grammar) + len(self.opening) + tags


class Parser(Protocol):
    """Reads an answer's text, cut anywhere."""

    def feed(self, text: str) -> list[Piece]:
        """What can be told now."""
        ...

    def end(self) -> list[Piece]:
        """What was held back; called once, at the end."""
        ...


class Family(Protocol):
    """How a family writes calls."""

    @property
    def markers(self) -> tuple[str, ...]:
        """Texts that may be control tokens of the model, and that the parser must see."""
        ...

    @property
    def by_template(self) -> bool:
        """Whether the chat template itself tells the model of its tools."""
        ...

    def reads(self, template: str) -> bool:
        """Whether a chat template is of this family."""
        ...

    def history(self, said: Sequence[Said], tools: Sequence[Tool]) -> list[Said]:
        """The messages with earlier calls, and the tools where the template is silent of them."""
        ...

    def parser(self, names: Collection[str], *, fresh: Callable[[], str]) -> Parser:
        """A parser of calls to these functions; `fresh` makes the calls' ids."""
        ...

    def calls(self, grammar: Grammar, tools: Sequence[Tool], *, parallel: bool) -> str:
        """The expression of one call or more, or of exactly one.

        Raises:
            BadGrammar: a tool's schema cannot be put into a grammar.
        """
        ...

    def free(self, tools: Sequence[Tool], *, parallel: bool) -> Form:
        """The form of an answer in free text, in which calls may stand where this family has them.

        Raises:
            BadGrammar: as for `calls`.
        """
        ...


def said(messages: Sequence[Message]) -> list[Said]:
    """The messages, without what was thought; each result becomes a message of its own.

    Raises:
        TypeError: a part is neither words nor thought nor call nor result.
    """
    names = {
        part.id: part.name
        for message in messages
        for part in message.parts
        if isinstance(part, Call)
    }
    return [one for message in messages for one in _of(message, names)]


def _of(message: Message, names: dict[str, str]) -> list[Said]:
    results = [part for part in message.parts if isinstance(part, Result)]
    calls = [part for part in message.parts if isinstance(part, Call)]
    found = [
        Said("tool", _words(r.parts), answers=r.call_id, name=names.get(r.call_id, ""))
        for r in results
    ]
    text = _words(message.parts)
    if text or calls or not results:
        called = tuple(Called(call.id, call.name, call.arguments) for call in calls)
        found.append(Said(message.role.value, text, called))
    return found


def _words(parts: Sequence[Part]) -> str:
    foreign = [part for part in parts if isinstance(part, Media | Opaque)]
    if foreign:
        raise TypeError(f"{type(foreign[0]).__name__} reached an engine that serves text only")
    return "".join(part.text for part in parts if isinstance(part, Text))
