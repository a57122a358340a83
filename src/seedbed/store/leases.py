"""Leases as rows: granted, charged, closed, and written off when their process died.

Floor 2. Everything here runs inside one transaction that holds the write lock, so what is read is
still true when it is written. For each window of a budget, `used` is the sum of what its leases are
granted, and `spent` that of what they have spent; a closed lease is granted what it spent, and a
reconciled one has spent what it was granted.

The statements are plain SQL: they run for each lease in every group of entries, and composing them
anew would cost more than running them.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from seedbed.core.budget import Budget
from seedbed.core.money import Lease
from seedbed.store.budgets import budget_of
from seedbed.store.database import Row, execute

_OPEN, _CLOSED, _LOST = "open", "closed", "reconciled"

_FIND = "SELECT * FROM leases WHERE id = ?"
_FIND_OPEN = "SELECT id, renewed FROM leases WHERE state = 'open'"
_OPEN_ONE = """
    INSERT INTO leases (granted, renewed, id, currency, budget, begins, spent, state)
    VALUES (?, ?, ?, ?, ?, ?, 0, 'open')
"""
_LENGTHEN = "UPDATE leases SET granted = ?, renewed = ? WHERE id = ?"
_CHARGE = "UPDATE leases SET granted = ?, spent = ?, state = ?, renewed = ? WHERE id = ?"
_LOSE = "UPDATE leases SET state = 'reconciled' WHERE id = ?"
_WINDOW = """
    SELECT budgets.*, keys.name,
        coalesce(windows.used, 0) AS used, coalesce(windows.spent, 0) AS settled
    FROM budgets LEFT JOIN windows ON windows.budget = budgets.id AND windows.begins = ?
    LEFT JOIN keys ON budgets.owner = 'key' AND keys.id = budgets.subject
    WHERE budgets.id = ?
"""
_COUNT = """
    INSERT INTO windows (budget, begins, used, spent) VALUES (?, ?, ?, ?)
    ON CONFLICT (budget, begins)
    DO UPDATE SET used = windows.used + excluded.used, spent = windows.spent + excluded.spent
"""
_TAKE_OUT = """
    UPDATE entries SET spent = CASE WHEN spent > ? THEN spent - ? ELSE 0 END WHERE request_id = ?
"""


@dataclass(frozen=True, slots=True)
class Want:
    """What a lease should be granted in all: at least so much, and at best so much."""

    lease: Lease
    least: int
    best: int


@dataclass(frozen=True, slots=True)
class Keep:
    """What a lease is to hold from now on, in all, as far as its budget allows more than it holds;
    or that it is at an end.
    """

    granted: int
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a lease stands after a transaction, and the window of its budget.

    `state` is empty for one that is not on the books. `used`, `settled` and `budget` are those of
    the window, all processes together; `budget` is `None` where nothing bounds it: for the house's
    money, and for a budget that was removed. `crossed` is `True` in the one transaction that took
    the window past its warning.
    """

    granted: int
    spent: int
    state: str
    budget: Budget | None = None
    used: int = 0
    settled: int = 0
    crossed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may be spent."""
        return self.state == _OPEN

    @property
    def is_lost(self) -> bool:
        """Whether it was written off."""
        return self.state == _LOST


def grant(connection: Connection, want: Want, now: int) -> Standing:
    """Open a lease, or make it longer, as far as the cap of its budget allows.

    Where that allows less than the least, nothing changes.
    """
    lease, row = want.lease, _find(connection, want.lease.id)
    if row is not None and row["state"] != _OPEN:
        return Standing(row["granted"], row["spent"], row["state"])
    granted, spent = (row["granted"], row["spent"]) if row else (0, 0)
    budget, used, settled = _window(connection, lease.budget, lease.begins)
    best = want.best if budget is None else min(want.best, budget.cap - (used - granted))
    best = max(best, granted)  # what is granted may be promised by now: only its holder gives back
    if best < want.least:
        return Standing(granted, spent, _OPEN if row else "", budget, used, settled)
    if row is None:
        values = best, now, lease.id, lease.currency, lease.budget, lease.begins
        execute(connection, _OPEN_ONE, values)
    else:
        execute(connection, _LENGTHEN, (best, _renewed(row, now), lease.id))
    _count(connection, lease.budget, lease.begins, (best - granted, 0))
    return Standing(best, spent, _OPEN, budget, used + best - granted, settled)


def charge(connection: Connection, lease: str, units: int, keep: Keep | None, now: int) -> Standing:
    """Add what was spent of a lease, and renew it.

    What is spent beyond the grant makes the grant longer, cap or no cap: it has been used. A lease
    that was written off had all of its grant counted as spent: only what goes beyond that is new.
    """
    row = _find(connection, lease)
    if row is None:
        return Standing(0, 0, "")
    budget, used, before = _window(connection, row["budget"], row["begins"])
    spent, state, granted = row["spent"] + units, row["state"], row["granted"]
    if state == _OPEN and keep is not None:
        room = keep.granted if budget is None else max(granted, budget.cap - (used - granted))
        granted, state = (spent, _CLOSED) if keep.ends else (min(keep.granted, room), _OPEN)
    granted = max(granted, spent)
    execute(connection, _CHARGE, (granted, spent, state, _renewed(row, now), lease))
    more = granted - row["granted"]
    settled = units if row["state"] == _OPEN else more
    _count(connection, row["budget"], row["begins"], (more, settled))
    crossed = budget is not None and before < budget.warns_at <= before + settled
    return Standing(granted, spent, state, budget, used + more, before + settled, crossed)


def write_off(connection: Connection, lease: str, renewed: int) -> Row | None:
    """Count all of an open lease as spent, if nobody has renewed it; its row as it was before.

    What was recorded as spent stays in the row, so that late entries can be told from new money.
    """
    row = _find(connection, lease)
    if row is None or row["state"] != _OPEN or row["renewed"] != renewed:
        return None
    execute(connection, _LOSE, (lease,))
    _count(connection, row["budget"], row["begins"], (0, row["granted"] - row["spent"]))
    return row


def open_leases(connection: Connection) -> dict[str, int]:
    """When each open lease was last renewed."""
    return {row["id"]: row["renewed"] for row in execute(connection, _FIND_OPEN)}


def take_out(connection: Connection, lease: str, micros: int) -> None:
    """Take so much out of the entry of a lease that was written off, as far as that goes."""
    execute(connection, _TAKE_OUT, (micros, micros, lease))


def _find(connection: Connection, lease: str) -> Row | None:
    return execute(connection, _FIND, (lease,)).fetchone()


def _window(
    connection: Connection, budget: str | None, begins: int
) -> tuple[Budget | None, int, int]:
    """The budget, if it binds, what its window has granted, and what is spent of that."""
    if budget is None:
        return None, 0, 0
    row = execute(connection, _WINDOW, (begins, budget)).fetchone()
    if row is None or row["removed"] is not None:
        return None, 0, 0
    return budget_of(row), row["used"], row["settled"]


def _count(connection: Connection, budget: str | None, begins: int, more: tuple[int, int]) -> None:
    """Add to what a window has granted, and to what is spent of it."""
    if budget is not None and more != (0, 0):
        execute(connection, _COUNT, (budget, begins, *more))


def _renewed(row: Row, now: int) -> int:
    """Always another value, though the clock stand still or jump: whoever watches must see it."""
    return now + 1 if row["renewed"] == now else now
