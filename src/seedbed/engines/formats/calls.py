"""Reads calls out of an answer's text as it comes, however it is cut into pieces.

Floor 3. Each family has its `Shape`. The function's name is told as soon as it stands there, and
the arguments as they come. What turns out to be no call is passed on as text, word for word.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import msgspec

from seedbed.core.event import CallDelta, TextDelta
from seedbed.engines.formats.base import Piece

_LONGEST = 1 << 13
"""Characters of a call that may wait for its name."""
_KEYS = ("name", "arguments", "parameters", "type", "id")
_OBJECT = re.compile(
    r"\s*\{\s*(?:\"type\"\s*:\s*\"function\"\s*,\s*)?\"name\"\s*:\s*\"(?P<name>[^\"\\]*)\"\s*,"
    r"\s*\"(?:arguments|parameters)\"\s*:\s*(?=\{)"
)


@dataclass(frozen=True, slots=True)
class Head:
    """How a call may begin, up to its arguments, and what follows them: each time one of several.

    Behind one of `more` the next call stands without a marker.
    """

    pattern: re.Pattern[str]
    tail: tuple[tuple[str, ...], ...] = ()
    more: str = ""


def object_head(*closers: str, more: str = "") -> Head:
    """A call that is a JSON object, and what closes it."""
    tail = (("}",), closers) if closers else (("}",),)
    return Head(_OBJECT, tail, more)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a family writes calls: the marker before them, and how they may begin.

    With `bare` a call may also stand without the marker, at the very beginning of the answer.
    """

    marker: str
    heads: tuple[Head, ...]
    bare: bool = False


class CallParser:
    """The parser of one answer."""

    def __init__(self, shape: Shape, names: Collection[str], *, fresh: Callable[[], str]) -> None:
        self._shape, self._names, self._fresh = shape, frozenset(names), fresh
        self._reads = self._beginning if shape.bare else self._text
        self._held = ""
        self._before = ""
        """What stood before the call that is being read, in case that it is none."""
        self._head = shape.heads[0]
        self._tail: list[tuple[str, ...]] = []
        self._value = _Value()
        self._calls = 0

    def feed(self, text: str) -> list[Piece]:
        """What can be told now."""
        self._held += text
        pieces: list[Piece] = []
        while self._held and self._reads(pieces):
            pass
        return pieces

    def end(self) -> list[Piece]:
        """What was held back and is no call after all."""
        if self._reads == self._rest and self._tail:
            return []  # a call without its end is told already
        left, self._held = self._before + self._held, ""
        blank = self._calls and not left.strip()
        return [TextDelta(left, tokens=0)] if left and not blank else []

    # Each state reads from what is held, and says whether it came further.

    def _beginning(self, _: list[Piece]) -> bool:
        """At the very beginning, where a call may stand without its marker."""
        begun = self._held.lstrip()
        if begun:
            self._reads = self._call if begun.startswith("{") else self._text
        return bool(begun)

    def _text(self, pieces: list[Piece]) -> bool:
        """In free text, up to the marker."""
        marker = self._shape.marker
        before, met, behind = self._held.partition(marker)
        if not met:
            keep = _overlap(before, marker)
            before, behind = before[: len(before) - keep], before[len(before) - keep :]
        self._held = behind
        blank = self._calls and not before.strip()  # between two calls, or behind the last
        if met:
            self._before, self._reads = (before if blank else "") + marker, self._call
        if before and not blank:
            pieces.append(TextDelta(before, tokens=0))
        elif not met and before:
            self._held = before + behind
        return bool(met)

    def _call(self, pieces: list[Piece]) -> bool:
        """From the marker to where the arguments begin."""
        for head in self._shape.heads:
            found = head.pattern.match(self._held)
            if found:
                if found["name"] not in self._names:
                    return self._no_call(pieces)
                self._open(found["name"], pieces)
                self._held = self._held[found.end() :]
                self._head, self._value, self._reads = head, _Value(), self._arguments
                return True
        return self._reordered(pieces)

    def _reordered(self, pieces: list[Piece]) -> bool:
        """A call whose keys stand in another order is read once it is whole."""
        body = self._held.lstrip().removeprefix("[").lstrip()
        if not body.startswith("{"):
            return bool(_NO_HEAD.match(self._held)) and self._no_call(pieces)
        end = _Value().end(body)
        if end is None:
            hopeless = len(body) > _LONGEST or not _may_begin(body)
            return hopeless and self._no_call(pieces)
        call = _whole(body[:end])
        if call is None or call[0] not in self._names:
            return self._no_call(pieces)
        name, arguments = call
        self._open(name, pieces)
        pieces.append(CallDelta(self._calls - 1, arguments, tokens=0))
        self._held = body[end:]
        self._head = self._shape.heads[0]
        self._tail, self._reads = list(self._head.tail[1:]), self._rest
        return True

    def _arguments(self, pieces: list[Piece]) -> bool:
        """In the arguments, which are told as they come."""
        end = self._value.end(self._held)
        pieces.append(CallDelta(self._calls - 1, self._held[:end], tokens=0))
        if end is None:
            self._held = ""
            return False
        self._held = self._held[end:]
        self._tail, self._reads = list(self._head.tail), self._rest
        return True

    def _rest(self, _: list[Piece]) -> bool:
        """Behind the arguments, where braces and markers close the call."""
        left = self._held.lstrip()
        if not self._tail:
            self._reads = self._text
            return True
        for closer in self._tail[0]:
            if left.startswith(closer):
                del self._tail[0]
                self._held = left.removeprefix(closer)
                if self._head.more and closer == self._head.more:
                    self._before, self._reads = "", self._call
                return True
        if not any(closer.startswith(left) for closer in self._tail[0]):
            self._reads = self._text
            return True
        return False

    def _open(self, name: str, pieces: list[Piece]) -> None:
        pieces.append(CallDelta(self._calls, "", id=self._fresh(), name=name, tokens=0))
        self._calls += 1
        self._before = ""

    def _no_call(self, pieces: list[Piece]) -> bool:
        """Pass on as text what stands before the arguments, and go on from behind it."""
        pieces.append(TextDelta(self._before + self._held[:1], tokens=0))
        self._before, self._held, self._reads = "", self._held[1:], self._text
        return True


_NO_HEAD = re.compile(r"\s*(?:\[\s*[^\s{]|[^\s\[\w{]|[\w.-]+[^\w.\[-]|[\w.-]{65})")
"""What begins neither an object, nor a list of such, nor a function's name with its bracket."""


def _may_begin(body: str) -> bool:
    """Whether a JSON object that begins so may become a call."""
    inner = body[1:].lstrip()
    if not inner.startswith('"'):
        return not inner
    key, closed, _ = inner[1:].partition('"')
    return key in _KEYS if closed else any(known.startswith(key) for known in _KEYS)


def _whole(text: str) -> tuple[str, str] | None:
    """The name and the arguments of a call that is a whole JSON object, or `None`."""
    try:
        call = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        name = msgspec.json.decode(call.get("name", b""), type=str)
        arguments = bytes(call.get("arguments") or call.get("parameters") or b"").decode()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return (name, arguments) if arguments.startswith("{") else None


def _overlap(text: str, marker: str) -> int:
    """How much of the text's end is a beginning of the marker."""
    longest = min(len(marker) - 1, len(text))
    return next((n for n in range(longest, 0, -1) if text.endswith(marker[:n])), 0)


class _Value:
    """Finds where a JSON object ends, however it is cut."""

    def __init__(self) -> None:
        self._depth, self._quoted, self._escaped = 0, False, False

    def end(self, text: str) -> int | None:
        """The place behind the object's last brace, if that is in this text."""
        for at, letter in enumerate(text):
            if self._escaped:
                self._escaped = False
            elif self._quoted:
                self._quoted, self._escaped = letter != '"', letter == "\\"
            elif letter == '"':
                self._quoted = True
            elif letter in "{[":
                self._depth += 1
            elif letter in "}]":
                self._depth -= 1
                if self._depth == 0:
                    return at + 1
        return None
