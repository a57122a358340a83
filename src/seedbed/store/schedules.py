"""Schedules: jobs that are submitted by the clock.

Floor 2. When a schedule is due next stands in its row, and is moved on in the transaction that
submits the job: of several workers one does, and a moment that was missed is made up for once.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from seedbed.core.errors import JobRefused
from seedbed.core.job import Draft, Job, Owner
from seedbed.store.database import Database, Row, execute
from seedbed.store.jobs import Jobs

_PUT = """
    INSERT INTO schedules (name, kind, input, "user", project, key, cron, due)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, input = excluded.input,
    "user" = excluded."user", project = excluded.project, key = excluded.key,
    cron = excluded.cron, due = excluded.due
"""
_ALL = "SELECT * FROM schedules ORDER BY name"
_DUE = "SELECT * FROM schedules WHERE due <= ? ORDER BY due, name"
_MOVE = "UPDATE schedules SET due = ? WHERE name = ?"
_REMOVE = "DELETE FROM schedules WHERE name = ?"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that is submitted at the moments of `cron`, in UTC; `due` is the next of them."""

    name: str
    kind: str
    input: Mapping[str, object]
    owner: Owner
    cron: str
    due: int


class Schedules:
    """The schedules of a house. `following` gives the moment of a cron line after another."""

    def __init__(
        self, database: Database, jobs: Jobs, *, following: Callable[[str, int], int]
    ) -> None:
        self._database, self._jobs, self._following = database, jobs, following

    def put_now(self, schedule: Schedule) -> None:
        """Set a schedule; one of the same name is replaced."""
        self._database.write_now(lambda c: _put(c, schedule))

    def remove_now(self, name: str) -> None:
        """Take a schedule away.

        Raises:
            JobRefused: there is none of that name.
        """
        if self._database.write_now(lambda c: execute(c, _REMOVE, (name,)).rowcount) != 1:
            raise JobRefused(
                f"There is no schedule {name!r}.",
                hint="`seedbed jobs schedules` lists those that there are.",
            )

    def all_now(self) -> list[Schedule]:
        """Every schedule, by name."""
        return self._database.read_now(lambda c: [_of(row) for row in execute(c, _ALL).fetchall()])

    async def submit_due(self, *, now: int) -> list[Job]:
        """Submit what is due. What was due more than once meanwhile is submitted once."""
        if not await self._database.read(lambda c: execute(c, _DUE, (now,)).fetchone()):
            return []
        return await self._database.write(lambda c: self._submit_due(c, now))

    def _submit_due(self, connection: Connection, now: int) -> list[Job]:
        submitted: list[Job] = []
        for row in execute(connection, _DUE, (now,)).fetchall():
            schedule = _of(row)
            once = f"schedule:{schedule.name}:{schedule.due}"
            draft = Draft(schedule.kind, schedule.input, schedule.owner, once=once[:200])
            submitted.append(self._jobs.submit_in(connection, draft, now))
            execute(connection, _MOVE, (self._following(schedule.cron, now), schedule.name))
        return submitted


def _put(connection: Connection, schedule: Schedule) -> None:
    owner, said = schedule.owner, json.dumps(schedule.input, ensure_ascii=False)
    execute(
        connection,
        _PUT,
        (
            *(schedule.name, schedule.kind, said, owner.user, owner.project, owner.key),
            *(schedule.cron, schedule.due),
        ),
    )


def _of(row: Row) -> Schedule:
    owner = Owner(row["user"], row["project"], row["key"])
    said = json.loads(row["input"])
    return Schedule(row["name"], row["kind"], said, owner, row["cron"], row["due"])
