"""Time that passes only when something happens in it.

Floor 5. Whoever waits for a moment is called at it. What takes no time, such as a place that passes
from one ask to the next, may take some turns of the event loop: then time stands still for them.
"""

import asyncio
import heapq
from collections.abc import Callable

_TURNS = 6
"""More than anything needs that happens in one moment: a task is begun, is woken, and wakes two
others one after the other."""


class VirtualClock:
    """A clock for one simulation, whose moments are those of what is due."""

    def __init__(self) -> None:
        self._now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._is_stirred = False

    def now(self) -> float:
        """The moment, in seconds."""
        return self._now

    def wall(self) -> float:
        """The same moment; both clocks are one."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)
                self.stir()

        self.call_at(self._now + seconds, wake)
        await woken

    def call_at(self, moment: float, what: Callable[[], None]) -> None:
        """Have something done at a moment; at one that is past, now."""
        self._count += 1
        heapq.heappush(self._due, (max(moment, self._now), self._count, what))

    def stir(self) -> None:
        """Let tasks run before time goes on."""
        self._is_stirred = True

    async def run(self) -> None:
        """Let time pass until nothing is due any more."""
        while self._due:
            self._now, _, what = heapq.heappop(self._due)
            what()
            if self._is_stirred:
                self._is_stirred = False
                for _ in range(_TURNS):
                    await asyncio.sleep(0)
