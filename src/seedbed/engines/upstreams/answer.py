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
    Started,
    Stop,
    TextDelta,
    UsageNow,
    Wire,
)
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.base import Broken, Ended, Named, Over, Piece, Told
from seedbed.engines.upstreams.tally import Tally

_DELTAS = (TextDelta, ReasoningDelta, CallDelta)


class Answer:
    """An answer of a model. `safe` makes the upstream's words fit to be told, `named` is told which
    model answers, and may refuse it.
    """

    __slots__ = (
        "_calls",
        "_is_begun",
        "_met",
        "_model",
        "_named",
        "_safe",
        "_stop",
        "_told",
        "_wire",
        "is_over",
        "tally",
    )

    def __init__(
        self,
        model: str,
        tally: Tally,
        *,
        safe: Callable[[object], str],
        named: Callable[[str], None],
    ) -> None:
        self._model, self.tally, self._safe, self._named = model, tally, safe, named
        self._told: Usage | None = None
        self._calls = self._is_begun = self.is_over = False
        self._stop: Stop | None = None
        self._wire: Wire | None = None
        self._met: str | None = None
        """`is_over` says that nothing more comes."""

    def count(self) -> UsageNow:
        """What may have been used so far."""
        self._told = now = self.tally.ahead()
        return UsageNow(now)

    def take(self, pieces: Sequence[Piece]) -> list[Event]:
        """What pieces come to: the count, where it has changed, before the words that it counts.

        Before all else comes that it has begun, and what may have been used by then. So an upstream
        that gives up with its first word has begun nothing, and another can be asked.

        Raises:
            EngineFailed: the upstream gave up, never ends, or is of another model.
        """
        opening: list[Event] = [] if self._is_begun else [Started(self._model), self.count()]
        events: list[Event] = []
        for piece in pieces:
            if isinstance(piece, _DELTAS):
                self.tally.say(piece)
                events.append(piece)
                self._calls = self._calls or isinstance(piece, CallDelta)
            else:
                self._note(piece)
        self._is_begun = True
        ends = self.is_over and self._stop is not None  # which tells the count, and follows at once
        if self.tally.has_grown:
            self._check_end()
            if not ends and self.tally.ahead() != self._told:
                events.insert(0, self.count())
        return opening + events if opening else events

    def end(self) -> Finished:
        """The end, with the whole count. An answer that calls ends in a call, whatever is said.

        Raises:
            EngineFailed: the upstream never said why the answer ended.
        """
        stop = self._stop
        if stop is None:
            why = "its answer was cut off before the end"
            raise EngineFailed(self._model, why=why, begun=True)
        if self._calls and stop == Stop.END:
            stop = Stop.CALL
        return Finished(stop, self.tally.end, None, self._wire, self._met)

    def _check_end(self) -> None:
        if self.tally.is_endless:
            why = "its answer is longer than its window can hold"
            raise EngineFailed(self._model, why=why, begun=True)

    def _note(self, piece: Named | Told | Ended | Over | Broken) -> None:
        """Take what is not told as it is."""
        match piece:
            case Named():
                self._named(piece.model)
            case Told():
                self.tally.tell(piece)
            case Ended():
                self._stop, self._wire = self._stop or piece.stop, self._wire or piece.wire
                self._met = self._met or piece.met
            case Over():
                self.is_over = True
            case Broken():  # pragma: no branch - the last of the kinds
                said = self._safe(piece.said)
                why = f"its upstream gave up: {said}"
                raise EngineFailed(self._model, why=why, begun=self._is_begun)
