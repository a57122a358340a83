"""The workers of a house: they join, beat and leave, and those that fall silent are fenced.

Floor 2. To fence is one transaction: the worker may do nothing any more, and its jobs go back to
the queue, to be taken by whoever comes. Of several who try, one succeeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from seedbed.core.errors import JobFatal, WorkerFenced
from seedbed.core.job import State
from seedbed.store.database import Database, execute
from seedbed.store.ending import fault_of, finish

MOST_DEATHS = 5
"""How many workers may die in a step of a job, one after the other, until it is taken to be the
reason."""

_JOIN = """
    INSERT INTO workers (id, host, process, kinds, began, beat, state)
    VALUES (?, ?, ?, ?, ?, ?, 'living')
"""
_BEAT = "UPDATE workers SET beat = ? WHERE id = ? AND state = 'living'"
_LEAVE = "UPDATE workers SET state = 'left' WHERE id = ? AND state = 'living'"
_LIVING = "SELECT * FROM workers WHERE state = 'living' ORDER BY began, id"
_FENCE = "UPDATE workers SET state = 'fenced' WHERE id = ? AND beat = ? AND state = 'living'"
_THEIRS = "SELECT id, deaths, cancelling FROM jobs WHERE worker = ? AND state = 'running'"
_FREE = """
    UPDATE jobs SET state = 'queued', worker = NULL, token = NULL, deaths = deaths + ?,
    seq = seq + 1 WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker as it last told of itself. `process` names it on its `host`: number and start."""

    id: str
    host: str
    process: str
    kinds: tuple[str, ...]
    began: int
    beat: int


class Workers:
    """Who is there to run jobs. Moments are in epoch microseconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def join(self, worker: Worker) -> None:
        """Be one of them."""
        await self._database.write(lambda c: _join(c, worker))

    async def beat(self, worker: str, *, now: int) -> None:
        """Give a sign of life.

        Raises:
            WorkerFenced: it was taken for dead.
        """
        if not await self._database.write(lambda c: _touch(c, _BEAT, (now, worker))):
            raise WorkerFenced(worker)

    async def leave(self, worker: str, *, now: int) -> None:
        """End in good order; jobs that it has not ended go back to the queue."""
        await self._database.write(lambda c: _leave(c, worker, now))

    async def living(self) -> list[Worker]:
        """Those that have neither left nor been fenced."""
        return await self._database.read(_living)

    def living_now(self) -> list[Worker]:
        """`living` for programs that do not wait, such as commands."""
        return self._database.read_now(_living)

    async def fence(self, silent: Mapping[str, int], *, now: int) -> list[str]:
        """Fence the workers that have not beaten since then; the jobs that are free by that."""
        return await self._database.write(
            lambda c: [
                job for worker, beat in silent.items() for job in _fence(c, worker, beat, now)
            ]
        )


def _join(connection: Connection, worker: Worker) -> None:
    kinds = " ".join(worker.kinds)
    values = worker.id, worker.host, worker.process, kinds, worker.began, worker.beat
    execute(connection, _JOIN, values)


def _leave(connection: Connection, worker: str, now: int) -> None:
    if _touch(connection, _LEAVE, (worker,)):
        _free(connection, worker, now, deaths=0)


def _living(connection: Connection) -> list[Worker]:
    return [
        Worker(
            row["id"],
            row["host"],
            row["process"],
            tuple(row["kinds"].split()),
            row["began"],
            row["beat"],
        )
        for row in execute(connection, _LIVING).fetchall()
    ]


def _fence(connection: Connection, worker: str, beat: int, now: int) -> list[str]:
    if not _touch(connection, _FENCE, (worker, beat)):
        return []
    return _free(connection, worker, now, deaths=1)


def _free(connection: Connection, worker: str, now: int, *, deaths: int) -> list[str]:
    """Give a worker's jobs back; one that nobody survives, or nobody wants, ends here."""
    free: list[str] = []
    for row in execute(connection, _THEIRS, (worker,)).fetchall():
        job = row["id"]
        if row["cancelling"]:
            finish(connection, job, State.CANCELLED, now, (None, None))
        elif row["deaths"] + deaths >= MOST_DEATHS:
            fatal = fault_of(JobFatal(job, deaths=MOST_DEATHS))
            finish(connection, job, State.FAILED, now, (None, fatal))
        else:
            execute(connection, _FREE, (deaths, job))
            free.append(job)
    return free


def _touch(connection: Connection, sql: str, values: Sequence[object]) -> bool:
    return execute(connection, sql, values).rowcount == 1
