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

    __slots__ = ("_calls", "_model", "_safe", "_stop", "_told", "_wire", "is_over", "tally")

    def __init__(self, model: str, tally: Tally, *, safe: Callable[[object], str]) -> None:
        self._model, self.tally, self._safe = model, tally, safe
        self._told: Usage | None = None
        self._calls = self.is_over = False
        self._stop: Stop | None = None
        self._wire: Wire | None = None
        """`is_over` says that nothing more comes."""

    def count(self) -> UsageNow:
        """What may have been used so far."""
        self._told = now = self.tally.ahead()
        return UsageNow(now)

    def take(self, pieces: Sequence[Piece]) -> list[Event]:
        """What pieces come to: the count, where it has changed, before the words that it counts.

        Raises:
            EngineFailed: the upstream gave up.
        """
        events: list[Event] = []
        for piece in pieces:
            if isinstance(piece, _DELTAS):
                self.tally.say(piece)
                events.append(piece)
                self._calls = self._calls or isinstance(piece, CallDelta)
            else:
                self._note(piece)
        ends = self.is_over and self._stop is not None  # which tells the count, and follows at once
        if self.tally.has_grown and not ends and self.tally.ahead() != self._told:
            events.insert(0, self.count())
        return events

    def end(self) -> Finished:
        """The end, with the whole count. An answer that calls ends in a call, whatever is said.

        Raises:
            EngineFailed: the upstream never said why the answer ended.
        """
        stop = self._stop
        if stop is None:
            raise EngineFailed(self._model, why="its answer was cut off before the end")
        if self._calls and stop == Stop.END:
            stop = Stop.CALL
        return Finished(stop, self.tally.end, None, self._wire)

    def _note(self, piece: Told | Ended | Over | Broken) -> None:
        """Take what is not told as it is."""
        match piece:
            case Told():
                self.tally.tell(piece)
            case Ended():
                self._stop, self._wire = self._stop or piece.stop, self._wire or piece.wire
            case Over():
                self.is_over = True
            case Broken():  # pragma: no branch - the last of the kinds
                said = self._safe(piece.said)
                raise EngineFailed(self._model, why=f"its upstream gave up: {said}")
