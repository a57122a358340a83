"""A worker: takes jobs that wait, runs them, and looks after the workers beside it.

Floor 4. It may die at any point. Whatever it has recorded stands, the rest is done again by
whoever adopts its jobs.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import anyio
import structlog

from seedbed.core.errors import SeedbedError, StoreUnusable, WorkerFenced
from seedbed.core.job import State
from seedbed.jobs.adopt import Adoption
from seedbed.jobs.job import Kind, Later
from seedbed.jobs.outcome import End, outcome
from seedbed.kit import ids, processes
from seedbed.kit.clock import Clock
from seedbed.store import workers
from seedbed.store.claims import Claims
from seedbed.store.schedules import Schedules
from seedbed.store.taking import Claim

log: structlog.stdlib.BoundLogger = structlog.get_logger()

BEAT_SECONDS = 2.0
_LOOK_SECONDS = 0.2
"""How often a worker looks for jobs that wait, and for those that somebody wants to end."""
_PAUSE_SECONDS = 0.02
"""How long a worker takes none after it looked, so that many that end then make room at once."""
_TIDY_SECONDS = 1.0
_AGAIN_SECONDS = 5.0
"""How long a job waits that the store has kept from going on."""


@dataclass(frozen=True, slots=True)
class Chore:
    """What a worker does for the house each `seconds`, beside its jobs; several may do it."""

    seconds: float
    work: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Books:
    """Where jobs and workers are kept."""

    claims: Claims
    workers: workers.Workers
    schedules: Schedules


class Worker:
    """Runs jobs of some kinds, `at_once` side by side."""

    def __init__(
        self,
        kinds: Sequence[Kind],
        books: Books,
        *,
        clock: Clock,
        chores: Sequence[Chore] = (),
        at_once: int = 16,
    ) -> None:
        self._chores = tuple(chores)
        self._kinds = {kind.name: kind for kind in kinds}
        self._books, self._clock, self._at_once = books, clock, at_once
        self._claims = books.claims
        self._running: dict[str, anyio.CancelScope] = {}
        self._of = Counter[str]()
        self._looking = anyio.Event()
        self._host = processes.this_host()
        self.id = ""

    async def run(self) -> None:
        """Work until cancelled. A worker that was taken for dead begins anew, as another."""
        while True:
            try:
                await self._live()
            except* WorkerFenced as fenced:
                log.warning("worker.fenced", worker=self.id, why=str(fenced.exceptions[0]))

    async def _live(self) -> None:
        self.id, now = ids.fresh("worker"), self._now()
        process = processes.this_process()
        kinds = tuple(self._kinds)
        me = workers.Worker(self.id, self._host, process, kinds, began=now, beat=now)
        await self._join(me)
        adoption = Adoption(self._books.workers, me=self.id, host=self._host, clock=self._clock)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._each, BEAT_SECONDS, self._beat)
                tasks.start_soon(self._each, _TIDY_SECONDS, self._tidy)
                tasks.start_soon(self._each, BEAT_SECONDS / 2, lambda: self._adopt(adoption))
                tasks.start_soon(self._each, _LOOK_SECONDS, self._look)
                for chore in self._chores:
                    tasks.start_soon(self._each, chore.seconds, chore.work)
                async with anyio.create_task_group() as jobs:
                    await self._each(_PAUSE_SECONDS, lambda: self._take(jobs))
        finally:
            with anyio.CancelScope(shield=True):
                await self._leave()

    async def _join(self, me: workers.Worker) -> None:
        """Be one of the workers, however long the store refuses."""
        while True:
            try:
                await self._books.workers.join(me)
            except StoreUnusable as error:
                log.error("worker.store", worker=self.id, why=error.reason)
                await self._clock.sleep(1.0)
            else:
                log.info("worker.joined", worker=self.id, kinds=list(me.kinds))
                return

    async def _each(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Do something again and again; that it cannot be done is told, and tried again."""
        while True:
            try:
                await work()
            except WorkerFenced:
                raise
            except SeedbedError as error:
                log.error("worker.chore", worker=self.id, code=error.code, why=error.what)
                await self._clock.sleep(1.0)
            await self._clock.sleep(seconds)

    async def _beat(self) -> None:
        await self._books.workers.beat(self.id, now=self._now())

    async def _tidy(self) -> None:
        await self._claims.tidy(now=self._now())
        await self._books.schedules.submit_due(now=self._now())

    async def _adopt(self, adoption: Adoption) -> None:
        for job in await adoption.look():
            log.warning("job.adopted", job=job, by=self.id)

    async def _look(self) -> None:
        self._looking.set()
        if self._running:
            for job in await self._claims.cancelling(self.id):
                if scope := self._running.get(job):
                    scope.cancel()

    async def _take(self, tasks: anyio.abc.TaskGroup) -> None:
        """Once it is time, or room was made, take jobs as long as some wait and there is room."""
        await self._looking.wait()
        self._looking = anyio.Event()
        limits = {name: kind.limits for name, kind in self._kinds.items()}
        while room := self._at_once - len(self._running):
            taken = await self._claims.take(self.id, limits, room=room, now=self._now())
            for claim in taken:
                self._running[claim.job.id] = anyio.CancelScope()
                self._of[claim.job.kind] += 1
                tasks.start_soon(self._run, claim)
            if not taken:
                return
            await anyio.lowlevel.checkpoint()

    def _is_full(self, kind: str) -> bool:
        """Whether jobs of that kind may wait for one that runs here to end."""
        limits = self._kinds[kind].limits
        most = min(limits.at_once, limits.of_one_key)
        return len(self._running) >= self._at_once or self._of[kind] >= most

    async def _run(self, claim: Claim) -> None:
        """Run one job to whichever end."""
        job, scope = claim.job, self._running[claim.job.id]
        log.info("job.begun", job=job.id, kind=job.kind, run=job.run, steps=len(claim.steps))
        try:
            await self._end(claim, await self._came_of(claim, scope))
        except WorkerFenced:
            log.warning("job.lost", job=job.id, worker=self.id)
        finally:
            if self._is_full(job.kind):
                self._looking.set()
            del self._running[job.id]
            self._of[job.kind] -= 1

    async def _came_of(self, claim: Claim, scope: anyio.CancelScope) -> End | Later:
        """How a job ended, or what keeps it from going on for now."""
        try:
            with scope:
                return await outcome(self._kinds[claim.job.kind], claim, self._claims, self._clock)
        except StoreUnusable as error:
            log.error("job.put_back", job=claim.job.id, why=error.reason)
            return Later(_AGAIN_SECONDS, error.what)
        except Later as later:
            return later
        return State.CANCELLED, None, None

    async def _end(self, claim: Claim, end: End | Later) -> None:
        """Record the end, however long the store refuses; or give the job back for a while."""
        while True:
            try:
                now = self._now()
                if isinstance(end, Later):
                    begins = now + round(end.seconds * 1e6)
                    await self._claims.put_back(claim, now=now, begins=begins, why=end.why)
                    return log.info("job.waits", job=claim.job.id, seconds=end.seconds, why=end.why)
                state, result, fault = end
                await self._claims.end(claim, state, now=now, result=result, fault=fault)
                return log.info("job.ended", job=claim.job.id, state=state.value)
            except StoreUnusable as error:
                log.error("job.unwritten", job=claim.job.id, why=error.reason)
                await self._clock.sleep(1.0)

    async def _leave(self) -> None:
        try:
            await self._books.workers.leave(self.id, now=self._now())
            log.info("worker.left", worker=self.id)
        except StoreUnusable as error:  # then it is found dead
            log.error("worker.store", worker=self.id, why=error.reason)

    def _now(self) -> int:
        return round(self._clock.wall() * 1e6)
