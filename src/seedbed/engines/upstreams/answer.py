"""One answer of an upstream on its way: from its pieces to events, each counted before it is told.

Floor 3.
"""

from collections.abc import Callable, Sequence

from seedbed.core.errors import EngineFailed
from seedbed.core.event import (
    CallDelta,
    Event,
    Finished,
    ReasoningDelta,
    Stop,
    TextDelta,
    UsageNow,
    Wire,
)
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.base import Broken, Ended, Over, Piece, Told
from seedbed.engines.upstreams.tally import Tally

_DELTAS = (TextDelta, ReasoningDelta, CallDelta)


class Answer:
    """An answer of a model; `safe` makes the upstream's words fit to be told."""

    def __init__(self, model: str, tally: Tally, *, safe: Callable[[object], str]) -> None:
        self._model, self.tally, self._safe = model, tally, safe
        self._told = Usage()
        self._calls = False
        self._stop: Stop | None = None
        self._wire: Wire | None = None
        self.is_over = False

    def count(self) -> UsageNow:
        """What may have been used so far."""
        self._told = self.tally.now
        return UsageNow(self._told)

    def take(self, pieces: Sequence[Piece]) -> list[Event]:
        """What pieces come to: the count before the words that it counts.

        Raises:
            EngineFailed: the upstream gave up.
        """
        events: list[Event] = []
        grown = False
        for piece in pieces:
            if isinstance(piece, _DELTAS):
                grown = self.tally.say(piece) or grown
                self._calls = self._calls or isinstance(piece, CallDelta)
                events.append(piece)
            elif isinstance(piece, Broken):
                said = self._safe(piece.said)
                raise EngineFailed(self._model, why=f"its upstream gave up: {said}")
            else:
                grown = self._note(piece) or grown
        if grown and (now := self.tally.now) != self._told:
            self._told = now
            events.insert(0, UsageNow(now))
        return events

    def end(self) -> Sequence[Event]:
        """The whole count, and the end. An answer that calls ends in a call, whatever is said.

        Raises:
            EngineFailed: the upstream never said why the answer ended.
        """
        if self._stop is None:
            raise EngineFailed(self._model, why="its answer was cut off before the end")
        stop = Stop.CALL if self._calls and self._stop == Stop.END else self._stop
        if self.tally.is_told:  # and has been passed on
            return (Finished(stop, self._told, wire=self._wire),)
        usage = self.tally.end
        told = () if usage == self._told else (UsageNow(usage),)
        return *told, Finished(stop, usage, wire=self._wire)

    def _note(self, piece: Told | Ended | Over) -> bool:
        """Take what is no delta; returns whether it may have changed the count."""
        if isinstance(piece, Told):
            return self.tally.tell(piece)
        if isinstance(piece, Ended):
            self._stop, self._wire = self._stop or piece.stop, self._wire or piece.wire
        else:
            self.is_over = True
        return False
