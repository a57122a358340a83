"""Budgets hold: what is promised, settled and given back, by one process and by several."""

import anyio
import pytest

from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import BudgetReserved, BudgetSpent, SettingRefused
from seedbed.kit.clock import FakeClock
from seedbed.kit.silence import DEAD_AFTER_SECONDS
from seedbed.serving.pool import SLICE
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database
from tests.serving.meters import (
    Calendar,
    asked,
    bound_by,
    entry,
    meter_of,
    usd,
)
from tests.store.books import budget, buried, total

pytestmark = pytest.mark.anyio

DAY = 86_400


@pytest.fixture
def budgets(database: Database) -> Budgets:
    return Budgets(database)


def _set(
    budgets: Budgets,
    cap: int,
    *,
    measure: Measure = Measure.MONEY,
    window: Window = Window.ALL,
    owner: Owner = Owner.PROJECT,
) -> Budget:
    wanted = budget(cap, measure=measure, window=window, owner=owner)
    return budgets.set_budget(wanted, actor="ada", now=0)


def _settled(budgets: Budgets, clock: FakeClock) -> int:
    return sum(used for _, used, _ in budgets.all_with_use(round(clock.wall() * 1e6)))


def _used(database: Database) -> list[int]:
    wanted = "SELECT used FROM windows ORDER BY begins"
    return database.read_now(lambda c: list(c.exec_driver_sql(wanted).scalars()))


async def test_promises_within_the_slices_write_nothing(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 16_000), _set(budgets, 1_600, measure=Measure.TOKENS))
    meter.refund(await asked(meter, 1_000, 100, principal=ada))
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    promises = [meter.promise_now(ada, usd(100), 10) for _ in range(10)]
    assert None not in promises
    assert meter.promise_now(ada, usd(1), 1) is None


async def test_a_budget_of_nothing_is_spent_and_lets_pass_what_costs_nothing(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, ledger = meter_of(database, clock)
    ada = bound_by(_set(budgets, 0))
    with pytest.raises(BudgetSpent):
        await asked(meter, 1, principal=ada)
    free = await asked(meter, 0, principal=ada)
    meter.settle(free, entry(free, 0, "req_1"))
    with pytest.raises(BudgetSpent, match=r"budget of 0\.00 USD in all of project 'engines'"):
        await asked(meter, 1, principal=ada)
    await meter.close()
    assert len(ledger.entries(last=9)) == 1


async def test_what_only_promises_hold_may_come_back_and_what_is_settled_does_not(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 1_000, window=Window.DAY))
    first = await asked(meter, 700, principal=ada)
    with pytest.raises(BudgetReserved, match=r"has 0\.0003 USD left") as reserved:
        await asked(meter, 400, principal=ada)
    assert "0.0004 USD" in str(reserved.value)
    meter.settle(first, entry(first, 650, "req_1"))
    with pytest.raises(BudgetSpent) as spent:  # though nothing of it is written yet
        await asked(meter, 400, principal=ada)
    assert spent.value.facts["spent"] == "0.00065 USD"
    assert spent.value.facts["left"] == "0.00035 USD"
    assert spent.value.facts["until"] == "2027-01-16 00:00 UTC"
    meter.refund(await asked(meter, 350, principal=ada))


async def test_who_asks_again_for_what_is_spent_does_not_reach_the_ledger(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 10))
    with pytest.raises(BudgetSpent):
        await asked(meter, 11, principal=ada)
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    with pytest.raises(BudgetSpent):
        await asked(meter, 12, principal=ada)


async def test_tokens_are_bounded_as_money_is(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 100, measure=Measure.TOKENS))
    promise = await asked(meter, 5, 60, principal=ada)
    meter.settle(promise, entry(promise, 5, "req_1", tokens=20))
    second = await asked(meter, 5, 80, principal=ada)
    with pytest.raises(BudgetReserved, match="has 0 tokens left"):
        await asked(meter, 5, 1, principal=ada)
    meter.refund(second)
    with pytest.raises(BudgetSpent, match="20 tokens are used, 80 tokens are left"):
        await asked(meter, 5, 81, principal=ada)


async def test_each_of_several_budgets_binds_and_a_refusal_sets_nothing_aside(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    wide, narrow = _set(budgets, 10_000), _set(budgets, 100, owner=Owner.USER)
    with pytest.raises(BudgetSpent, match="of user 'engines'"):
        await asked(meter, 101, principal=bound_by(wide, narrow))
    assert (await asked(meter, 10_000, principal=bound_by(wide))).money == usd(10_000)
    assert (await asked(meter, 100, principal=bound_by(narrow))).money == usd(100)


async def test_what_other_processes_hold_is_not_theirs_alone_once_it_is_idle(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    first, _ = meter_of(database, clock)
    second, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 1_000))
    first.refund(await asked(first, 900, principal=ada))
    with pytest.raises(BudgetReserved):
        await asked(second, 900, principal=ada)
    await first.renew()  # 900 were used since the lease was made; the next time they are idle
    await first.renew()
    second.refund(await asked(second, 1_000, principal=ada))
    assert _used(database) == [1_000]


@pytest.mark.slow
async def test_many_asks_at_once_in_several_processes_never_get_more_than_the_cap(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meters = [meter_of(database, clock)[0] for _ in range(3)]
    ada = bound_by(_set(budgets, 1_000))
    had: list[int] = []

    async def ask(number: int) -> None:
        try:
            promise = await asked(meters[number % 3], 7, principal=ada)
        except BudgetReserved:
            return
        had.append(promise.money.micros)

    async with anyio.create_task_group() as tasks:
        for number in range(300):
            tasks.start_soon(ask, number)
    assert 900 <= sum(had) <= 1_000
    assert _used(database)[0] <= 1_000


@pytest.mark.slow
async def test_a_caller_is_warned_and_the_log_has_it_once_for_all_processes(
    database: Database,
    clock: FakeClock,
    budgets: Budgets,
    capsys: pytest.CaptureFixture[str],
) -> None:
    meters = [meter_of(database, clock)[0] for _ in range(2)]
    ada = bound_by(_set(budgets, 1_000))
    warned: list[tuple[str, ...]] = []
    for number in range(10):
        meter = meters[number % 2]
        promise = await asked(meter, 90, principal=ada)
        warned.append(promise.warnings)
        meter.settle(promise, entry(promise, 90, f"req_{number}"))
        await meter.renew()
    assert warned[:9] == [()] * 9
    (said,) = warned[9]
    assert said.startswith("The budget of 0.001 USD in all of project 'engines' is 80 % used or")
    assert capsys.readouterr().out.count("budget.warned") == 1


async def test_a_lower_cap_takes_effect_when_leases_are_renewed(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 16 * SLICE))
    first = await asked(meter, 1, principal=ada)
    meter.settle(first, entry(first, 1, "req_1"))
    _set(budgets, 100)
    await asked(meter, 500, principal=ada)  # from what was granted before
    await meter.renew()
    with pytest.raises(BudgetReserved):
        await asked(meter, 1, principal=ada)
    assert _used(database) == [501]


async def test_what_a_lower_cap_leaves_no_room_for_goes_back_though_it_was_in_use(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 16 * SLICE))
    kept = await asked(meter, 40, principal=ada)
    meter.refund(await asked(meter, SLICE - 40, principal=ada))  # so that nothing was idle
    _set(budgets, 100)
    await meter.renew()
    assert _used(database) == [40]
    meter.refund(kept)


async def test_a_budget_that_was_removed_refuses_nobody(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    of = _set(budgets, 100)
    ada = bound_by(of)
    await asked(meter, 50, principal=ada)
    budgets.remove(of, actor="ada", now=1)
    await asked(meter, 500, principal=ada)
    await meter.renew()


async def test_another_currency_than_the_ledgers_is_refused_with_what_to_do(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    euro = Budget("b", Owner.USER, "ada", Window.ALL, Measure.MONEY, 10, "EUR")
    with pytest.raises(SettingRefused, match="the ledger counts in USD"):
        await asked(meter, 1, principal=bound_by(euro))


async def test_a_window_that_turns_begins_anew_and_the_old_one_is_closed_when_settled(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 1_000, window=Window.DAY))
    late = await asked(meter, 1_000, principal=ada)
    await clock.advance(DAY)
    today = await asked(meter, 1_000, principal=ada)
    await meter.renew()
    assert _used(database) == [1_000, 1_000]
    meter.settle(late, entry(late, 300, "req_1"))
    meter.refund(today)
    assert _settled(budgets, clock) == 0
    await meter.renew()
    assert _used(database)[0] == 300
    states = "SELECT state, count(*) FROM leases WHERE budget IS NOT NULL GROUP BY state"
    found = database.read_now(lambda c: c.exec_driver_sql(states).all())
    assert dict(tuple(row) for row in found) == {"closed": 1, "open": 1}


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
async def test_a_calendar_that_jumps_loses_nothing_and_frees_nothing(
    database: Database, budgets: Budgets, days: int
) -> None:
    calendar = Calendar()
    meter, ledger = meter_of(database, calendar)
    ada = bound_by(_set(budgets, 1_000, window=Window.DAY), _set(budgets, 5_000))
    before = await asked(meter, 900, principal=ada)
    calendar.jumped = days * DAY
    during = await asked(meter, 1_000, principal=ada)
    meter.settle(before, entry(before, 800, "req_1"))
    meter.settle(during, entry(during, 1_000, "req_2"))
    await meter.renew()
    calendar.jumped = 0.0
    with pytest.raises(BudgetSpent, match=r"0\.0008 USD are used, 0\.0002 USD are left"):
        await asked(meter, 201, principal=ada)
    meter.refund(await asked(meter, 200, principal=ada))
    await meter.close()
    assert _settled(budgets, calendar) == 800 + 1_800
    assert total(ledger) == 1_800
    assert sum(_used(database)) == 2 * 1_800


async def test_an_idle_lease_is_closed_and_the_next_ask_opens_another(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 1_000))
    meter.refund(await asked(meter, 10, principal=ada))
    await meter.renew()
    await meter.renew()
    assert _used(database) == [0]
    meter.refund(await asked(meter, 10, principal=ada))
    assert _used(database)[0] >= 10


async def test_what_a_dead_process_held_of_a_budget_is_spent(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    dead, ledger = meter_of(database, clock)
    ada = bound_by(_set(budgets, 1_000))
    promise = await asked(dead, 400, principal=ada)
    await clock.advance(DEAD_AFTER_SECONDS + 1)
    now = round(clock.wall() * 1e6)
    await buried(ledger, silent_since=now, now=now)
    assert _settled(budgets, clock) == 400
    dead.settle(promise, entry(promise, 300, "req_1"))
    await dead.flush()  # it had only been frozen: its entry is part of that
    assert _settled(budgets, clock) == 400
    other, _ = meter_of(database, clock)
    with pytest.raises(BudgetSpent):
        await asked(other, 601, principal=ada)
    await asked(dead, 600, principal=ada)


async def test_a_lease_that_was_written_off_is_replaced_when_it_should_grow(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    frozen, ledger = meter_of(database, clock)
    ada = bound_by(_set(budgets, 1_000))
    await asked(frozen, 100, principal=ada)
    now = round(clock.wall() * 1e6) + 1
    await buried(ledger, silent_since=now, now=now)
    await asked(frozen, 800, principal=ada)
    assert _used(database) == [900]


async def test_what_is_promised_when_a_meter_closes_stays_on_the_books(
    database: Database, clock: FakeClock, budgets: Budgets
) -> None:
    meter, _ = meter_of(database, clock)
    ada = bound_by(_set(budgets, 1_000))
    await asked(meter, 400, principal=ada)
    await meter.close()
    assert _used(database) == [400]
