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
from itertools import chain

from sqlalchemy import Connection

from seedbed.core.access import Principal, Scope
from seedbed.core.errors import BudgetReserved, BudgetSpent, JobKeyless, SeedbedError, WorkerFenced
from seedbed.core.job import Fault, Job, Progress, State, Step
from seedbed.store import holds
from seedbed.store.database import Database, Row, execute
from seedbed.store.grouping import Grouping
from seedbed.store.jobs import JOB, find, job_of, steps

TOKEN = "sbj-"  # noqa: S105 - how one begins
_MOST_COUNTED = 2**63 - 1
_MOST_TRIED = 64
"""Jobs that are tried in one transaction at most, so that others come to write, too."""
_WAITS_MICROS = 2_000_000
"""How long a job waits, whose owner's budgets are promised to others, before it is tried again."""

_MINE = "SELECT 1 FROM jobs WHERE id = ? AND worker = ? AND run = ? AND state = 'running'"
_RUNNING = (
    "SELECT kind, key, count(*) AS number FROM jobs WHERE state = 'running' GROUP BY kind, key"
)
_IN_ORDER = "ORDER BY jobs.priority DESC, jobs.created, jobs.id"
_READY = """
    jobs.state = 'queued' AND jobs.begins <= ?
    AND (jobs.expires IS NULL OR jobs.expires > ? OR jobs.run > 0)
    AND NOT EXISTS (
        SELECT 1 FROM job_links JOIN jobs AS earlier ON earlier.id = job_links.after
        WHERE job_links.job = jobs.id AND earlier.state <> 'succeeded'
    )
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
    UPDATE jobs SET state = 'queued', begins = ?, note = ?, token = NULL, worker = NULL,
    seq = seq + 1 WHERE id = ?
"""
_IS_CANCELLING = "SELECT cancelling FROM jobs WHERE id = ?"
_CANCELLING = "SELECT id FROM jobs WHERE worker = ? AND state = 'running' AND cancelling = 1"
_WANTED = """
    SELECT 1 FROM jobs WHERE id = ? AND cancelling = 0 AND state IN ('queued', 'running')
"""
_TOKENED = """
    SELECT jobs.*, keys.scopes, keys.revoked FROM jobs JOIN keys ON keys.id = jobs.key
    WHERE jobs.token = ? AND jobs.state = 'running'
"""
_KEY = "SELECT revoked FROM keys WHERE id = ?"
_EXPIRED = "SELECT id FROM jobs WHERE state = 'queued' AND expires <= ? AND run = 0"
_ORPHANS = """
    SELECT jobs.id, earlier.id AS earlier, earlier.state AS how FROM jobs
    JOIN job_links ON job_links.job = jobs.id JOIN jobs AS earlier ON earlier.id = job_links.after
    WHERE jobs.state = 'queued' AND earlier.state IN ('failed', 'cancelled', 'expired')
"""
_ORPHANS_OF = _ORPHANS + " AND earlier.id = ?"
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

    async def is_wanted(self, job: str) -> bool:
        """Whether anybody waits for what a job does: it has not ended, and nobody wants it to."""
        return await self._database.read(
            lambda c: execute(c, _WANTED, (job,)).fetchone() is not None
        )

    async def principal(self, token: str) -> Principal | None:
        """On whose behalf a job's token acts, with what bounds it, or `None`.

        It carries `Scope.MODELS` at most, whatever the key does that the job runs for.
        """
        return await self._database.read(lambda c: _principal(c, token))


def _take(
    connection: Connection, worker: str, kinds: Mapping[str, Limits], room: int, now: int
) -> list[Claim]:
    places, taken, tried = _Places(connection, kinds), list[Claim](), 0
    while tried < _MOST_TRIED and (rows := _ready(connection, places, now, room - len(taken))):
        for row in rows:
            pair = row["kind"], row["key"]
            if places.are_full(*pair):
                continue
            job = job_of(row)
            refusal = _refusal(connection, job, now)
            if refusal is None:
                taken.append(_begin(connection, job.id, worker, now))
                places.taken[pair] += 1
            else:
                _refuse(connection, job.id, refusal, now)
            if isinstance(refusal, BudgetReserved):
                places.closed.add(pair)
        tried += len(rows)
    return taken


class _Places:
    """How many jobs of each kind and key run, and who of them may have more.

    Once a job waits for money, those of the same key that come after it would wait, too.
    """

    def __init__(self, connection: Connection, kinds: Mapping[str, Limits]) -> None:
        self.kinds = kinds
        self.taken = Counter[tuple[str, str]]()
        self.closed = set[tuple[str, str]]()
        for row in execute(connection, _RUNNING):
            self.taken[row["kind"], row["key"]] = row["number"]

    def are_full(self, kind: str, key: str) -> bool:
        """Whether no more jobs of a kind may run for a key."""
        of_key = self.taken[kind, key] >= self.kinds[kind].of_one_key
        return of_key or (kind, key) in self.closed or kind not in self.open_kinds()

    def open_kinds(self) -> list[str]:
        """The kinds of which more may run."""
        of_kind = Counter[str]()
        for (kind, _), number in self.taken.items():
            of_kind[kind] += number
        return [kind for kind, limits in self.kinds.items() if of_kind[kind] < limits.at_once]

    def full_keys(self) -> list[tuple[str, str]]:
        """The keys that may have no more, each with the kind."""
        known = [pair for pair in self.taken if pair[0] in self.kinds]
        return [pair for pair in {*known, *self.closed} if self.are_full(*pair)]


def _ready(connection: Connection, places: _Places, now: int, room: int) -> list[Row]:
    """The jobs that could be run now, the most urgent first."""
    kinds, full = places.open_kinds(), places.full_keys()
    if room <= 0 or not kinds:
        return []
    where = f"jobs.kind IN ({', '.join('?' * len(kinds))})"
    where += " AND NOT (jobs.kind = ? AND jobs.key = ?)" * len(full)
    values = (*kinds, *chain.from_iterable(full), now, now, room)
    ids = f"SELECT jobs.id FROM jobs WHERE {where} AND {_READY} {_IN_ORDER} LIMIT ?"  # noqa: S608 - no word is a caller's
    return execute(connection, f"{JOB} WHERE jobs.id IN ({ids}) {_IN_ORDER}", values).fetchall()


def _begin(connection: Connection, job: str, worker: str, now: int) -> Claim:
    token = TOKEN + secrets.token_urlsafe(32)
    execute(connection, _TAKE, (worker, _digest(token), now, job))
    return Claim(find(connection, job), worker, token, tuple(steps(connection, job)))


def _refuse(connection: Connection, job: str, refusal: SeedbedError, now: int) -> None:
    """Have a job that cannot begin wait, where that helps, or else fail."""
    if isinstance(refusal, BudgetReserved):
        execute(connection, _WAIT, (refusal.what[:200], now + _WAITS_MICROS, job))
        return
    hint = _LESS if isinstance(refusal, BudgetSpent) else refusal.hint
    fault = Fault(refusal.code, refusal.what, hint)
    _finish(connection, job, State.FAILED, now, (None, fault))


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
    may_ask = not {Scope.MODELS, Scope.ADMIN}.isdisjoint(row["scopes"].split())
    scopes = frozenset({Scope.MODELS} if may_ask else ())
    owner, bounds = job.owner, holds.bounds(connection, job)
    return Principal(owner.user, owner.project, owner.key, scopes, budgets=bounds)


def _step(connection: Connection, claim: Claim, step: Step) -> None:
    _check(connection, claim)
    said = json.dumps(step.result, ensure_ascii=False)
    execute(connection, _PUT_STEP, (claim.job.id, step.number, step.name, said, step.at))
    execute(connection, _LIVELY, (claim.job.id,))  # its workers do not die of what it has done
    holds.settle(connection, claim.job.id, is_over=False)


def _tell(connection: Connection, claim: Claim, progress: Progress) -> None:
    _check(connection, claim)
    total = None if progress.total is None else min(progress.total, _MOST_COUNTED)
    values = min(progress.done, _MOST_COUNTED), total, _plain(progress.note)[:200], claim.job.id
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


def _put_back(connection: Connection, claim: Claim, now: int, begins: int, why: str) -> None:
    _check(connection, claim)
    if execute(connection, _IS_CANCELLING, (claim.job.id,)).fetchone()["cancelling"]:
        _finish(connection, claim.job.id, State.CANCELLED, now, (None, None))
    else:
        execute(connection, _PUT_BACK, (begins, _plain(why)[:200], claim.job.id))


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
    orphans = execute(connection, _ORPHANS).fetchall()
    while orphans:
        row = orphans.pop()
        what = f"It was to follow {row['earlier']}, which is {row['how']}."
        fault = Fault("job_refused", what, "Resume that one first, and then this.")
        _finish(connection, row["id"], State.FAILED, now, (None, fault))
        orphans += execute(connection, _ORPHANS_OF, (row["id"],)).fetchall()
    holds.settle_late(connection, now)


def fault_of(error: SeedbedError) -> Fault:
    """An error as a job keeps it."""
    return Fault(error.code, _plain(error.what), _plain(error.hint))


def _plain(text: str) -> str:
    """A text with nothing in it that a database refuses."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
