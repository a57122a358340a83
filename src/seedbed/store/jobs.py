"""Jobs as rows: submitted, found, cancelled, taken up again.

Floor 2. What a worker does with them is `seedbed.store.claims`. A job is a row from the moment that
`submit` returns; nothing else is needed for it to be run, by whichever worker comes.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil
from typing import Any

from sqlalchemy import Connection

from seedbed.core.errors import JobRefused, JobUnknown, QueueFull
from seedbed.core.job import Callback, Draft, Fault, Job, Owner, Progress, State, Step
from seedbed.core.money import Amount
from seedbed.kit import ids
from seedbed.kit.as_json import NotJson, as_json
from seedbed.store import holds
from seedbed.store.database import Database, Row, execute
from seedbed.store.ending import finish

LONGEST_INPUT = 1 << 20
"""Characters of a job's input; what is longer goes into an artifact."""

JOB = """
    SELECT jobs.*, coalesce(windows.spent, 0) AS spent
    FROM jobs LEFT JOIN windows
    ON windows.budget = 'budget_' || substr(jobs.id, 5) AND windows.begins = 0
"""
_INSERT = """
    INSERT INTO jobs (id, kind, input, "user", project, key, state, seq, priority, created, begins,
    expires, micros, cap, currency, once, callback, done, note, run, deaths, cancelling)
    VALUES (?, ?, ?, ?, ?, ?, 'queued', 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', 0, 0, 0)
"""
_ONCE = "SELECT id FROM jobs WHERE key = ? AND once = ?"
_WAITING = "SELECT count(*) AS number FROM jobs WHERE key = ? AND kind = ? AND state = 'queued'"
_LINK = "INSERT INTO job_links (job, after) VALUES (?, ?)"
_AFTER = "SELECT after FROM job_links WHERE job = ? ORDER BY after"
_STEPS = "SELECT number, name, result, at FROM steps WHERE job = ? ORDER BY number"
_BEHIND = """
    SELECT number, name, result, at FROM steps WHERE job = ? AND number > ? ORDER BY number LIMIT ?
"""
_STEPS_AT_ONCE = 4
"""Steps that are read together: one may have given pictures, of megabytes each."""
_CANCEL_RUNNING = """
    UPDATE jobs SET cancelling = 1, seq = seq + 1
    WHERE id = ? AND state = 'running' AND cancelling = 0
"""
_RESUME = """
    UPDATE jobs SET state = 'queued', seq = seq + 1, cap = ?, began = NULL, ended = NULL,
    deaths = 0, expires = NULL, cancelling = 0, result = NULL, fault = NULL, worker = NULL,
    token = NULL
    WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs are wanted; what is `None` does not matter."""

    project: str | None = None
    state: State | None = None
    kind: str | None = None


class Jobs:
    """The jobs of a house; one whose draft does not say may spend `cap`."""

    def __init__(self, database: Database, *, currency: str, cap: Amount | None = None) -> None:
        self._database = database
        self._currency, self._cap = currency, cap

    async def submit(self, draft: Draft, *, now: int) -> Job:
        """Put a job down to be run; what was submitted under the same `once` comes back instead.

        Raises:
            JobRefused: its input is too long or is not what JSON can hold, it waits for a job that
                is not there, or its cap is in another currency.
            StoreUnusable: it could not be written.
        """
        return await self._database.write(lambda c: self.submit_in(c, draft, now))

    async def submit_within(self, draft: Draft, *, now: int, most: int) -> Job:
        """`submit` for who may have so many jobs of a kind wait at most, and must be able to pay.

        Raises:
            QueueFull: so many of its key's wait.
            BudgetSpent: a budget of its owner's has less left than it may spend.
            JobRefused, StoreUnusable: as for `submit`.
        """
        return await self._database.write(lambda c: self._submit_within(c, draft, now, most))

    def submit_now(self, draft: Draft, *, now: int) -> Job:
        """`submit` for programs that do not wait, such as commands."""
        return self._database.write_now(lambda c: self.submit_in(c, draft, now))

    def submit_in(self, connection: Connection, draft: Draft, now: int) -> Job:
        """`submit` within a transaction that does more."""
        if known := _submitted(connection, draft):
            return known
        for before in draft.after:
            find(connection, before, draft.owner.project)
        id_ = ids.fresh("job")
        execute(connection, _INSERT, (id_, *self._values(draft, now)))
        for before in dict.fromkeys(draft.after):
            execute(connection, _LINK, (id_, before))
        return find(connection, id_)

    def _submit_within(self, connection: Connection, draft: Draft, now: int, most: int) -> Job:
        if known := _submitted(connection, draft):
            return known
        job = self.submit_in(connection, draft, now)
        values = draft.owner.key, draft.kind
        if execute(connection, _WAITING, values).fetchone()["number"] > most:
            raise QueueFull(draft.kind, most=most)
        if (refusal := holds.unpayable(connection, job, now)) is not None:
            raise refusal
        return job

    async def find(self, job: str, *, project: str | None = None) -> Job:
        """A job as it stands; only one of that project, where one is named.

        Raises:
            JobUnknown: there is none.
        """
        return await self._database.read(lambda c: find(c, job, project))

    def find_now(self, job: str, *, project: str | None = None) -> Job:
        """`find` for programs that do not wait, such as commands."""
        return self._database.read_now(lambda c: find(c, job, project))

    async def newest(self, wanted: Filter, *, last: int) -> list[Job]:
        """The newest jobs, newest first."""
        return await self._database.read(lambda c: _newest(c, wanted, last))

    def newest_now(self, wanted: Filter, *, last: int) -> list[Job]:
        """`newest` for programs that do not wait, such as commands."""
        return self._database.read_now(lambda c: _newest(c, wanted, last))

    async def steps(self, job: str) -> list[Step]:
        """The steps of a job that are done, in the order of their numbers."""
        return await self._database.read(lambda c: steps(c, job))

    async def each_step(self, job: str) -> AsyncGenerator[Step]:
        """The same one by one, of which `_STEPS_AT_ONCE` are held."""
        last = -1
        while found := await self._database.read(partial(_steps_behind, job=job, number=last)):
            for step in found:
                yield step
            last = found[-1].number

    def steps_now(self, job: str) -> list[Step]:
        """`steps` for programs that do not wait, such as commands."""
        return self._database.read_now(lambda c: steps(c, job))

    async def cancel(self, job: str, *, now: int, project: str | None = None) -> Job:
        """Have a job end: at once where it waits, within a moment where it runs.

        Raises:
            JobUnknown: there is none.
            JobRefused: it has ended already.
        """
        return await self._database.write(lambda c: _cancel(c, job, project, now))

    def cancel_now(self, job: str, *, now: int) -> Job:
        """`cancel` for programs that do not wait, such as commands."""
        return self._database.write_now(lambda c: _cancel(c, job, None, now))

    async def resume(
        self, job: str, *, cap: Amount | None = None, project: str | None = None
    ) -> Job:
        """Have a job that ended without success go on from its last step; `cap` replaces its own.

        Raises:
            JobUnknown: there is none.
            JobRefused: it has not ended, or has succeeded.
        """
        return await self._database.write(lambda c: self._resume(c, job, cap, project))

    def resume_now(self, job: str, *, cap: Amount | None = None) -> Job:
        """`resume` for programs that do not wait, such as commands."""
        return self._database.write_now(lambda c: self._resume(c, job, cap, None))

    async def retry(
        self, job: str, *, now: int, by: Owner | None = None, project: str | None = None
    ) -> Job:
        """Submit a job that has ended again, to be run from its start; it is another job, and that
        of the key `by` where one is named.

        Raises:
            JobUnknown: there is none.
            JobRefused: it has not ended.
        """
        return await self._database.write(lambda c: self._retry(c, job, project, now, by))

    def retry_now(self, job: str, *, now: int) -> Job:
        """`retry` for programs that do not wait, such as commands."""
        return self._database.write_now(lambda c: self._retry(c, job, None, now, None))

    def _values(self, draft: Draft, now: int) -> tuple[object, ...]:
        said = _written(draft.input)
        if len(said) > LONGEST_INPUT:
            raise JobRefused(
                f"The input of a job has at most {LONGEST_INPUT:,} characters; "
                f"this has {len(said):,}.",
                hint="Put what is long into an artifact, and name that.",
            )
        self._check(draft.cap)
        owner, micros = draft.owner, None if draft.seconds is None else ceil(draft.seconds * 1e6)
        cap = None if (most := draft.cap or self._cap) is None else most.micros
        return (
            *(draft.kind, said, owner.user, owner.project, owner.key),
            *(draft.priority, now, draft.begins, draft.expires, micros, cap),
            *(self._currency, draft.once, _callback(draft)),
        )

    def _check(self, cap: Amount | None) -> None:
        if cap is None:
            return
        if cap.currency != self._currency or not 0 < cap.micros <= holds.LARGEST:
            raise JobRefused(
                f"A job may not have a budget of {cap}: the ledger counts in {self._currency}, and "
                "a job spends more than nothing.",
                hint=f"Give it a sum in {self._currency}.",
            )

    def _resume(
        self, connection: Connection, id_: str, cap: Amount | None, project: str | None
    ) -> Job:
        job = find(connection, id_, project)
        if not job.state.is_end or job.state is State.SUCCEEDED:
            raise _as_it_stands(job, "be resumed", "Only one that ended without success can.")
        self._check(cap)
        cap = cap or job.cap
        execute(connection, _RESUME, (None if cap is None else cap.micros, id_))
        return find(connection, id_)

    def _retry(
        self, connection: Connection, id_: str, project: str | None, now: int, by: Owner | None
    ) -> Job:
        job = find(connection, id_, project)
        if not job.state.is_end:
            raise _as_it_stands(job, "be run again", "Wait for its end, or cancel it.")
        again = Draft(
            *(job.kind, job.input, by or job.owner, job.priority),
            seconds=job.seconds,
            cap=job.cap,
            callback=job.callback,
        )
        return self.submit_in(connection, again, now)


def find(connection: Connection, id_: str, project: str | None = None) -> Job:
    """A job as it stands; only one of that project, where one is named.

    Raises:
        JobUnknown: there is none.
    """
    row = execute(connection, JOB + "WHERE jobs.id = ?", (id_,)).fetchone()
    if row is None or (project is not None and row["project"] != project):
        raise JobUnknown(id_)
    after = tuple(link["after"] for link in execute(connection, _AFTER, (id_,)))
    return job_of(row, after)


def _submitted(connection: Connection, draft: Draft) -> Job | None:
    """What was submitted before under the same `once`."""
    if not draft.once:
        return None
    row = execute(connection, _ONCE, (draft.owner.key, draft.once)).fetchone()
    return row and find(connection, row["id"])


def steps(connection: Connection, job: str) -> list[Step]:
    """The steps of a job that are done, in the order of their numbers."""
    return [_step(row) for row in execute(connection, _STEPS, (job,)).fetchall()]


def _steps_behind(connection: Connection, *, job: str, number: int) -> list[Step]:
    values = job, number, _STEPS_AT_ONCE
    return [_step(row) for row in execute(connection, _BEHIND, values).fetchall()]


def _step(row: Row) -> Step:
    return Step(row["number"], row["name"], json.loads(row["result"]), row["at"])


def job_of(row: Row, after: tuple[str, ...] = ()) -> Job:
    """A job as its row tells it."""
    currency = row["currency"]
    return Job(
        id=row["id"],
        kind=row["kind"],
        input=json.loads(row["input"]),
        owner=Owner(row["user"], row["project"], row["key"]),
        state=State(row["state"]),
        seq=row["seq"],
        priority=row["priority"],
        created=row["created"],
        begins=row["begins"],
        expires=row["expires"],
        seconds=None if row["micros"] is None else row["micros"] / 1e6,
        cap=None if row["cap"] is None else Amount(row["cap"], currency),
        spent=Amount(row["spent"], currency),
        after=after,
        progress=Progress(row["done"], row["total"], row["note"]),
        run=row["run"],
        began=row["began"],
        ended=row["ended"],
        is_cancelling=bool(row["cancelling"]),
        result=_read(row["result"]),
        fault=None if row["fault"] is None else Fault(**json.loads(row["fault"])),
        callback=None if row["callback"] is None else Callback(**json.loads(row["callback"])),
    )


def _written(given: Mapping[str, object]) -> str:
    try:
        return as_json(given)
    except NotJson as error:
        raise JobRefused(
            f"The input of a job cannot be recorded: {error}.", hint="Give it what JSON can hold."
        ) from error


def _callback(draft: Draft) -> str | None:
    return None if draft.callback is None else json.dumps(asdict(draft.callback))


def _read(said: str | None) -> Any:  # noqa: ANN401 - whatever the kind has given
    return None if said is None else json.loads(said)


def _newest(connection: Connection, wanted: Filter, last: int) -> list[Job]:
    named = {"project": wanted.project, "state": wanted.state, "kind": wanted.kind}
    given = {name: str(value) for name, value in named.items() if value is not None}
    where = " AND ".join(f"jobs.{name} = ?" for name in given) or "1 = 1"
    sql = f"{JOB} WHERE {where} ORDER BY jobs.created DESC, jobs.id LIMIT ?"
    rows = execute(connection, sql, (*given.values(), last)).fetchall()
    return [job_of(row) for row in rows]


def _cancel(connection: Connection, id_: str, project: str | None, now: int) -> Job:
    job = find(connection, id_, project)
    if job.state.is_end:
        raise _as_it_stands(job, "be cancelled", "It has ended.")
    if job.state is State.QUEUED:
        finish(connection, id_, State.CANCELLED, now, (None, None))
    else:
        execute(connection, _CANCEL_RUNNING, (id_,))
    return find(connection, id_)


def _as_it_stands(job: Job, what: str, hint: str) -> JobRefused:
    state = job.state.value
    return JobRefused(f"The job {job.id} is in the state {state!r} and cannot {what}.", hint=hint)
