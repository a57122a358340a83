"""A house for jobs: a database with a key, and workers that can be begun and ended."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import anyio

from seedbed.core.access import Scope
from seedbed.core.job import Draft, Job, Owner, State
from seedbed.jobs.job import Kind
from seedbed.jobs.schedule import following
from seedbed.jobs.worker import Books, Chore, Worker
from seedbed.kit.clock import SystemClock
from seedbed.store.claims import Claims
from seedbed.store.database import Database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Key, Keys
from seedbed.store.schedules import Schedules
from seedbed.store.tokens import Tokens
from seedbed.store.workers import Workers

LONG_SECONDS = 60
"""After so long a test has hung."""


@dataclass
class JobHouse:
    """What the tests of jobs work with."""

    database: Database
    key: Key
    jobs: Jobs
    claims: Claims
    tokens: Tokens
    workers: Workers
    schedules: Schedules

    def draft(self, kind: str = "work", **facts: object) -> Draft:
        who = self.key.principal
        draft = Draft(kind, {}, Owner(who.user, who.project, who.key))
        return replace(draft, **facts)  # type: ignore[arg-type]  # a test names what it wants

    async def submit(self, kind: str = "work", **facts: object) -> Job:
        return await self.jobs.submit(self.draft(kind, **facts), now=now())

    async def ended(self, job: Job) -> Job:
        """The job once it has ended."""
        with anyio.fail_after(LONG_SECONDS):
            while not (found := await self.jobs.find(job.id)).state.is_end:
                await anyio.sleep(0.01)
        return found

    async def until(self, job: Job, wanted: Callable[[Job], bool]) -> Job:
        """The job once it is as wanted."""
        with anyio.fail_after(LONG_SECONDS):
            while not wanted(found := await self.jobs.find(job.id)):
                await anyio.sleep(0.01)
        return found

    @asynccontextmanager
    async def worker(
        self, *kinds: Kind, at_once: int = 16, chores: Sequence[Chore] = ()
    ) -> AsyncGenerator[Worker]:
        """A worker that runs while the block lasts."""
        books = Books(self.claims, self.workers, self.schedules)
        worker = Worker(kinds, books, clock=SystemClock(), at_once=at_once, chores=chores)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run)
            yield worker
            tasks.cancel_scope.cancel()


def now() -> int:
    return round(SystemClock().wall() * 1e6)


def job_house(database: Database, *, name: str = "ada") -> JobHouse:
    key, _ = Keys(database).create(
        name, user=name, project="web", scopes=frozenset({Scope.MODELS}), now=now()
    )
    jobs = Jobs(database, currency="USD")
    schedules = Schedules(database, jobs, following=following)
    return JobHouse(
        database, key, jobs, Claims(database), Tokens(database), Workers(database), schedules
    )


def works(run: Callable[..., Awaitable[object]], name: str = "work", **rules: object) -> Kind:
    return Kind(name, run, **rules)  # type: ignore[arg-type]  # a test names what it wants


def states(jobs: Sequence[Job]) -> list[State]:
    return [job.state for job in jobs]
