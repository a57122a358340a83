"""Jobs as those see them who only look: what has changed, how many wait, who runs what.

Floor 2.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from seedbed.core.job import Job
from seedbed.store.database import Database, execute
from seedbed.store.jobs import find

_SEQS = "SELECT id, seq FROM jobs WHERE id IN ({marks})"
_WAITING = "SELECT count(*) AS number FROM jobs WHERE state = 'queued'"
_RUNNING = "SELECT worker, id FROM jobs WHERE state = 'running' ORDER BY began, id"
_MOST = 1_000
"""How many jobs are looked at in one statement."""


class Overview:
    """Looks at the jobs of a house, and writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def changed(self, seen: Mapping[str, int]) -> list[Job]:
        """Of these jobs those that have changed since, each of which was last seen at that `seq`.

        Raises:
            StoreUnusable: the store refused.
        """
        return await self._database.read(lambda c: _changed(c, seen))

    def changed_now(self, seen: Mapping[str, int]) -> list[Job]:
        """`changed` for programs that do not wait, such as commands."""
        return self._database.read_now(lambda c: _changed(c, seen))

    def waiting_now(self) -> int:
        """How many jobs wait to be begun."""
        return self._database.read_now(lambda c: execute(c, _WAITING).fetchone()["number"])

    def running_now(self) -> Mapping[str, Sequence[str]]:
        """The jobs that each worker runs, by the worker's id."""
        return self._database.read_now(_running)


def _changed(connection: Connection, seen: Mapping[str, int]) -> list[Job]:
    wanted, changed = list(seen), list[str]()
    for first in range(0, len(wanted), _MOST):
        some = wanted[first : first + _MOST]
        sql = _SEQS.format(marks=", ".join("?" * len(some)))
        rows = execute(connection, sql, some).fetchall()
        changed += [row["id"] for row in rows if row["seq"] != seen[row["id"]]]
    return [find(connection, id_) for id_ in changed]


def _running(connection: Connection) -> Mapping[str, Sequence[str]]:
    jobs: defaultdict[str, list[str]] = defaultdict(list)
    for row in execute(connection, _RUNNING).fetchall():
        jobs[row["worker"]].append(row["id"])
    return jobs
