"""The places of a server, and which prompt each of them holds.

Floor 3. The server itself would choose by likeness alone, whoever had asked what is there; so each
request names its place. What a place holds is known by the links of its prompt: the server compares
tokens, so that to be wrong here costs time and never an answer.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from seedbed.core.prefix import Link

_LIKE = 4
"""A place is taken for what it holds if that is at least one part in so many of the prompt."""


@dataclass(slots=True)
class Slot:
    """One place. `owner` is whose prompt it holds, `None` where nobody knows or it is empty."""

    id: int
    owner: str | None = None
    ends: set[bytes] = field(default_factory=set[bytes])
    used: int = 0
    is_free: bool = True

    def held(self, owner: str, links: Sequence[Link]) -> int:
        """Bytes of that owner's prompt that it holds."""
        if owner != self.owner:
            return 0
        return next((link.end for link in reversed(links) if link.digest in self.ends), 0)

    def hold(self, owner: str, links: Sequence[Link]) -> None:
        """From now on it holds that prompt."""
        self.owner, self.ends = owner, {link.digest for link in links}

    def clear(self) -> None:
        """What it holds is nobody's."""
        self.owner, self.ends = None, set()


class Slots:
    """All places of a server."""

    def __init__(self, places: int) -> None:
        self._slots = [Slot(number) for number in range(places)]
        self._turns = anyio.Semaphore(places)
        self._uses = 0

    @asynccontextmanager
    async def taken(self, owner: str, links: Sequence[Link]) -> AsyncGenerator[Slot]:
        """A place for one answer; whoever comes first is first to have one."""
        async with self._turns:
            slot = self._choose(owner, links)
            slot.is_free, self._uses = False, self._uses + 1
            slot.used = self._uses
            try:
                yield slot
            finally:
                slot.is_free = True

    def clear(self) -> None:
        """The server began anew, and holds nothing."""
        for slot in self._slots:
            slot.clear()

    def _choose(self, owner: str, links: Sequence[Link]) -> Slot:
        """The one that holds most of the prompt; else the one that was used longest ago."""
        free = [slot for slot in self._slots if slot.is_free]
        best = max(free, key=lambda slot: (slot.held(owner, links), -slot.used))
        if links and best.held(owner, links) * _LIKE >= links[-1].end:
            return best
        return min(free, key=lambda slot: (slot.owner is not None, slot.used))
