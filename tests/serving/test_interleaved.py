"""Two processes, whatever they do and in whatever order: budgets hold, and the books add up."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.access import Principal
from seedbed.core.budget import Measure, Owner, Window
from seedbed.core.errors import BudgetReserved, BudgetSpent
from seedbed.serving.metering import Meter
from seedbed.serving.pool import Promise
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database, open_database
from seedbed.store.ledger import UNRECONCILED, Ledger
from tests.examples import examples
from tests.serving.meters import Calendar, asked, bound_by, entry, meter_of
from tests.store.books import budget, buried

CAP = 300
DAY = 86_400
STEPS = st.tuples(
    st.sampled_from(
        ["promise"] * 4 + ["settle"] * 3 + ["refund", "flush", "renew", "crash", "bury", "jump"]
    ),
    st.integers(0, 1),
    st.integers(0, 120),
)


@dataclass
class _Process:
    """A meter, and what it has promised."""

    meter: Meter
    promises: list[Promise] = field(default_factory=list[Promise])


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the right shape, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "seedbed.db"
    open_database(path).close()
    return path


@contextmanager
def _copy(path: Path) -> Generator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(shutil.copy(path, folder)))
        yield database
        database.close()


@given(steps=st.lists(STEPS, max_size=25))
@examples(40)
def test_no_order_of_events_overspends_a_budget_or_unbalances_the_books(
    empty: Path, steps: list[tuple[str, int, int]]
) -> None:
    with _copy(empty) as database:
        anyio.run(_play, database, steps)


async def _play(database: Database, steps: list[tuple[str, int, int]]) -> None:
    calendar = Calendar()
    budgets = Budgets(database)
    ada = bound_by(
        budgets.set_budget(budget(CAP), actor="ada", now=0),
        budgets.set_budget(budget(CAP, owner=Owner.USER, window=Window.DAY), actor="ada", now=0),
        budgets.set_budget(budget(CAP, measure=Measure.TOKENS), actor="ada", now=0),
    )
    processes = [_Process(meter_of(database, calendar)[0]) for _ in range(2)]
    settled = 0
    for number, (step, which, units) in enumerate(steps):
        process = processes[which]
        match step:
            case "crash":
                processes[which] = _Process(meter_of(database, calendar)[0])
            case "bury":
                now = round(calendar.wall() * 1e6)
                await buried(Ledger(database), silent_since=2**62, now=now)
            case "jump":
                calendar.jumped = (units % 5 - 2) * DAY
            case _:
                settled += await _act(process, step, units, ada, f"req_{number}")
        _check(database)
    for process in processes:
        for promise in process.promises:
            process.meter.refund(promise)
        await process.meter.close()
    _check(database)
    detail = [e for e in Ledger(database).entries(last=999) if e.stop != UNRECONCILED]
    assert sum(e.spent.micros for e in detail) <= settled  # what crashed had not written it all


async def _act(process: _Process, step: str, units: int, principal: Principal, id_: str) -> int:
    """Do one step; returns what it settled."""
    match step:
        case "promise":
            try:
                promise = await asked(process.meter, units, units // 2, principal=principal)
            except (BudgetReserved, BudgetSpent):
                return 0
            process.promises.append(promise)
        case "settle" if process.promises:
            promise = process.promises.pop(0)
            spent = min(units, promise.money.micros)
            tokens = min(units, promise.tokens)
            process.meter.settle(promise, entry(promise, spent, id_, tokens=tokens))
            return spent
        case "refund" if process.promises:
            process.meter.refund(process.promises.pop())
        case "flush":
            await process.meter.flush()
        case "renew":
            await process.meter.renew()
        case _:
            pass
    return 0


_COSTS = "CASE state WHEN 'reconciled' THEN granted ELSE spent END"


def _check(database: Database) -> None:
    """Read what the tables say of one another, by plain sums."""

    def rows(sql: str) -> list[tuple[int, ...]]:
        return database.read_now(lambda c: [tuple(row) for row in c.exec_driver_sql(sql)])

    windows = rows("SELECT budget, begins, used, spent FROM windows ORDER BY 1, 2")
    assert all(0 <= spent <= used <= CAP for _, _, used, spent in windows)
    assert windows == rows(
        f"SELECT budget, begins, sum(granted), sum({_COSTS}) FROM leases "
        "WHERE budget IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert rows("SELECT coalesce(sum(spent), 0) FROM entries") == rows(
        f"SELECT coalesce(sum({_COSTS}), 0) FROM leases WHERE budget IS NULL"
    )
