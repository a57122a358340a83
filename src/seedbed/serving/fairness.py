"""Who of those that wait goes next: by class, and fairly between the keys of one class.

Floor 4. Within a class it is start-time fair queueing. Each key has a clock of its own, which each
of its asks that enters puts forward by the seconds that it is expected to take; the key whose clock
is furthest behind goes next. The line's clock is that of whoever entered last, and a key that comes
to wait starts there at the earliest: it gets nothing for the time in which it asked for nothing.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

from seedbed.core.ask import Priority

PATIENCE = 16
"""Once so many asks of higher classes have entered since a class had a turn, it has one."""


@dataclass(slots=True, eq=False)
class Ticket:
    """What is known of an ask that wants a place. It waits in one line at a time.

    `key` is on whose behalf it is made; `seconds` how long it is expected to hold its place;
    `deadline` the moment, of the clock that never goes back, by which it must be answered;
    `tokens` how many it brings to be read.
    """

    key: str
    priority: Priority = Priority.DEFAULT
    seconds: float = 0.0
    deadline: float | None = None
    tokens: int = 0


class Line:
    """The asks of one class that wait. Those of one key go in the order in which they came."""

    def __init__(self) -> None:
        self.passed = 0
        """How many of higher classes have entered since one of this line did, or it was empty."""
        self._waiting: dict[str, dict[Ticket, tuple[float, int]]] = {}
        """By key, each with its turn: its key's clock by then, and a number that grows."""
        self._clocks: dict[str, float] = {}
        self._clock = 0.0
        self._count = 0
        self._turns: list[tuple[float, int]] = []
        self._seconds: list[float] = []
        """Of all, sorted by their turns."""
        self._is_sorted = True
        """Until one leaves before others of its key, whose turns then are others."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __iter__(self) -> Iterator[Ticket]:
        """All, in the order in which they enter if nobody comes or leaves."""
        turns: list[tuple[float, int, Ticket]] = []
        for key, tickets in self._waiting.items():
            clock = self._clocks[key]
            for ticket, (_, number) in tickets.items():
                turns.append((clock, number, ticket))
                clock += ticket.seconds
        return (ticket for _, _, ticket in sorted(turns))  # no two have the same number

    def add(self, ticket: Ticket) -> None:
        """Let one more wait."""
        if not self._waiting:
            self.passed = 0
        clock = self._comes_at(ticket.key)
        if ticket.key not in self._waiting:
            self._waiting[ticket.key] = {}
            self._clocks[ticket.key] = clock
        self._count += 1
        turn = self._waiting[ticket.key][ticket] = clock, self._count
        if self._is_sorted:
            at = bisect_left(self._turns, turn)
            self._turns.insert(at, turn)
            self._seconds.insert(at, ticket.seconds)

    def remove(self, ticket: Ticket) -> None:
        """Let one leave, and the line is as if it had never come."""
        if next(reversed(self._waiting[ticket.key])) is not ticket:
            self._is_sorted = False
        self._leave(ticket)

    def next(self) -> Ticket:
        """Whose turn it is, in a line that is not empty."""
        heads = ((key, *next(iter(of.items()))) for key, of in self._waiting.items())
        return min(heads, key=lambda head: (self._clocks[head[0]], head[2][1]))[1]

    def take(self, ticket: Ticket) -> None:
        """Let the one enter whose turn it is, and charge its key."""
        self.passed = 0
        self._clock = self._clocks[ticket.key]
        self._clocks[ticket.key] += ticket.seconds
        self._leave(ticket)

    def ahead(self, key: str) -> list[float]:
        """The seconds of those who would enter before an ask of that key that came now."""
        self._sort()
        return self._seconds[: bisect_left(self._turns, (self._comes_at(key), self._count + 1))]

    def seconds(self) -> Sequence[float]:
        """Those of all, in the order in which they enter if nobody comes or leaves."""
        self._sort()
        return self._seconds

    def newest(self) -> Ticket:
        """The one that came last, in a line that is not empty."""
        lasts = (next(reversed(of.items())) for of in self._waiting.values())
        return max(lasts, key=lambda last: last[1][1])[0]

    def counts(self) -> Counter[str]:
        """How many of each key wait."""
        return Counter({key: len(tickets) for key, tickets in self._waiting.items()})

    def newest_of(self, key: str) -> Ticket | None:
        """The one of that key that came last, if any waits."""
        return next(reversed(self._waiting.get(key, {})), None)

    def _comes_at(self, key: str) -> float:
        """What the clock of a key will be behind all of its asks that wait."""
        if tickets := self._waiting.get(key):
            last, (clock, _) = next(reversed(tickets.items()))
            return clock + last.seconds
        return max(self._clock, self._clocks.get(key, 0.0))

    def _leave(self, ticket: Ticket) -> None:
        tickets = self._waiting[ticket.key]
        turn = tickets.pop(ticket)
        if self._is_sorted:
            at = bisect_left(self._turns, turn)
            del self._turns[at], self._seconds[at]
        if not tickets:
            del self._waiting[ticket.key]
        if not self._waiting:
            self._clocks.clear()

    def _sort(self) -> None:
        """Give all their turns anew, where one has left before others of its key."""
        if self._is_sorted:
            return
        ordered: list[tuple[tuple[float, int], float]] = []
        for key, tickets in self._waiting.items():
            clock = self._clocks[key]
            for ticket, (_, number) in tickets.items():
                tickets[ticket] = turn = clock, number
                ordered.append((turn, ticket.seconds))
                clock += ticket.seconds
        ordered.sort()
        self._turns = [turn for turn, _ in ordered]
        self._seconds = [seconds for _, seconds in ordered]
        self._is_sorted = True


class Lines:
    """A line for each class, higher ones first."""

    def __init__(self) -> None:
        self._lines = {priority: Line() for priority in Priority}
        lines = list(self._lines.values())
        self._below = {priority: lines[n:] for n, priority in enumerate(Priority, start=1)}

    def __getitem__(self, priority: Priority) -> Line:
        return self._lines[priority]

    def passed_by(self, priority: Priority) -> None:
        """One of that class enters: those below have waited for it."""
        for line in self._below[priority]:
            line.passed += 1

    def next(self, *, gap: bool, fits: bool) -> Ticket | None:
        """Whose turn it is, when a place is free.

        Batch work needs a `gap`; when its patience is at an end, it needs only to fit.
        """
        for priority, line in self._lines.items():
            if line and line.passed >= PATIENCE and (fits or priority is not Priority.BATCH):
                return line.next()
        for priority, line in self._lines.items():
            if line and (gap or priority is not Priority.BATCH):
                return line.next()
        return None

    def before(self, ticket: Ticket) -> list[Ticket]:
        """Those who enter before one that waits, in their order, as far as patience lasts."""
        all_ = chain.from_iterable(self._lines.values())
        return list(takewhile(lambda one: one is not ticket, all_))

    def ahead(self, priority: Priority, key: str) -> list[float]:
        """The seconds of those who would enter before such an ask that came now, in their order,
        as far as patience lasts.
        """
        found: list[float] = []
        for one, line in self._lines.items():
            if one is priority:
                break
            found += line.seconds()
        return found + self._lines[priority].ahead(key)

    def outranked_by(self, ticket: Ticket) -> Ticket | None:
        """Who must leave for one that comes when no more may wait.

        The newest batch ask, for one of a higher class; else the newest ask, of the lowest class,
        of a key that has more than its part: of batch work, or of all others together. Last, one
        of the same key and a lower class.
        """
        *others, batch = self._lines.values()
        if ticket.priority is Priority.BATCH:
            return _newest_of_most(ticket.key, [batch])
        if batch:
            return batch.newest()
        below = (line.newest_of(ticket.key) for line in reversed(self._below[ticket.priority]))
        return _newest_of_most(ticket.key, others) or next(filter(None, below), None)


def _newest_of_most(key: str, lines: Sequence[Line]) -> Ticket | None:
    """The newest ask, in the lowest of those lines, of the key that has the most in them, if it has
    two more than `key` has.
    """
    counts = sum((line.counts() for line in lines), Counter[str]())
    most = max(counts, key=counts.__getitem__, default=key)
    if counts[most] < counts[key] + 2:
        return None
    return next(filter(None, (line.newest_of(most) for line in reversed(lines))), None)
