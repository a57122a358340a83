"""A limit, with waiting in the order of coming.

Floor 1.
"""

import asyncio
import math
from collections import deque


class Places:
    """So many may be in at once; `None` is no limit."""

    def __init__(self, count: int | None) -> None:
        self.free: float = math.inf if count is None else count
        """Places that nobody has."""
        self.waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> None:
        """Take a place, in turn."""
        if self.free > 0:
            self.free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self.waiting:
                self.waiting.remove(turn)
            elif not turn.cancelled():
                self.leave()  # it was given a place in the moment that it left
            raise

    def leave(self) -> None:
        """Give the place to whoever waits longest."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.free += 1
