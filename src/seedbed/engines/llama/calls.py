"""Calls of a model whose template knows no tools: told in a text of ours, read from its words.

Floor 3. The grammar of `seedbed.engines.llama.grammar` sees to it that a call is whole and valid;
this tells the model what it may call, and cuts its words into words and calls again.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from seedbed.core.ask import Tool
from seedbed.core.message import Call, Message, Part, Result, Role, Text
from seedbed.engines.llama.grammar import AFTER, BEFORE_ARGUMENTS, BEFORE_NAME, OPEN

_TOLD = f"""You may call these functions. To call one, answer with:
{OPEN}{BEFORE_NAME}NAME{BEFORE_ARGUMENTS}ARGUMENTS{AFTER}
ARGUMENTS is a JSON object that obeys the schema of the function's parameters.

Functions:"""


def told(messages: Sequence[Message], tools: Sequence[Tool]) -> tuple[Message, ...]:
    """The same conversation in words alone: tools in a system text, calls and results as text."""
    spoken = list[Message]()
    for at, message in enumerate(messages):
        if at and message.role == messages[at - 1].role == Role.TOOL:
            more = _in_words(message).parts  # templates may want user and assistant by turns
            spoken[-1] = replace(spoken[-1], parts=(*spoken[-1].parts, *more))
        else:
            spoken.append(_in_words(message))
    if not tools:
        return tuple(spoken)
    functions = "\n".join(
        json.dumps({"name": t.name, "description": t.description, "parameters": dict(t.schema)})
        for t in tools
    )
    offer = Text(f"{_TOLD}\n{functions}")
    if spoken and spoken[0].role == Role.SYSTEM:
        first = replace(spoken[0], parts=(*spoken[0].parts, Text("\n\n"), offer))
        return (first, *spoken[1:])
    return (Message(Role.SYSTEM, (offer,)), *spoken)


@dataclass(frozen=True, slots=True)
class Words:
    """Some more of what is said."""

    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A call begins."""

    name: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """Some more of the arguments of the call that began last."""

    text: str


Piece: TypeAlias = Words | Named | Arguments


class Reader:
    r"""Cuts words, however they are cut when they come, into words and calls.

    >>> reader = Reader()
    >>> list(reader.feed('Yes.<tool_call>\n{"name": "f", "arguments": {"a"'))
    [Words(text='Yes.'), Named(name='f'), Arguments(text='{"a"')]
    >>> list(reader.feed(':1}}\n</tool_call>'))
    [Arguments(text=':1}')]
    """

    _MARKS = (OPEN + BEFORE_NAME, BEFORE_ARGUMENTS, AFTER)
    """What ends the words, the name and the arguments."""

    def __init__(self) -> None:
        self._held = ""
        self._at = 0

    def feed(self, text: str) -> Iterator[Piece]:
        """What is certain by now."""
        self._held += text
        while (cut := self._held.find(self._mark)) >= 0:
            before, self._held = self._held[:cut], self._held[cut + len(self._mark) :]
            yield from self._piece(before, whole=True)
            self._at = (self._at + 1) % len(self._MARKS)
        sure = len(self._held) - _overlap(self._held, self._mark)
        before, self._held = self._held[:sure], self._held[sure:]
        yield from self._piece(before, whole=False)

    def end(self) -> Iterator[Piece]:
        """What was held back, when no more comes; a name that is not whole is dropped."""
        rest, self._held = self._held, ""
        yield from self._piece(rest, whole=False)

    @property
    def _mark(self) -> str:
        return self._MARKS[self._at]

    def _piece(self, text: str, *, whole: bool) -> Iterator[Piece]:
        if self._at == 1:
            if whole:
                yield Named(text)
            else:
                self._held = text + self._held  # a name is told at once
        elif text:
            yield Words(text) if self._at == 0 else Arguments(text)


def _in_words(message: Message) -> Message:
    role = Role.USER if message.role == Role.TOOL else message.role
    parts = [each for part in message.parts for each in _spoken(part)]
    return Message(role, tuple(parts))


def _spoken(part: Part) -> tuple[Part, ...]:
    match part:
        case Call(name=name, arguments=arguments):
            return (Text(f"{OPEN}{BEFORE_NAME}{name}{BEFORE_ARGUMENTS}{arguments}{AFTER}"),)
        case Result(parts=parts):
            return (Text("<tool_response>\n"), *parts, Text("\n</tool_response>\n"))
        case _:
            return (part,)


def _overlap(text: str, mark: str) -> int:
    """How much of the text's end is a beginning of the mark."""
    longest = min(len(mark) - 1, len(text))
    return next((n for n in range(longest, 0, -1) if text.endswith(mark[:n])), 0)
