"""The windows of budgets as rows: what is granted in them, and what of that is spent.

Floor 2. Everything here runs inside one transaction that holds the write lock.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection

from seedbed.core.budget import Budget
from seedbed.core.errors import BudgetSpent
from seedbed.store.database import execute

_FIND = "SELECT used, spent FROM windows WHERE budget = ? AND begins = ?"
_COUNT = """
    INSERT INTO windows (budget, begins, used, spent) VALUES (?, ?, ?, ?)
    ON CONFLICT (budget, begins)
    DO UPDATE SET used = windows.used + excluded.used, spent = windows.spent + excluded.spent
"""


def standing(connection: Connection, budget: str, begins: int) -> tuple[int, int]:
    """What is granted in a window, and what of that is spent."""
    row = execute(connection, _FIND, (budget, begins)).fetchone()
    return (row["used"], row["spent"]) if row else (0, 0)


def count(connection: Connection, budget: str, begins: int, *, used: int, spent: int) -> None:
    """Add to what a window has granted, and to what is spent of it."""
    if (used, spent) != (0, 0):
        execute(connection, _COUNT, (budget, begins, used, spent))


def spent(budget: Budget, settled: int, units: int, now: int) -> BudgetSpent:
    """Of a budget so much is settled that `units` do not fit in."""
    ends = budget.window.ends(now)
    return BudgetSpent(
        budget.words,
        spent=budget.say(settled),
        left=budget.say(max(0, budget.cap - settled)),
        needed=budget.say(units),
        until=None if ends is None else f"{datetime.fromtimestamp(ends / 1e6, tz=UTC):%F %R} UTC",
    )
