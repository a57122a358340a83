"""A deployment that shares memory with others, and who must leave when another is to come in.

Floor 4. Nothing waits here; `seedbed.serving.residency` does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from seedbed.core.ask import Priority
from seedbed.kit.memory import Gauge

ROUND = 16
"""Asks that a deployment may take, once it is loaded, before another of the same rank comes."""
PAUSE_SECONDS = 1.0
"""A deployment that has not had its turn stays for so long after its last ask: who asks one thing
after another comes back within it."""
RANKS = {Priority.BATCH: 0, Priority.DEFAULT: 1, Priority.INTERACTIVE: 2}
FIRST = 1 + max(RANKS.values())
"""The rank of what waits for nobody's turn."""
MAIN, GRAPHICS = "memory", "graphics memory"
"""The kinds of memory."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many bytes of one kind of memory all may hold together, and what measures that."""

    kind: str
    bytes: float
    gauge: Gauge


class Loadable(Protocol):
    """What can be loaded and unloaded."""

    @property
    def name(self) -> str:
        """Its name, which no other has."""
        ...

    @property
    def pid(self) -> int | None:
        """Its process, while it has one."""
        ...

    @property
    def state(self) -> str:
        """`ready`, or what it is doing instead."""
        ...

    @property
    def took(self) -> float | None:
        """Seconds that its last loading took, where that is known."""
        ...

    def load(self) -> None:
        """See that it is loaded, sooner or later."""
        ...

    async def unload(self) -> None:
        """Let answers finish, and unload it; who asks for it meanwhile has it loaded anew."""
        ...


@dataclass(slots=True, eq=False)
class Holding:
    """What a deployment holds of one kind of memory; `least` is what it takes for certain, in
    bytes.
    """

    least: int
    peak: int = 0
    """The most bytes that it was seen to hold."""
    is_measured: bool = False
    """Whether it was seen while it was ready, so that `peak` is all that is known of it."""

    @property
    def need(self) -> int:
        """The bytes that must be free for it."""
        return self.peak if self.is_measured else max(self.peak, self.least)


@dataclass(slots=True, eq=False)
class Resident:
    """One deployment, and what is known of it.

    `setup` says what it was measured as; a peak that was measured of another does not count.
    `holdings` are by the kind of memory.
    """

    engine: Loadable
    model: str
    setup: str
    holdings: Mapping[str, Holding]
    untold: set[str] = field(default_factory=set[str])
    """Kinds of memory of which nobody could tell what it holds."""
    is_hopeless: bool = False
    """Larger than a whole memory."""
    is_in: bool = False
    is_closing: bool = False
    """In memory, and takes no more asks, since another is to come in."""
    rank: int = 0
    """How soon the last ask was wanted."""
    users: int = 0
    taken: int = 0
    """Asks that it has taken since it came in."""
    idle_since: float = 0.0
    last: int = 0
    """The number of the last ask among those of all."""

    @property
    def needs(self) -> dict[str, int]:
        """The bytes of each kind of memory that must be free for it."""
        return {kind: holding.need for kind, holding in self.holdings.items()}

    def closes(self, rank: int, now: float) -> bool:
        """Whether it takes no more asks while one of that rank waits for its memory."""
        if rank > self.rank or (rank == self.rank and self.taken >= ROUND):
            return True
        return self.stays(now) <= 0

    def stays(self, now: float) -> float:
        """Seconds that it stays at most, if nobody asks."""
        return float("inf") if self.users else self.idle_since + PAUSE_SECONDS - now


def lacking(
    residents: Iterable[Resident], needs: Mapping[str, int], capacities: Iterable[Capacity]
) -> dict[str, float]:
    """By kind, the bytes that are missing for these needs beside those in memory; less than nothing
    where some are left.
    """
    there = [resident.needs for resident in residents if resident.is_in]
    return {
        one.kind: sum(each.get(one.kind, 0) for each in (needs, *there)) - one.bytes
        for one in capacities
    }


def leaving(
    residents: Iterable[Resident], *, needs: Mapping[str, int], capacities: Iterable[Capacity]
) -> list[Resident]:
    """Of those in memory, who has to go so that those needs are met, too.

    Those that nobody uses go first, then those of the lowest rank, then those least recently used;
    and nobody goes who could stay, or who holds nothing of what is lacking.
    """
    there = [resident for resident in residents if resident.is_in]
    lacks = lacking(there, needs, capacities)
    gone: list[Resident] = []
    for resident in sorted(there, key=lambda each: (each.users > 0, each.rank, each.last)):
        held = {kind: need for kind, need in resident.needs.items() if need}
        if any(lacks[kind] > 0 for kind in held):
            gone.append(resident)
            lacks |= {kind: lacks[kind] - need for kind, need in held.items()}
    for resident in tuple(gone):
        back = {kind: lacks[kind] + need for kind, need in resident.needs.items()}
        if max(back.values()) <= 0:
            gone.remove(resident)
            lacks |= back
    return gone
