"""One machine for many models: which are loaded, who waits for which, and who must go.

Floor 4. What a deployment holds of each kind of memory is measured, not guessed: its peaks are
remembered, and one that was never measured counts as its files until it is. Where not all fit, who
wants one that is not loaded stands in one line, the most urgent first; others are unloaded for the
head of that line once their answers are finished. Two that cannot be loaded together take turns:
each takes the asks that have gathered, and some more, before the other comes.
`seedbed.serving.resident` has the rules.
"""

import math
from collections.abc import Mapping, Sequence

import anyio
import structlog

from seedbed.core.ask import Priority
from seedbed.core.errors import EngineStarting, MemoryExceeded
from seedbed.kit.clock import Clock
from seedbed.serving.measuring import Measuring
from seedbed.serving.peaks import Peaks
from seedbed.serving.resident import (
    FIRST,
    RANKS,
    Capacity,
    Holding,
    Loadable,
    Resident,
    lacking,
    leaving,
)
from seedbed.serving.waiting import Line, Waiting

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Use:
    """One ask's right to have its deployment stay loaded, until it ends."""

    __slots__ = ("_residency", "_resident")

    def __init__(self, residency: "Residency", resident: Resident | None) -> None:
        self._residency, self._resident = residency, resident

    def end(self) -> None:
        """It is over; a second call does nothing."""
        if self._resident is not None:
            self._residency.leave(self._resident)
            self._resident = None


class Residency:
    """Decides what is loaded within capacities, each of another kind of memory."""

    def __init__(self, *capacities: Capacity, clock: Clock, peaks: Peaks | None = None) -> None:
        self._capacities = capacities
        self._clock = clock
        self._measuring = Measuring(capacities, peaks or Peaks(), clock)
        self._residents: dict[str, Resident] = {}
        self._line = Line()
        self._asks = 0
        self._changed = anyio.Event()

    @property
    def capacities(self) -> Sequence[Capacity]:
        """How much of each kind of memory all may hold together."""
        return self._capacities

    @property
    def residents(self) -> Sequence[Resident]:
        """All that share its memory, for those who look."""
        return tuple(self._residents.values())

    def add(self, engine: Loadable, *, model: str, setup: str, least: Mapping[str, int]) -> None:
        """Let a deployment share the memory. It is loaded by `run`, if it fits, or when it is
        asked.

        `setup` tells apart what it was measured as (engine, window, places); `least` is by kinds of
        memory the bytes of its files that lie there.
        """
        kinds = [one.kind for one in self._capacities if one.kind in least]
        holdings = {kind: Holding(least[kind]) for kind in kinds}
        resident = self._residents[engine.name] = Resident(engine, model, setup, holdings)
        self._measuring.recall(resident)

    async def admit(self, name: str, *, priority: Priority, within: float) -> Use:
        """Wait until the deployment may be loaded, and keep it so until the use is ended.

        One that was not added shares no memory and waits for nothing.

        Raises:
            EngineStarting: its turn does not come within that many seconds; it says its place.
            MemoryExceeded: it was measured, or its files are, larger than a whole memory.
        """
        resident = self._residents.get(name)
        if resident is None:
            return Use(self, None)
        rank = RANKS[priority]
        if resident.is_in and not resident.is_closing:
            if self._line:  # its turn may be over by now
                self._notify()
            self._let(resident, rank)
            return Use(self, resident)
        waiting = Waiting(resident, rank, self._number())
        self._line.join(waiting)
        self._notify()
        try:
            with anyio.move_on_after(within):
                await waiting.called.wait()
            if waiting.is_in:
                return Use(self, resident)
            raise self._told(waiting)
        except anyio.get_cancelled_exc_class():
            if waiting.is_in:
                self.leave(resident)
            raise
        finally:
            if self._line.leave(waiting):
                self._notify()

    def leave(self, resident: Resident) -> None:
        """One ask less uses it."""
        resident.users -= 1
        if not resident.users:
            resident.idle_since = self._clock.now()
            self._notify()

    async def run(self) -> None:
        """Load what fits, in the order in which it was added; then load, unload and measure as it
        is needed, until cancelled.
        """
        self._warn()
        for resident in self.residents:
            lacks = lacking(self.residents, resident.needs, self._capacities)
            if max(lacks.values()) <= 0:
                self._bring(resident)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._keep)
            tasks.start_soon(self._measuring.run, self.residents, self._see)

    async def _keep(self) -> None:
        while True:
            changed, head = self._changed, self._head()
            now = self._clock.now()  # the same for all that follows: whoever stays has time left
            out = self._closed(head, now)
            self._open()
            if (head or out) and all(each.is_closing and not each.users for each in out):
                await self._swap(out, head.resident if head else None)
                continue
            delay = min((each.stays(now) for each in out if not each.is_closing), default=math.inf)
            async with anyio.create_task_group() as tasks:
                if delay < math.inf:
                    tasks.start_soon(self._wake, delay)
                await changed.wait()
                tasks.cancel_scope.cancel()

    def _head(self) -> Waiting | None:
        """Who is to come in next. Those who never can are told so."""
        for waiting in self._line:
            if self._exceeded(waiting.resident):
                waiting.called.set()
            elif not waiting.resident.is_in:
                return waiting
        return None

    def _closed(self, head: Waiting | None, now: float) -> list[Resident]:
        """Who has to go for the head of the line, or because more is held than may be; those whose
        turn is over take no more asks.
        """
        needs, rank = (head.resident.needs, head.rank) if head else ({}, FIRST)
        out = leaving(self.residents, needs=needs, capacities=self._capacities)
        for resident in self.residents:
            resident.is_closing = resident in out and resident.closes(rank, now)
        return out

    def _open(self) -> None:
        """Let in who waits for what is in memory, and not about to go."""
        for waiting in self._line:
            if waiting.resident.is_in and not waiting.resident.is_closing:
                self._line.leave(waiting)
                self._let(waiting.resident, waiting.rank)
                waiting.is_in = True
                waiting.called.set()

    async def _swap(self, out: Sequence[Resident], comer: Resident | None) -> None:
        async with anyio.create_task_group() as tasks:
            for resident in out:
                log.info("residency.unloads", name=resident.engine.name, needs=resident.needs)
                tasks.start_soon(resident.engine.unload)
        for resident in out:
            resident.is_in = resident.is_closing = False
        if comer is not None:
            self._bring(comer)

    def _bring(self, resident: Resident) -> None:
        """Load it, and let in all who wait for it before anybody looks who is next."""
        log.info("residency.loads", name=resident.engine.name, needs=resident.needs)
        resident.is_in, resident.taken = True, 0
        resident.idle_since = self._clock.now()
        resident.engine.load()
        self._open()

    def _let(self, resident: Resident, rank: int) -> None:
        resident.users += 1
        resident.taken += 1
        resident.rank, resident.last = rank, self._number()

    def _told(self, waiting: Waiting) -> EngineStarting | MemoryExceeded:
        """Why it could not come in, and when to try again."""
        if exceeded := self._exceeded(waiting.resident):
            return exceeded
        busy = [each.model for each in self.residents if each.is_in and each.users]
        return self._line.told(waiting, busy)

    def _exceeded(self, resident: Resident) -> MemoryExceeded | None:
        """Why it can never be loaded, if it cannot."""
        needs = resident.needs
        for one in self._capacities:
            if needs.get(one.kind, 0) > one.bytes:
                return MemoryExceeded(
                    resident.model, needs=needs[one.kind], may=int(one.bytes), kind=one.kind
                )
        return None

    def _see(self) -> None:
        """Take notice of what was measured."""
        self._warn()
        self._notify()

    def _warn(self) -> None:
        """Say once of each that can never be loaded why that is."""
        for resident in self.residents:
            exceeded = self._exceeded(resident)
            if exceeded and not resident.is_hopeless:
                resident.is_hopeless = True
                log.warning("residency.never_fits", name=resident.engine.name, why=exceeded.what)

    async def _wake(self, delay: float) -> None:
        await self._clock.sleep(delay)
        self._notify()

    def _number(self) -> int:
        self._asks += 1
        return self._asks

    def _notify(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()
