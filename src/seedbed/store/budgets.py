"""Budgets: set, removed, and found for whoever asks with a key.

Floor 2. What is used of them is written by `seedbed.store.ledger`, in their windows.
"""

from dataclasses import replace

from sqlalchemy import Connection, and_, func, or_, select

from seedbed.core.access import payer
from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import SettingRefused
from seedbed.store.audit import Act, note
from seedbed.store.database import Database, Row
from seedbed.store.tables import BUDGETS, KEYS, WINDOWS

LARGEST = 10**15
"""A thousand million currency units; sums of so much stay far inside 64 bits."""


_NAMED = select(BUDGETS, KEYS.c.name).outerjoin(
    KEYS, and_(BUDGETS.c.owner == Owner.KEY, KEYS.c.id == BUDGETS.c.subject)
)


class Budgets:
    """The budgets of a house."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set_budget(self, budget: Budget, *, actor: str, now: int) -> Budget:
        """Set a budget; one of the same owner, window and measure gets the new cap and warning.

        `now` is in epoch microseconds. Returns it as it stands, with the id that it keeps.

        Raises:
            SettingRefused: its cap or warning makes no sense, its key is unknown or revoked, or
                there is one in another currency.
        """
        _check(budget)
        return self._database.write_now(lambda c: _set(c, budget, actor, now))

    def remove(self, budget: Budget, *, actor: str, now: int) -> None:
        """Take a budget away; what was used of it stays on the books.

        Raises:
            SettingRefused: there is none of that id any more.
        """
        self._database.write_now(lambda c: _remove(c, budget, actor, now))

    def all_with_use(self, now: int) -> list[tuple[Budget, int, int]]:
        """Every living budget of people with what is settled of it in the window of now, and when
        that began; in the order of their owners.
        """
        order = BUDGETS.c.owner, BUDGETS.c.subject, BUDGETS.c.window, BUDGETS.c.measure
        of_people = BUDGETS.c.removed.is_(None), BUDGETS.c.owner != Owner.JOB.value
        wanted = _NAMED.where(*of_people).order_by(*order)

        def read(connection: Connection) -> list[tuple[Budget, int, int]]:
            budgets = [budget_of(row) for row in connection.execute(wanted).mappings()]
            return [_with_use(connection, budget, now) for budget in budgets]

        return self._database.read_now(read)


def budgets_of(connection: Connection, *, key: str, project: str, user: str) -> tuple[Budget, ...]:
    """The living budgets that bound what is used with a key."""
    owners = ((Owner.KEY, key), (Owner.PROJECT, payer(project)), (Owner.USER, user))
    theirs = [and_(BUDGETS.c.owner == owner, BUDGETS.c.subject == name) for owner, name in owners]
    wanted = _NAMED.where(BUDGETS.c.removed.is_(None), or_(*theirs))
    wanted = wanted.order_by(BUDGETS.c.created, BUDGETS.c.id)
    return tuple(budget_of(row) for row in connection.execute(wanted).mappings())


def budget_of(row: Row) -> Budget:
    """A budget as its row tells it; `name` is that of its key."""
    return Budget(
        id=row["id"],
        owner=Owner(row["owner"]),
        subject=row["subject"],
        window=Window(row["window"]),
        measure=Measure(row["measure"]),
        cap=row["cap"],
        currency=row["currency"],
        warn=row["warn"],
        name=row["name"],
    )


def _check(budget: Budget) -> None:
    if not 0 <= budget.cap <= LARGEST:
        raise SettingRefused(
            f"A budget holds 0 to {budget.say(LARGEST)}; {budget.say(budget.cap)} is outside.",
            hint="Set another; a budget that is not wanted is taken away with `--remove`.",
        )
    if not 1 <= budget.warn <= 100:
        raise SettingRefused(
            f"A budget warns at 1 to 100 per cent; {budget.warn} is outside.",
            hint="Choose another with `--warn`.",
        )
    if not 0 < len(budget.subject) <= 100:
        raise SettingRefused(
            f"The name of a budget's owner has 1 to 100 characters; this has {len(budget.subject)}",
            hint="Name the key, the project or the user as it was given to `seedbed keys create`.",
        )


def _set(connection: Connection, budget: Budget, actor: str, now: int) -> Budget:
    budget = _named(connection, budget)
    old = _living(connection, budget)
    if old is None:
        connection.execute(BUDGETS.insert().values(_row(budget) | {"created": now}))
    elif old.currency != budget.currency:
        raise SettingRefused(
            f"The {old.words} is in {old.currency}, and the ledger counts in {budget.currency}.",
            hint="Take it away with `seedbed keys budget --remove`, then set it anew.",
        )
    else:
        budget = replace(budget, id=old.id)
        changed = BUDGETS.update().where(BUDGETS.c.id == old.id)
        connection.execute(changed.values(cap=budget.cap, warn=budget.warn))
    facts = _facts(budget) | ({"cap_before": old.cap} if old else {})
    note(connection, Act(now, actor, "budget.set", f"{budget.owner} {budget.subject}", facts))
    return budget


def _named(connection: Connection, budget: Budget) -> Budget:
    """The budget with its key's name. A project or a user may come later; a key is there or is not.

    Raises:
        SettingRefused: it is not.
    """
    if budget.owner is not Owner.KEY:
        return budget
    living = select(KEYS.c.name).where(KEYS.c.id == budget.subject, KEYS.c.revoked.is_(None))
    name = connection.execute(living).scalar()
    if name is None:
        raise SettingRefused(
            f"No living key has the id {budget.subject!r}.",
            hint="`seedbed keys ls` lists the keys.",
        )
    return replace(budget, name=name)


def _living(connection: Connection, budget: Budget) -> Budget | None:
    same = (
        BUDGETS.c[name] == getattr(budget, name)
        for name in ("owner", "subject", "window", "measure")
    )
    wanted = _NAMED.where(BUDGETS.c.removed.is_(None), *same)
    row = connection.execute(wanted).mappings().first()
    return budget_of(row) if row else None


def _remove(connection: Connection, budget: Budget, actor: str, now: int) -> None:
    living = BUDGETS.c.id == budget.id, BUDGETS.c.removed.is_(None)
    if connection.execute(BUDGETS.update().where(*living).values(removed=now)).rowcount != 1:
        raise SettingRefused(
            f"There is no {budget.words} any more.",
            hint="`seedbed keys budget` lists those that there are.",
        )
    subject = f"{budget.owner} {budget.subject}"
    note(connection, Act(now, actor, "budget.removed", subject, _facts(budget)))


def _with_use(connection: Connection, budget: Budget, now: int) -> tuple[Budget, int, int]:
    begins = budget.window.begins(now)
    window = WINDOWS.c.budget == budget.id, WINDOWS.c.begins == begins
    used = select(func.coalesce(func.sum(WINDOWS.c.spent), 0)).where(*window)
    return budget, connection.execute(used).scalar_one(), begins


def _row(budget: Budget) -> dict[str, object]:
    facts = _facts(budget)
    return facts | {"id": budget.id, "owner": budget.owner.value, "subject": budget.subject}


def _facts(budget: Budget) -> dict[str, object]:
    return {
        "window": budget.window.value,
        "measure": budget.measure.value,
        "cap": budget.cap,
        "currency": budget.currency,
        "warn": budget.warn,
    }
