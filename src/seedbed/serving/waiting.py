"""The line of asks whose deployments are not loaded, the most urgent first.

Floor 4.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import anyio

from seedbed.core.errors import EngineStarting
from seedbed.serving.resident import Resident

_UNKNOWN_SECONDS = 5.0
"""How long loading may take that was never timed."""


@dataclass(slots=True, eq=False)
class Waiting:
    """One ask in line. It is `called` when it is let in, or never can be."""

    resident: Resident
    rank: int
    number: int
    called: anyio.Event = field(default_factory=anyio.Event)
    is_in: bool = False


class Line:
    """Who waits, in the order in which they come in."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []

    def __iter__(self) -> Iterator[Waiting]:
        return iter(sorted(self._waiting, key=lambda each: (-each.rank, each.number)))

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def join(self, waiting: Waiting) -> None:
        """Stand in line."""
        self._waiting.append(waiting)

    def leave(self, waiting: Waiting) -> bool:
        """Stand there no longer; returns whether it did."""
        if waiting not in self._waiting:
            return False
        self._waiting.remove(waiting)
        return True

    def told(self, waiting: Waiting, busy: list[str]) -> EngineStarting:
        """The place of one that waits in vain while those models are in use, and when to try again:
        loading it and what is loaded before it takes as long as it took the last time.
        """
        line = list(self)
        place = line.index(waiting) + 1
        ahead = list(dict.fromkeys(each.resident for each in line[:place]))
        seconds = sum(each.engine.took or _UNKNOWN_SECONDS for each in ahead)
        state = f"it waits for memory as number {place} in line"
        if busy:
            state += f", while {' and '.join(map(repr, busy))} is in use"
        again = max(1, math.ceil(seconds))
        return EngineStarting(waiting.resident.model, state=state, retry_after=again)
