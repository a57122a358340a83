"""What jobs hold of their owner's budgets, so that what they may cost is there when they need it.

Floor 2. A job has a budget of its own, which its asks are promised from in place of its owner's
budgets of money. What it may spend is held in those before it begins; what it has spent is counted
there with every step; what it did not need is given back at its end, but for what is promised to
asks that are still under way.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import BudgetReserved, BudgetSpent, SeedbedError
from seedbed.core.job import Job
from seedbed.store import windows
from seedbed.store.budgets import LARGEST, budgets_of
from seedbed.store.database import execute

_PUT_BUDGET = """
    INSERT INTO budgets (id, owner, subject, "window", measure, cap, currency, warn, created)
    VALUES (?, 'job', ?, 'all', 'money', ?, ?, 100, ?)
    ON CONFLICT (id) DO UPDATE SET cap = excluded.cap
"""
_WIDEN = """
    INSERT INTO holds (job, budget, begins, granted, spent) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (job, budget) DO UPDATE SET begins = excluded.begins, granted = excluded.granted
"""
_ONE = "SELECT begins, granted, spent FROM holds WHERE job = ? AND budget = ?"
_OF = "SELECT budget, begins, granted, spent FROM holds WHERE job = ?"
_LATE = """
    SELECT DISTINCT holds.job FROM holds JOIN jobs ON jobs.id = holds.job
    LEFT JOIN windows ON windows.budget = 'budget_' || substr(holds.job, 5) AND windows.begins = 0
    WHERE jobs.state NOT IN ('queued', 'running') AND (holds.granted <> holds.spent
    OR holds.spent <> coalesce(windows.spent, 0) OR jobs.ended < ?)
"""
_FORGET = """
    DELETE FROM holds WHERE job = ? AND granted = spent
    AND EXISTS (SELECT 1 FROM jobs WHERE jobs.id = holds.job AND jobs.ended < ?)
"""
_LATE_MICROS = 60_000_000
"""How long after its end a job may still begin to spend: our doors know its token for a moment."""
_SET = "UPDATE holds SET granted = ?, spent = ? WHERE job = ? AND budget = ?"


def budget_id(job: str) -> str:
    """The id of a job's own budget."""
    return f"budget_{job.removeprefix('job_')}"


def own_budget(job: Job) -> Budget:
    """The budget that a job's asks are promised from; without a cap it only counts."""
    id_, currency = budget_id(job.id), job.spent.currency
    most = LARGEST if job.cap is None else job.cap.micros
    return Budget(id_, Owner.JOB, job.id, Window.ALL, Measure.MONEY, most, currency, warn=100)


def theirs(connection: Connection, job: Job) -> tuple[Budget, ...]:
    """The budgets of a job's owner."""
    owner = job.owner
    return budgets_of(connection, key=owner.key, project=owner.project, user=owner.user)


def bounds(connection: Connection, job: Job) -> tuple[Budget, ...]:
    """What bounds a job's asks: its own budget, and those of its owner that it holds nothing of."""
    held = {row["budget"] for row in execute(connection, _OF, (job.id,))}
    others = (budget for budget in theirs(connection, job) if budget.id not in held)
    return (own_budget(job), *others)


def unpayable(connection: Connection, job: Job, now: int) -> BudgetSpent | None:
    """Why a job cannot be paid, whatever becomes of others that are under way."""
    if job.cap is None:
        return None
    for budget in theirs(connection, job):
        _, settled = windows.standing(connection, budget.id, budget.window.begins(now))
        if _is_money(budget) and budget.cap - settled < job.cap.micros:
            return windows.spent(budget, settled, job.cap.micros, now)
    return None


def reserve(
    connection: Connection, own: Budget, owners: tuple[Budget, ...], now: int
) -> SeedbedError | None:
    """Set aside what a job may cost in each of its owner's budgets of money; why not, if it cannot.

    What a job holds already it keeps, in the windows of that time. One without a cap holds nothing:
    each of its asks is promised from its owner's budgets by itself.
    """
    values = own.id, own.subject, own.cap, own.currency, now
    execute(connection, _PUT_BUDGET, values)
    if own.cap == LARGEST:
        return None
    wanted = [_Hold.of(connection, own, budget, now) for budget in owners if _is_money(budget)]
    for hold in wanted:
        budget = hold.budget
        used, settled = windows.standing(connection, budget.id, hold.begins)
        if budget.cap - settled < hold.more:
            return windows.spent(budget, settled, hold.more, now)
        if budget.cap - used < hold.more:
            left = budget.say(max(0, budget.cap - used))
            return BudgetReserved(budget.words, left=left, needed=budget.say(hold.more))
    for hold in wanted:
        granted = hold.granted + hold.more
        values = own.subject, hold.budget.id, hold.begins, granted, hold.spent
        execute(connection, _WIDEN, values)
        windows.count(connection, hold.budget.id, hold.begins, used=hold.more, spent=0)
    return None


def _is_money(budget: Budget) -> bool:
    return budget.measure is Measure.MONEY


@dataclass(frozen=True, slots=True)
class _Hold:
    """What a job holds in a window of a budget, what it has spent of that, and what it needs more.

    Where it holds nothing that is not spent, the window is that of now. What it spent before it
    held anything there is not counted.
    """

    budget: Budget
    begins: int
    granted: int
    spent: int
    more: int

    @classmethod
    def of(cls, connection: Connection, own: Budget, budget: Budget, now: int) -> "_Hold":
        """As it stands."""
        begins, granted = budget.window.begins(now), spent(connection, own.subject)
        counted = granted
        if row := execute(connection, _ONE, (own.subject, budget.id)).fetchone():
            granted, counted = row["granted"], row["spent"]
            begins = row["begins"] if granted > counted else begins
        return cls(budget, begins, granted, counted, max(0, own.cap - granted))


def spent(connection: Connection, job: str) -> int:
    """What a job has spent so far, in micros."""
    return windows.standing(connection, budget_id(job), 0)[1]


def settle(connection: Connection, job: str, *, is_over: bool) -> None:
    """Count what a job has spent in its owner's budgets; once it is over, give back the rest."""
    promised, now_spent = windows.standing(connection, budget_id(job), 0)
    for row in execute(connection, _OF, (job,)).fetchall():
        granted = max(now_spent, min(row["granted"], promised) if is_over else row["granted"])
        if (granted, now_spent) == (row["granted"], row["spent"]):
            continue
        execute(connection, _SET, (granted, now_spent, job, row["budget"]))
        more = granted - row["granted"], now_spent - row["spent"]
        windows.count(connection, row["budget"], row["begins"], used=more[0], spent=more[1])


def settle_late(connection: Connection, now: int) -> None:
    """Settle what asks came to that a job did not wait for; forget its holds once none can be."""
    before = now - _LATE_MICROS
    for row in execute(connection, _LATE, (before,)).fetchall():
        settle(connection, row["job"], is_over=True)
        execute(connection, _FORGET, (row["job"], before))
