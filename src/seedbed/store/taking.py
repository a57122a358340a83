"""Which jobs a worker is given: the most urgent that may run, and whose price can be held.

Floor 2. Everything here runs inside one transaction that holds the write lock.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection

from seedbed.core.errors import BudgetReserved, BudgetSpent, JobKeyless, SeedbedError
from seedbed.core.job import Fault, Job, State, Step
from seedbed.store import holds, tokens
from seedbed.store.database import Row, execute
from seedbed.store.ending import finish
from seedbed.store.jobs import JOB, find, job_of, steps

_MOST_TRIED = 64
"""Jobs that are tried in one transaction at most, so that others come to write, too."""
_WAITS_MICROS = 2_000_000
"""How long a job waits, whose owner's budgets are promised to others, before it is tried again."""

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
_WAIT = "UPDATE jobs SET note = ?, begins = ?, seq = seq + 1 WHERE id = ?"
_KEY = "SELECT revoked FROM keys WHERE id = ?"
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


def take(
    connection: Connection, worker: str, kinds: Mapping[str, Limits], room: int, now: int
) -> list[Claim]:
    """Take as many jobs as there is room for, the most urgent first, within the limits."""
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
    token = tokens.fresh()
    execute(connection, _TAKE, (worker, tokens.digest(token), now, job))
    return Claim(find(connection, job), worker, token, tuple(steps(connection, job)))


def _refuse(connection: Connection, job: str, refusal: SeedbedError, now: int) -> None:
    """Have a job that cannot begin wait, where that helps, or else fail."""
    if isinstance(refusal, BudgetReserved):
        execute(connection, _WAIT, (refusal.what[:200], now + _WAITS_MICROS, job))
        return
    hint = _LESS if isinstance(refusal, BudgetSpent) else refusal.hint
    fault = Fault(refusal.code, refusal.what, hint)
    finish(connection, job, State.FAILED, now, (None, fault))


def _refusal(connection: Connection, job: Job, now: int) -> SeedbedError | None:
    """Why a job cannot begin."""
    key = execute(connection, _KEY, (job.owner.key,)).fetchone()
    if key is None or key["revoked"] is not None:
        return JobKeyless(job.id)
    return holds.reserve(connection, holds.own_budget(job), holds.theirs(connection, job), now)
