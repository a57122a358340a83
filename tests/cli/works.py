"""Jobs of a home, as its workers would leave them."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from seedbed.core.access import Scope
from seedbed.core.job import Draft, Fault, Job, Owner, Progress, State, Step
from seedbed.kit import ids, processes
from seedbed.kit.clock import SystemClock
from seedbed.store.claims import Claims
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.keys import Keys
from seedbed.store.taking import Claim, Limits
from seedbed.store.workers import Worker, Workers


def now() -> int:
    return round(SystemClock().wall() * 1e6)


@dataclass
class Works:
    """The books of a home, and one worker that a test moves by hand."""

    database: Database
    owner: Owner
    worker: str = ""

    def submit(self, kind: str = "work", **facts: Any) -> Job:
        jobs = Jobs(self.database, currency="USD")
        draft = Draft(kind, facts.pop("input", {}), self.owner, **facts)
        return jobs.submit_now(draft, now=now())

    def find(self, job: Job) -> Job:
        return Jobs(self.database, currency="USD").find_now(job.id)

    def join(self, host: str | None = None, kinds: tuple[str, ...] = ("work",)) -> str:
        """Have a worker of this process live."""
        here = host or processes.this_host()
        worker = Worker(ids.fresh("worker"), here, processes.this_process(), kinds, now(), now())
        anyio.run(Workers(self.database).join, worker)
        self.worker = worker.id
        return worker.id

    def take(self) -> Claim:
        """Have the worker take the job that is next."""

        async def take() -> list[Claim]:
            kinds = {"work": Limits(at_once=99, of_one_key=99)}
            return await Claims(self.database).take(self.worker, kinds, room=1, now=now())

        (claim,) = anyio.run(take)
        return claim

    def step(self, claim: Claim, number: int, of: int) -> None:
        """Have a step done."""

        async def step() -> None:
            claims = Claims(self.database)
            await claims.step(claim, Step(number, f"line {number + 1}", {"n": number}, now()))
            await claims.tell(claim, Progress(number + 1, of, "half way"))

        anyio.run(step)

    def end(
        self, claim: Claim, state: State, result: object = None, fault: Fault | None = None
    ) -> None:
        """Have a job end."""

        async def end() -> None:
            claims = Claims(self.database)
            await claims.end(claim, state, now=now(), result=result, fault=fault)

        anyio.run(end)


@contextmanager
def works_of(home: Path) -> Generator[Works]:
    """The books of a home, with a key that is kept in its file."""
    database = open_database(home / "seedbed.db")
    key, secret = Keys(database).create(
        "ada", user="ada", project="web", scopes=frozenset({Scope.MODELS}), now=now()
    )
    (home / "admin.key").write_text(f"{secret}\n")
    who = key.principal
    yield Works(database, Owner(who.user, who.project, who.key))
    database.close()
