"""Whose answers are made in the next step: batch work fills the gaps that the others leave.

Floor 3. It knows neither the library nor the callers, and counts steps instead of time.

While anybody else's prompt is read, batch answers are parked: what they read and made is in the
cache, so that going on costs a step of one token. For a while after others came, batch answers take
half of the places and read their prompts in pieces, one at a time: then the step that the next
arrival finds under way is a short one.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

_A_WHILE = 512
"""Steps; with batch work always at hand, about half a minute."""


class Work(Protocol):
    """An answer, as far as its turn goes."""

    @property
    def rank(self) -> int:
        """The lower goes first."""
        ...

    @property
    def is_batch(self) -> bool:
        """Whether it only fills gaps."""
        ...

    @property
    def reads(self) -> bool:
        """Whether its prompt has yet to be read."""
        ...

    @property
    def can_park(self) -> bool:
        """Whether it may stop now and go on later with the same words."""
        ...


AnyWork = TypeVar("AnyWork", bound=Work)


class Schedule(Generic[AnyWork]):
    """Gives `places` to answers. `start` is told whether a piece of the prompt is to be read."""

    def __init__(
        self,
        *,
        places: int,
        start: Callable[[AnyWork, bool], None],
        stop: Callable[[AnyWork], None],
    ) -> None:
        self._places, self._start, self._stop = places, start, stop
        self._waiting: list[AnyWork] = []
        self._running: list[AnyWork] = []
        self._quiet = _A_WHILE
        """Steps since the last of the others began."""
        self.parks = 0
        """How often an answer was parked."""

    def add(self, work: AnyWork) -> None:
        """Let it wait for its first turn, or after a piece for its next."""
        self._waiting.append(work)

    def again(self, work: AnyWork) -> None:
        """Let one that runs stop and wait for its next turn, before those that have had none."""
        self._running.remove(work)
        self._stop(work)
        self._waiting.insert(0, work)

    def drop(self, work: AnyWork) -> None:
        """Forget it: it has ended, or nobody waits for it."""
        for works in (self._waiting, self._running):
            if work in works:
                works.remove(work)

    def turn(self) -> None:
        """Before each step: start, park and resume."""
        self._quiet += 1
        self._start_others()
        if any(work.reads and not work.is_batch for work in self._running):
            for work in [work for work in self._running if work.is_batch]:
                self._park(work)
        else:
            self._fill()

    def _start_others(self) -> None:
        waiting = [work for work in self._waiting if not work.is_batch]
        for work in sorted(waiting, key=lambda work: work.rank):
            if len(self._running) >= self._places and not self._make_room():
                return
            self._begin(work, piece=False)
            self._quiet = 0

    def _make_room(self) -> bool:
        """Park one batch answer, if there is one that can be."""
        return any(self._park(work) for work in reversed(self._running) if work.is_batch)

    def _park(self, work: AnyWork) -> bool:
        if work.can_park:
            self.again(work)
            self.parks += 1
        return work.can_park

    def _fill(self) -> None:
        """Give the places that are left to batch answers."""
        short = self._quiet < _A_WHILE
        batch = [work for work in self._running if work.is_batch]
        room = self._places - len(self._running)
        if short:
            room = min(room, max(self._places // 2, 1) - len(batch))
        reads = any(work.reads for work in batch)
        for work in [work for work in self._waiting if work.is_batch]:
            if room <= 0:
                return
            if short and work.reads:
                if reads:
                    continue
                reads = True
            self._begin(work, piece=short and work.reads)
            room -= 1

    def _begin(self, work: AnyWork, *, piece: bool) -> None:
        self._waiting.remove(work)
        self._running.append(work)
        self._start(work, piece)
