"""What jobs hold of their owner's budgets, so that what they may cost is there when they need it.

Floor 2. A job has a budget of its own, which its asks are promised from in place of its owner's
budgets of money. What it may spend is held in those before it begins; what it has spent is counted
there with every step; what it did not need is given back at its end.
"""

from sqlalchemy import Connection

from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import BudgetReserved, SeedbedError
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
    INSERT INTO holds (job, budget, begins, granted, spent) VALUES (?, ?, ?, ?, 0)
    ON CONFLICT (job, budget) DO UPDATE SET granted = holds.granted + excluded.granted
"""
_ONE = "SELECT begins, granted FROM holds WHERE job = ? AND budget = ?"
_OF = "SELECT budget, begins, granted, spent FROM holds WHERE job = ?"
_LATE = """
    SELECT holds.job FROM holds JOIN jobs ON jobs.id = holds.job
    JOIN windows ON windows.budget = 'budget_' || substr(holds.job, 5) AND windows.begins = 0
    WHERE jobs.state NOT IN ('queued', 'running') AND windows.spent <> holds.spent
"""
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


def reserve(
    connection: Connection, own: Budget, owners: tuple[Budget, ...], now: int
) -> SeedbedError | None:
    """Set aside what a job may cost in each of its owner's budgets of money; why not, if it cannot.

    A job that has begun before holds it already, in the windows of that time. One without a cap
    holds nothing: each of its asks is promised from its owner's budgets by itself.
    """
    values = own.id, own.subject, own.cap, own.currency, now
    execute(connection, _PUT_BUDGET, values)
    if own.cap == LARGEST:
        return None
    wanted = [_widened(connection, own, budget, now) for budget in owners if _is_money(budget)]
    for budget, begins, more in wanted:
        used, settled = windows.standing(connection, budget.id, begins)
        if budget.cap - settled < more:
            return windows.spent(budget, settled, more, now)
        if budget.cap - used < more:
            left = budget.say(max(0, budget.cap - used))
            return BudgetReserved(budget.words, left=left, needed=budget.say(more))
    for budget, begins, more in wanted:
        execute(connection, _WIDEN, (own.subject, budget.id, begins, more))
        windows.count(connection, budget.id, begins, used=more, spent=0)
    return None


def _is_money(budget: Budget) -> bool:
    return budget.measure is Measure.MONEY


def _widened(
    connection: Connection, own: Budget, budget: Budget, now: int
) -> tuple[Budget, int, int]:
    """In which window of a budget a job needs how much more than it holds there already."""
    row = execute(connection, _ONE, (own.subject, budget.id)).fetchone()
    begins, granted = (row["begins"], row["granted"]) if row else (budget.window.begins(now), 0)
    return budget, begins, max(0, own.cap - granted)


def spent(connection: Connection, job: str) -> int:
    """What a job has spent so far, in micros."""
    return windows.standing(connection, budget_id(job), 0)[1]


def settle(connection: Connection, job: str, *, is_over: bool) -> None:
    """Count what a job has spent in its owner's budgets; once it is over, give back the rest."""
    now_spent = spent(connection, job)
    for row in execute(connection, _OF, (job,)).fetchall():
        granted = max(now_spent, 0 if is_over else row["granted"])
        if (granted, now_spent) == (row["granted"], row["spent"]):
            continue
        execute(connection, _SET, (granted, now_spent, job, row["budget"]))
        more = granted - row["granted"], now_spent - row["spent"]
        windows.count(connection, row["budget"], row["begins"], used=more[0], spent=more[1])


def settle_late(connection: Connection) -> None:
    """Count what was spent for jobs that had ended: answers that they did not wait for."""
    for row in execute(connection, _LATE).fetchall():
        settle(connection, row["job"], is_over=True)
