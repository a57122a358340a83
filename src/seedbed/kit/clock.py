"""Time as a parameter: the system's, and a fake one that tests turn by hand.

Floor 1.
"""

import heapq
import time
from datetime import UTC, date, datetime
from typing import Protocol

import anyio


class Clock(Protocol):
    """What tells the time and waits."""

    def now(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def wall(self) -> float:
        """Seconds since 1970, as the calendar has it; may jump."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


def today(clock: Clock) -> date:
    """The day, in UTC."""
    return datetime.fromtimestamp(clock.wall(), tz=UTC).date()


class SystemClock:
    """The machine's own time, without a step in between: every request asks for it ten times."""

    now = staticmethod(time.monotonic)
    """Seconds of the monotonic clock."""
    wall = staticmethod(time.time)
    """Seconds since 1970."""

    async def sleep(self, seconds: float) -> None:
        """Wait for real."""
        await anyio.sleep(seconds)


_TURNS = 25


class FakeClock:
    """Time that stands still until `advance` is called; then everyone due wakes, in order."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start
        self._sleepers: list[tuple[float, int, anyio.Event]] = []
        self._count = 0

    def now(self) -> float:
        """The fake time."""
        return self._now

    def wall(self) -> float:
        """The fake time; both clocks are one."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the time has been advanced so far."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        woken = anyio.Event()
        self._count += 1
        heapq.heappush(self._sleepers, (self._now + seconds, self._count, woken))
        await woken.wait()

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking each sleeper at its moment and letting all tasks settle."""
        end = self._now + seconds
        await _settled()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, woken = heapq.heappop(self._sleepers)
            self._now = due
            woken.set()
            await _settled()
        self._now = end


async def _settled() -> None:
    """Let every task run until it waits; the turns come first, as anyio looks each 0.1 s only."""
    for _ in range(_TURNS):
        await anyio.lowlevel.checkpoint()
    await anyio.wait_all_tasks_blocked()
