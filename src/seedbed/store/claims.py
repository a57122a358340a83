"""What a worker does with jobs: takes them, records their steps, ends them.

Floor 2. A worker's hold on a job is a `Claim`: its id and the number of the run. Whatever is
written for a claim is written only while the job is still that worker's in that run; a worker that
was taken for dead in the meantime is refused (`WorkerFenced`).
"""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from seedbed.core.access import Principal, Scope
from seedbed.core.errors import BudgetReserved, BudgetSpent, JobKeyless, SeedbedError, WorkerFenced
from seedbed.core.job import Fault, Job, Progress, State, Step
from seedbed.store import holds
from seedbed.store.database import Database, Row, execute
from seedbed.store.grouping import Grouping
from seedbed.store.jobs import JOB, find, job_of, steps

TOKEN = "sbj-"  # noqa: S105 - how one begins
_WAITS_MICROS = 2_000_000
"""How long a job waits, whose owner's budgets are promised to others, before it is tried again."""

_MINE = "SELECT 1 FROM jobs WHERE id = ? AND worker = ? AND run = ? AND state = 'running'"
_RUNNING = (
    "SELECT kind, key, count(*) AS number FROM jobs WHERE state = 'running' GROUP BY kind, key"
)
_READY = """
    jobs.state = 'queued' AND jobs.begins <= ? AND (jobs.expires IS NULL OR jobs.expires > ?)
    AND NOT EXISTS (
        SELECT 1 FROM job_links JOIN jobs AS earlier ON earlier.id = job_links.after
        WHERE job_links.job = jobs.id AND earlier.state <> 'succeeded'
    )
    ORDER BY jobs.priority DESC, jobs.created, jobs.id LIMIT ?
"""
_TAKE = """
    UPDATE jobs SET state = 'running', worker = ?, run = run + 1, token = ?,
    began = coalesce(began, ?), note = '', seq = seq + 1 WHERE id = ?
"""
_PUT_STEP = """
    INSERT INTO steps (job, number, name, result, at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (job, number) DO NOTHING
"""
_LIVELY = "UPDATE jobs SET deaths = 0 WHERE id = ? AND deaths > 0"
_TELL = "UPDATE jobs SET done = ?, total = ?, note = ?, seq = seq + 1 WHERE id = ?"
_WAIT = "UPDATE jobs SET note = ?, begins = ?, seq = seq + 1 WHERE id = ?"
_END = """
    UPDATE jobs SET state = ?, result = ?, fault = ?, ended = ?, token = NULL, worker = NULL,
    cancelling = 0, seq = seq + 1 WHERE id = ?
"""
_PUT_BACK = """
    UPDATE jobs SET state = 'queued', begins = ?, token = NULL, worker = NULL,
    seq = seq + 1 WHERE id = ?
"""
_CANCELLING = "SELECT id FROM jobs WHERE worker = ? AND state = 'running' AND cancelling = 1"
_WANTED = """
    SELECT 1 FROM jobs WHERE id = ? AND cancelling = 0 AND state IN ('queued', 'running')
"""
_TOKENED = """
    SELECT jobs.*, keys.scopes, keys.revoked FROM jobs JOIN keys ON keys.id = jobs.key
    WHERE jobs.token = ? AND jobs.state = 'running'
"""
_KEY = "SELECT revoked FROM keys WHERE id = ?"
_EXPIRED = "SELECT id FROM jobs WHERE state = 'queued' AND expires <= ?"
_ORPHANS = """
    SELECT jobs.id, earlier.id AS earlier, earlier.state AS how FROM jobs
    JOIN job_links ON job_links.job = jobs.id JOIN jobs AS earlier ON earlier.id = job_links.after
    WHERE jobs.state = 'queued' AND earlier.state IN ('failed', 'cancelled', 'expired')
"""
_LESS = "Submit it with a smaller budget, or have that one raised with `seedbed keys budget`."


@dataclass(frozen=True, slots=True)
class Limits:
    """How many jobs of one kind may run at once: in all, and of one key."""

    at_once: int = 4
    of_one_key: int = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has taken, with the steps that earlier runs have done.

    `token` is what this run shows at our own doors; it is good until the run ends.
    """

    job: Job
    worker: str
    token: str
    steps: tuple[Step, ...]


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
        return await self._database.write(lambda c: _take(c, worker, kinds, room, now))

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

    async def put_back(self, claim: Claim, *, begins: int) -> None:
        """Give a job back unfinished, to be begun again not before then.

        Raises:
            WorkerFenced: the job is not this worker's any more.
        """
        await self._grouping.write(lambda c: _put_back(c, claim, begins))

    async def cancelling(self, worker: str) -> list[str]:
        """Those of a worker's jobs that somebody wants to end."""
        return await self._database.read(
            lambda c: [row["id"] for row in execute(c, _CANCELLING, (worker,))]
        )

    async def tidy(self, *, now: int) -> None:
        """End the jobs that are of no use any more, or wait for one that did not succeed."""
        await self._database.write(lambda c: _tidy(c, now))

    async def is_wanted(self, job: str) -> bool:
        """Whether anybody waits for what a job does: it has not ended, and nobody wants it to."""
        return await self._database.read(
            lambda c: execute(c, _WANTED, (job,)).fetchone() is not None
        )

    async def principal(self, token: str) -> Principal | None:
        """On whose behalf a job's token acts, with what bounds it, or `None`."""
        return await self._database.read(lambda c: _principal(c, token))


def _take(
    connection: Connection, worker: str, kinds: Mapping[str, Limits], room: int, now: int
) -> list[Claim]:
    counts = Counter[tuple[str, str]]()
    for row in execute(connection, _RUNNING):
        counts[row["kind"], row["key"]] = row["number"]
    taken: list[Claim] = []
    while rows := _ready(connection, kinds, counts, now, room - len(taken)):
        for row in rows:
            pair = row["kind"], row["key"]
            if not _is_full(kinds[row["kind"]], counts, *pair):
                claim = _try(connection, row, worker, now)
                taken += [claim] if claim else []
                counts[pair] += claim is not None
    return taken


def _ready(
    connection: Connection,
    kinds: Mapping[str, Limits],
    counts: Counter[tuple[str, str]],
    now: int,
    room: int,
) -> list[Row]:
    """The jobs that could be run now, the most urgent first."""
    full = [pair for pair in counts if pair[0] in kinds and _is_full(kinds[pair[0]], counts, *pair)]
    open_kinds = [kind for kind in kinds if not _is_full(kinds[kind], counts, kind, "")]
    if room <= 0 or not open_kinds:
        return []
    where = f"jobs.kind IN ({', '.join('?' * len(open_kinds))})"
    where += " AND NOT (jobs.kind = ? AND jobs.key = ?)" * len(full)
    values = (*open_kinds, *(word for pair in full for word in pair), now, now, room)
    return execute(connection, f"{JOB} WHERE {where} AND {_READY}", values).fetchall()


def _is_full(limits: Limits, counts: Counter[tuple[str, str]], kind: str, key: str) -> bool:
    of_kind = sum(number for (other, _), number in counts.items() if other == kind)
    return of_kind >= limits.at_once or counts[kind, key] >= limits.of_one_key


def _try(connection: Connection, row: Row, worker: str, now: int) -> Claim | None:
    """Take one job, unless what it may cost cannot be held for it."""
    job = job_of(row)
    refusal = _refusal(connection, job, now)
    if isinstance(refusal, BudgetReserved):
        values = refusal.what[:200], now + _WAITS_MICROS, job.id
        execute(connection, _WAIT, values)
        return None
    if refusal is not None:
        hint = _LESS if isinstance(refusal, BudgetSpent) else refusal.hint
        fault = Fault(refusal.code, refusal.what, hint)
        _finish(connection, job.id, State.FAILED, now, (None, fault))
        return None
    token = TOKEN + secrets.token_urlsafe(32)
    execute(connection, _TAKE, (worker, _digest(token), now, job.id))
    return Claim(find(connection, job.id), worker, token, tuple(steps(connection, job.id)))


def _refusal(connection: Connection, job: Job, now: int) -> SeedbedError | None:
    """Why a job cannot begin."""
    key = execute(connection, _KEY, (job.owner.key,)).fetchone()
    if key is None or key["revoked"] is not None:
        return JobKeyless(job.id)
    return holds.reserve(connection, holds.own_budget(job), holds.theirs(connection, job), now)


def _principal(connection: Connection, token: str) -> Principal | None:
    row = execute(connection, _TOKENED, (_digest(token),)).fetchone()
    if row is None or row["revoked"] is not None:
        return None
    job = find(connection, row["id"])
    scopes = frozenset(map(Scope, row["scopes"].split()))
    owner = job.owner
    return Principal(
        owner.user, owner.project, owner.key, scopes, budgets=holds.bounds(connection, job)
    )


def _step(connection: Connection, claim: Claim, step: Step) -> None:
    _check(connection, claim)
    said = json.dumps(step.result, ensure_ascii=False)
    execute(connection, _PUT_STEP, (claim.job.id, step.number, step.name, said, step.at))
    execute(connection, _LIVELY, (claim.job.id,))  # its workers do not die of what it has done
    holds.settle(connection, claim.job.id, is_over=False)


def _tell(connection: Connection, claim: Claim, progress: Progress) -> None:
    _check(connection, claim)
    values = progress.done, progress.total, progress.note[:200], claim.job.id
    execute(connection, _TELL, values)


def _end(
    connection: Connection, claim: Claim, state: State, now: int, end: tuple[object, Fault | None]
) -> None:
    _check(connection, claim)
    _finish(connection, claim.job.id, state, now, end)


def _finish(
    connection: Connection, job: str, state: State, now: int, end: tuple[object, Fault | None]
) -> None:
    result, fault = end
    said = None if result is None else json.dumps(result, ensure_ascii=False)
    why = None if fault is None else json.dumps(asdict(fault), ensure_ascii=False)
    execute(connection, _END, (state.value, said, why, now, job))
    holds.settle(connection, job, is_over=True)


def _put_back(connection: Connection, claim: Claim, begins: int) -> None:
    _check(connection, claim)
    execute(connection, _PUT_BACK, (begins, claim.job.id))


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
        _finish(connection, row["id"], State.EXPIRED, now, (None, None))
    for row in execute(connection, _ORPHANS).fetchall():
        what = f"It was to follow {row['earlier']}, which is {row['how']}."
        fault = Fault("job_refused", what, "Resume that one first, and then this.")
        _finish(connection, row["id"], State.FAILED, now, (None, fault))
    holds.settle_late(connection)


def fault_of(error: SeedbedError) -> Fault:
    """An error as a job keeps it."""
    return Fault(error.code, error.what, error.hint)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
