"""From the events of an answer to the items that it is made of, as they open, grow and close.

Floor 6. Without words: whoever writes a dialect of Responses tells these moves in its own. Thoughts
and messages follow each other, as the model wrote them; calls stay open to the end, since an engine
may write several side by side.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from seedbed.core.event import (
    CallDelta,
    Event,
    Finished,
    Found,
    Likely,
    ReasoningDelta,
    Stop,
    TextDelta,
    ToolPhase,
    ToolRan,
    ToolsListed,
)

Kind: TypeAlias = Literal["thought", "message", "call", "listed", "ran", "asked", "searched"]


@dataclass(slots=True, eq=False)
class Item:
    """An item as far as it has come; `at` is its place. `call` and `name` are a call's. What the
    house did itself is `done`: tools that it listed, a call that it ran, or asked for. A message
    may rest on what was `found` before it.
    """

    at: int
    kind: Kind
    call: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list[str])
    likely: list[Likely] = field(default_factory=list[Likely])
    seal: bytes | None = None
    is_whole: bool = False
    done: ToolsListed | ToolRan | None = None
    found: tuple[Found, ...] = ()

    @property
    def text(self) -> str:
        """Its words; a call's arguments."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Opened:
    """An item begins."""

    item: Item


@dataclass(frozen=True, slots=True)
class Grown:
    """An item has some more words."""

    item: Item
    text: str
    likely: tuple[Likely, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """An item ends; it is whole unless the answer was cut off in it."""

    item: Item


Move: TypeAlias = Opened | Grown | Closed


class Walk:
    """The items of one answer; `items` are all that have been opened."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._open: Item | None = None
        self._calls: dict[int, Item] = {}
        self._ran: dict[int, Item] = {}
        self._found: tuple[Found, ...] = ()

    def take(self, event: Event) -> list[Move]:
        """What moves because of one event. After a failure nothing closes."""
        if type(event) is TextDelta:
            text, likely = event.text, event.likely
            return self._say("message", text, likely) if text or likely else []
        if type(event) is ReasoningDelta:
            return self._think(event.text, event.seal)
        if type(event) is CallDelta:
            return self._call(event)
        if type(event) is ToolsListed:
            return self._at_once("listed", event)
        if type(event) is ToolRan:
            return self._run(event)
        return self._end(event.stop) if type(event) is Finished else []

    def _say(
        self, kind: Literal["thought", "message"], text: str, likely: tuple[Likely, ...] = ()
    ) -> list[Move]:
        item, moves = self._open, list[Move]()
        if item is None or item.kind != kind:
            moves = self._close()
            item = self._open = self._new(kind)
            moves.append(Opened(item))
        if text or likely:
            moves.append(_grow(item, text, likely))
        return moves

    def _think(self, text: str, seal: bytes | None) -> list[Move]:
        if not text and seal is None:
            return []
        moves = self._say("thought", text)
        if seal is not None:
            self.items[-1].seal = seal
            moves += self._close()
        return moves

    def _call(self, delta: CallDelta) -> list[Move]:
        moves = self._close()
        item = self._calls.get(delta.ordinal)
        if item is None:
            item = self._calls[delta.ordinal] = self._new("call", delta.id, delta.name)
            moves.append(Opened(item))
        if delta.arguments:
            moves.append(_grow(item, delta.arguments))
        return moves

    def _at_once(self, kind: Kind, done: ToolsListed | ToolRan) -> list[Move]:
        """An item that is whole as it begins."""
        moves = self._close()
        item = self._new(kind)
        item.done, item.is_whole = done, True
        return [*moves, Opened(item), Closed(item)]

    def _run(self, event: ToolRan) -> list[Move]:
        if event.phase is ToolPhase.ASKED:
            return self._at_once("asked", event)
        if event.phase is ToolPhase.BEGUN:
            moves = self._close()
            item = self._ran[event.ordinal] = self._new("ran" if event.server else "searched")
            item.done = event
            written = [_grow(item, event.arguments)] if event.server else []
            return [*moves, Opened(item), *written]
        item = self._ran[event.ordinal]
        item.done, item.is_whole = event, True
        self._found += event.found
        return [Closed(item)]

    def _end(self, stop: Stop) -> list[Move]:
        moves: list[Move] = []
        if not self.items:
            self._open = self._new("message")
            moves.append(Opened(self._open))
        cut = self.items[-1] if stop is Stop.LENGTH else None
        moves += self._close(cut)
        for item in self._calls.values():
            item.is_whole = item is not cut
            moves.append(Closed(item))
        return moves

    def _close(self, cut: Item | None = None) -> list[Move]:
        item, self._open = self._open, None
        if item is None:
            return []
        item.is_whole = item is not cut
        return [Closed(item)]

    def _new(self, kind: Kind, call: str = "", name: str = "") -> Item:
        self.items.append(Item(len(self.items), kind, call, name, found=self._found))
        return self.items[-1]


def _grow(item: Item, text: str, likely: tuple[Likely, ...] = ()) -> Grown:
    item.pieces.append(text)
    item.likely += likely
    return Grown(item, text, likely)
