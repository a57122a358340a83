"""What a worker does with jobs: takes them, records their steps, ends them.

Floor 2. A worker's hold on a job is a `Claim`: its id and the number of the run. Whatever is
written for a claim is written only while the job is still that worker's in that run; a worker that
was taken for dead in the meantime is refused (`WorkerFenced`).
"""

import json
from collections.abc import Mapping

from sqlalchemy import Connection

from seedbed.core.errors import WorkerFenced
from seedbed.core.job import Fault, Progress, State, Step
from seedbed.store import holds
from seedbed.store.database import Database, execute
from seedbed.store.ending import finish, plain
from seedbed.store.grouping import Grouping
from seedbed.store.taking import Claim, Limits, take

_MOST_COUNTED = 2**63 - 1

_MINE = "SELECT 1 FROM jobs WHERE id = ? AND worker = ? AND run = ? AND state = 'running'"
_PUT_STEP = """
    INSERT INTO steps (job, number, name, result, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (job, number) DO NOTHING
"""
_LIVELY = "UPDATE jobs SET deaths = 0 WHERE id = ? AND deaths > 0"
_TELL = "UPDATE jobs SET done = ?, total = ?, note = ?, seq = seq + 1 WHERE id = ?"
_PUT_BACK = """
    UPDATE jobs SET state = 'queued', begins = ?, note = ?, token = NULL, worker = NULL,
    seq = seq + 1 WHERE id = ?
"""
_IS_CANCELLING = "SELECT cancelling FROM jobs WHERE id = ?"
_CANCELLING = "SELECT id FROM jobs WHERE worker = ? AND state = 'running' AND cancelling = 1"
_EXPIRED = "SELECT id FROM jobs WHERE state = 'queued' AND expires <= ? AND run = 0"
_ORPHANS = """
    SELECT jobs.id, earlier.id AS earlier, earlier.state AS how FROM jobs
    JOIN job_links ON job_links.job = jobs.id JOIN jobs AS earlier ON earlier.id = job_links.after
    WHERE jobs.state = 'queued' AND earlier.state IN ('failed', 'cancelled', 'expired')
"""
_ORPHANS_OF = _ORPHANS + " AND earlier.id = ?"


class Claims:
    """The jobs of a house, for its workers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._grouping = Grouping(database)

    async def take(
        self, worker: str, kinds: Mapping[str, Limits], *, room: int, now: int
    ) -> list[Claim]:
        """Take as many jobs as there is room for, the most urgent first, within the limits.

        A job whose owner's budgets cannot hold what it may cost fails, or waits while others have
        promised what is left.
        """
        return await self._database.write(lambda c: take(c, worker, kinds, room, now))

    async def step(self, claim: Claim, step: Step) -> None:
        """Record a step, and what the job has spent until then.

        Raises:
            WorkerFenced: the job is not this worker's any more.
        """
        await self._grouping.write(lambda c: _step(c, claim, step))

    async def tell(self, claim: Claim, progress: Progress) -> None:
        """Record how far a job is.

        Raises:
            WorkerFenced: the job is not this worker's any more.
        """
        await self._grouping.write(lambda c: _tell(c, claim, progress))

    async def end(
        self, claim: Claim, state: State, *, now: int, result: object, fault: Fault | None = None
    ) -> None:
        """End a job.

        Raises:
            WorkerFenced: the job is not this worker's any more.
        """
        await self._grouping.write(lambda c: _end(c, claim, state, now, (result, fault)))

    async def put_back(self, claim: Claim, *, now: int, begins: int, why: str = "") -> None:
        """Give a job back unfinished, to be begun again not before then, unless it is to end.

        Raises:
            WorkerFenced: the job is not this worker's any more.
        """
        await self._grouping.write(lambda c: _put_back(c, claim, now, begins, why))

    async def cancelling(self, worker: str) -> list[str]:
        """Those of a worker's jobs that somebody wants to end."""
        return await self._database.read(
            lambda c: [row["id"] for row in execute(c, _CANCELLING, (worker,))]
        )

    async def tidy(self, *, now: int) -> None:
        """End the jobs that are of no use any more, or wait for one that did not succeed."""
        await self._database.write(lambda c: _tidy(c, now))


def _step(connection: Connection, claim: Claim, step: Step) -> None:
    _check(connection, claim)
    said = json.dumps(step.result, ensure_ascii=False)
    execute(connection, _PUT_STEP, (claim.job.id, step.number, step.name, said, step.at))
    execute(connection, _LIVELY, (claim.job.id,))  # its workers do not die of what it has done
    holds.settle(connection, claim.job.id, is_over=False)


def _tell(connection: Connection, claim: Claim, progress: Progress) -> None:
    _check(connection, claim)
    total = None if progress.total is None else min(progress.total, _MOST_COUNTED)
    values = min(progress.done, _MOST_COUNTED), total, plain(progress.note)[:200], claim.job.id
    execute(connection, _TELL, values)


def _end(
    connection: Connection, claim: Claim, state: State, now: int, end: tuple[object, Fault | None]
) -> None:
    _check(connection, claim)
    finish(connection, claim.job.id, state, now, end)


def _put_back(connection: Connection, claim: Claim, now: int, begins: int, why: str) -> None:
    _check(connection, claim)
    if execute(connection, _IS_CANCELLING, (claim.job.id,)).fetchone()["cancelling"]:
        finish(connection, claim.job.id, State.CANCELLED, now, (None, None))
    else:
        execute(connection, _PUT_BACK, (begins, plain(why)[:200], claim.job.id))


def _check(connection: Connection, claim: Claim) -> None:
    """See that the job is still this worker's, in this run.

    Raises:
        WorkerFenced: it is not.
    """
    values = claim.job.id, claim.worker, claim.job.run
    if execute(connection, _MINE, values).fetchone() is None:
        raise WorkerFenced(claim.worker)


def _tidy(connection: Connection, now: int) -> None:
    for row in execute(connection, _EXPIRED, (now,)).fetchall():
        finish(connection, row["id"], State.EXPIRED, now, (None, None))
    orphans = execute(connection, _ORPHANS).fetchall()
    while orphans:
        row = orphans.pop()
        what = f"It was to follow {row['earlier']}, which is {row['how']}."
        fault = Fault("job_refused", what, "Resume that one first, and then this.")
        finish(connection, row["id"], State.FAILED, now, (None, fault))
        orphans += execute(connection, _ORPHANS_OF, (row["id"],)).fetchall()
    holds.settle_late(connection, now)
