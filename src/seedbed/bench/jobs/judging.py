"""What kills have done to jobs: the witness's notes, the recorded steps and the books, compared.

Floor 5. Nothing may be lost, and no effect and no cost may be there twice.
"""

from dataclasses import dataclass
from typing import cast

import anyio

from seedbed.bench.jobs.proving import COST, Proof, now
from seedbed.bench.jobs.witness import Seen
from seedbed.bench.jobs.working import CURRENCY
from seedbed.core.job import Job, State
from seedbed.core.money import Amount
from seedbed.store.budgets import Budgets
from seedbed.store.claims import Claims
from seedbed.store.database import Database
from seedbed.store.jobs import Filter
from seedbed.store.ledger import UNRECONCILED, Ledger

STEPS = 3
"""Steps of a job."""
MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Kills:
    """How many workers and servers were killed; `given_up` counts the jobs that too many workers
    died of, and that were resumed.
    """

    workers: int
    servers: int
    given_up: int


@dataclass(frozen=True, slots=True)
class Killing:
    """What kills have done, and what of it is wrong.

    `why` tells of each job that was lost. `repeated_cost` and `unpaid` are in micros: what the
    entries sum up to beyond, or below, one ask for each step. `unsettled` is what the key's budget
    and its jobs do not agree on.
    """

    kills: Kills
    jobs: int
    steps: int
    seen: Seen
    lost: int
    repeated_cost: int
    unpaid: int
    unsettled: int
    written_off: Amount
    why: tuple[str, ...] = ()


def judged(proof: Proof, kills: Kills, before: int) -> Killing:
    """Compare what is recorded, noted and paid. `before` was written off before it began."""
    database, key = proof.database, proof.key
    anyio.run(_settle, database)
    jobs = proof.jobs.newest_now(Filter(project=key.principal.project), last=MANY)
    recorded = {f"{job.id}.{at}": run for job in jobs for at, run in _steps(proof, job)}
    lost = [job for job in jobs if not _is_whole(job, recorded)]
    surplus = _spent(database, key.id) - len(recorded) * COST
    return Killing(
        kills=kills,
        jobs=len(jobs),
        steps=len(recorded),
        seen=proof.judge(recorded),
        lost=len(lost),
        repeated_cost=max(0, surplus),
        unpaid=max(0, -surplus),
        unsettled=abs(_settled(database, key.id) - sum(job.spent.micros for job in jobs)),
        written_off=Amount(written_off(database) - before, CURRENCY),
        why=tuple(f"{job.id} {job.state}: {job.fault and job.fault.what}" for job in lost),
    )


def _steps(proof: Proof, job: Job) -> list[tuple[int, int]]:
    """The recorded steps of a job, each with the run that did it."""
    return [
        (step.number, cast("dict[str, int]", step.result)["run"])
        for step in proof.jobs.steps_now(job.id)
    ]


def _is_whole(job: Job, recorded: dict[str, int]) -> bool:
    keys = [f"{job.id}.{number}" for number in range(STEPS)]
    return job.state is State.SUCCEEDED and all(key in recorded for key in keys)


async def _settle(database: Database) -> None:
    """Write off what the killed servers held, and count it for their jobs."""
    ledger = Ledger(database)
    await ledger.reconcile(await ledger.open_leases(), now=now())
    await Claims(database).tidy(now=now())


def _spent(database: Database, key: str) -> int:
    """What the entries of a key sum up to."""
    with Ledger(database).snapshot() as snapshot:
        return sum(one.spent.micros for one in snapshot.entries() if one.principal.key == key)


def written_off(database: Database) -> int:
    """Micros of all write-offs."""
    with Ledger(database).snapshot() as snapshot:
        rest = (one for one in snapshot.entries() if one.stop == UNRECONCILED)
        return sum(one.spent.micros for one in rest)


def _settled(database: Database, key: str) -> int:
    every = Budgets(database).all_with_use(now())
    return sum(settled for budget, settled, _ in every if budget.subject == key)
