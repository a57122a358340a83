"""Who may enter a deployment now, who waits, and who is told at once that waiting is of no use.

Floor 4. A deployment has so many places, and a queue before them. Interactive asks go before those
of the default class, and these before batch work, which only fills gaps: it leaves one place free
for whoever comes next. But no class starves (`PATIENCE`), and no key does within its class.

What holds after each step: while a place is free, nobody waits who may take it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heapreplace

from seedbed.core.ask import Priority
from seedbed.core.errors import CapacityExceeded, DeadlineExceeded, SeedbedError
from seedbed.core.value import value
from seedbed.kit.clock import Clock
from seedbed.serving.fairness import Lines, Ticket

ONE_BY_ONE = 512
"""So many in line are given their places one by one in thought, to tell the next how long it waits;
with ten thousand that would take milliseconds of each ask."""
_BATCH = Priority.BATCH


@value
class Standing:
    """How many asks of one class run and wait; `tokens` is what those who wait bring."""

    priority: Priority
    running: int
    waiting: int
    tokens: int


@dataclass(slots=True, eq=False)
class Place:
    """Room for one answer, until it is given back; `until` is when that is expected."""

    ticket: Ticket
    until: float
    _given: Callable[["Place"], None]

    def give(self) -> None:
        """Give it back; a second time does nothing."""
        self._given(self)


class Queue:
    """The places of one deployment, and who waits for them; `waiting` is how many may at most."""

    def __init__(self, model: str, *, places: int, waiting: int, clock: Clock) -> None:
        self._model, self._clock = model, clock
        self._places, self._most_waiting = places, waiting
        self._kept = 1 if places > 1 else 0
        """Places that batch work leaves free."""
        self._spared = dict.fromkeys(Priority, 0) | {_BATCH: self._kept}
        self._running: set[Place] = set()
        self._batch = 0
        """How many of these are batch work."""
        self._lines = Lines()
        self._turns: dict[Ticket, asyncio.Future[Place]] = {}
        """Of all who wait, in the order in which they came."""

    @property
    def depth(self) -> int:
        """How many wait."""
        return len(self._turns)

    @property
    def standings(self) -> tuple[Standing, ...]:
        """Who runs and who waits, by class."""
        runs = Counter(place.ticket.priority for place in self._running)
        waiting = {priority: [*self._lines[priority]] for priority in Priority}
        return tuple(
            Standing(priority, runs[priority], len(line), sum(one.tokens for one in line))
            for priority, line in waiting.items()
        )

    def position(self, ticket: Ticket) -> int:
        """Its place among those who wait, 1 for the next; 0 where it does not wait."""
        return 1 + len(self._lines.before(ticket)) if ticket in self._turns else 0

    def expected_wait(self, priority: Priority, key: str = "") -> float:
        """Seconds until such an ask of that key would enter, by what is expected of the others.

        One that has taken longer than was expected is expected to take as long again. Behind more
        than `ONE_BY_ONE` it is told from their sum, which is off by the longest of them at most.
        """
        now, spared = self._clock.now(), self._spared[priority]
        slots = [0.0] * (self._places - len(self._running))
        if len(slots) > spared:
            return 0.0
        slots += sorted(abs(place.until - now) for place in self._running)
        slots = slots[spared:]  # sorted, and so a heap
        ahead = self._lines.ahead(priority, key)
        if len(ahead) > ONE_BY_ONE:
            return _spread(ahead, slots)
        for seconds in ahead:
            heapreplace(slots, slots[0] + seconds)
        return slots[0]

    def enter_now(self, ticket: Ticket) -> Place | None:
        """Enter, if a place is free for such an ask, and its deadline can be kept."""
        if self._places - len(self._running) <= self._spared[ticket.priority]:
            return None
        if ticket.deadline is not None and self._clock.now() + ticket.seconds > ticket.deadline:
            return None
        return self._let_in(ticket)

    async def enter(self, ticket: Ticket) -> Place:
        """Enter, once it is its turn. Whoever is cancelled meanwhile leaves no trace.

        Raises:
            CapacityExceeded: as many wait as may; or it gave way to an ask that goes before it.
            DeadlineExceeded: by what is expected, it would be answered too late.
        """
        if place := self.enter_now(ticket):
            return place
        turn = self._join(ticket)
        watch = None
        if ticket.deadline is not None:
            watch = asyncio.create_task(self._expire(ticket, ticket.deadline))
        try:
            return await turn
        except asyncio.CancelledError:
            self._drop(ticket)
            if not turn.cancelled() and turn.exception() is None:
                turn.result().give()  # its turn came in the same moment
            raise
        finally:
            if watch:
                watch.cancel()

    def _let_in(self, ticket: Ticket) -> Place:
        place = Place(ticket, self._clock.now() + ticket.seconds, self._take_back)
        self._running.add(place)
        if ticket.priority is _BATCH:
            self._batch += 1
        if self._turns:
            self._lines.passed_by(ticket.priority)
        return place

    def _take_back(self, place: Place) -> None:
        if place in self._running:
            self._running.remove(place)
            if place.ticket.priority is _BATCH:
                self._batch -= 1
            if self._turns:
                self._fill()

    def _fill(self) -> None:
        """Let in whoever may enter now."""
        while ticket := self._next():
            turn = self._turns[ticket]
            if turn.done():  # it was cancelled, and has not woken yet
                self._drop(ticket)
            else:
                self._lines[ticket.priority].take(ticket)
                del self._turns[ticket]
                turn.set_result(self._let_in(ticket))

    def _next(self) -> Ticket | None:
        free = self._places - len(self._running)
        if not free:
            return None
        fits = self._batch < self._places - self._kept
        return self._lines.next(gap=free > self._kept, fits=fits)

    def _join(self, ticket: Ticket) -> asyncio.Future[Place]:
        if ticket.deadline is not None:
            left, wait = ticket.deadline - self._clock.now(), self._expected(ticket)
            if wait + ticket.seconds > left:
                raise DeadlineExceeded(seconds=left, expected=wait + ticket.seconds)
        if len(self._turns) >= self._most_waiting:
            outranked = self._lines.outranked_by(ticket)
            if outranked is None:
                raise self._full(ticket)
            self._drop(outranked, self._full(outranked))
        self._lines[ticket.priority].add(ticket)
        turn = self._turns[ticket] = asyncio.get_running_loop().create_future()
        return turn

    async def _expire(self, ticket: Ticket, deadline: float) -> None:
        """Let it wait no longer than until its answer could just be given in time."""
        await self._clock.sleep(deadline - ticket.seconds - self._clock.now())
        expected = self._expected(ticket) + ticket.seconds
        self._drop(ticket, DeadlineExceeded(seconds=ticket.seconds, expected=expected))

    def _drop(self, ticket: Ticket, why: SeedbedError | None = None) -> None:
        """Let one wait no longer, and tell it why if it did not leave by itself."""
        turn = self._turns.pop(ticket, None)
        if turn is None:
            return
        self._lines[ticket.priority].remove(ticket)
        if why and not turn.done():
            turn.set_exception(why)

    def _full(self, ticket: Ticket) -> CapacityExceeded:
        return CapacityExceeded(
            self._model,
            places=self._places,
            waiting=len(self._turns),
            seconds=self._expected(ticket),
        )

    def _expected(self, ticket: Ticket) -> float:
        return self.expected_wait(ticket.priority, ticket.key)


def _spread(ahead: Sequence[float], slots: Sequence[float]) -> float:
    """When a place is free behind so many, with their seconds spread evenly over the places.

    `slots` are sorted, and hold in how many seconds each place is free. The work fills them to one
    level, as water would. Real ends lie apart by the length of an ask, and so the first of them
    half of that before the level.
    """
    work, filled, width = sum(ahead), slots[0], 1
    while width < len(slots) and work + filled > slots[width] * width:
        filled += slots[width]
        width += 1
    apart = work / len(ahead) * (width - 1) / width
    return max(slots[0], (work + filled) / width - apart / 2)
