"""Money on the path of a request: nothing unrecorded, nothing invented, whatever dies."""

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.core.errors import LedgerUnavailable, StoreUnusable
from seedbed.core.money import Amount, Entry
from seedbed.core.usage import Usage
from seedbed.kit.clock import FakeClock
from seedbed.serving.metering import DEAD_AFTER_SECONDS, GROUP_SECONDS, SLICE, Meter, Promise
from seedbed.store.database import Database
from seedbed.store.ledger import UNRECONCILED, Ledger
from tests.serving.houses import PRINCIPAL, until

pytestmark = pytest.mark.anyio


def usd(micros: int) -> Amount:
    return Amount(micros, "USD")


def entry(promise: Promise, micros: int, id_: str) -> Entry:
    return Entry(
        request_id=id_,
        principal=PRINCIPAL,
        model="m",
        deployment="m@here",
        usage=Usage(input_fresh=1),
        reserved=promise.amount,
        spent=usd(micros),
        held=0,
        began=0,
        took=0,
        stop="end",
    )


def meter_of(database: Database, clock: FakeClock) -> tuple[Meter, Ledger]:
    ledger = Ledger(database)
    return Meter(ledger, currency="USD", clock=clock), ledger


def total(ledger: Ledger) -> int:
    return sum(t.spent.micros for t in ledger.totals())


async def test_promises_within_the_lease_write_nothing(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    meter.refund(await meter.promise(usd(1)))
    lease = meter.lease
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    promises = [await meter.promise(usd(SLICE // 10)) for _ in range(10)]
    assert meter.lease is not None
    assert meter.lease.free == 0
    for promise in promises:
        meter.refund(promise)
    assert meter.lease == lease


async def test_a_lease_grows_when_it_runs_short(database: Database, clock: FakeClock) -> None:
    meter, _ = meter_of(database, clock)
    await meter.promise(usd(SLICE))
    await meter.promise(usd(SLICE * 3))
    assert meter.lease is not None
    assert meter.lease.granted >= SLICE * 4
    granted = database.read_now(
        lambda c: c.exec_driver_sql("SELECT granted FROM leases").scalar_one()
    )
    assert granted == meter.lease.granted


async def test_many_promises_at_once_never_exceed_what_is_granted(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    async with anyio.create_task_group() as tasks:
        for _ in range(200):
            tasks.start_soon(meter.promise, usd(SLICE // 7))
    assert meter.lease is not None
    assert meter.lease.reserved == 200 * (SLICE // 7)
    assert meter.lease.free >= 0


async def test_entries_are_written_together_within_the_group_time(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(meter.run)
        for n in range(3):
            promise = await meter.promise(usd(10))
            meter.settle(promise, entry(promise, 5, f"req_{n}"))
        await anyio.wait_all_tasks_blocked()
        assert ledger.entries(last=9) == []
        await clock.advance(GROUP_SECONDS)
        await until(lambda: len(ledger.entries(last=9)) == 3)
        tasks.cancel_scope.cancel()


async def test_closing_writes_the_rest_and_ends_the_lease(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    promise = await meter.promise(usd(10))
    meter.settle(promise, entry(promise, 7, "req_1"))
    await meter.close()
    assert total(ledger) == 7
    await clock.advance(2 * DEAD_AFTER_SECONDS)
    now = round(clock.wall() * 1e6)
    assert await ledger.reconcile(silent_since=now, now=now) is None
    assert total(ledger) == 7


async def test_closing_without_any_lease_is_nothing(database: Database, clock: FakeClock) -> None:
    meter, ledger = meter_of(database, clock)
    await meter.close()
    assert total(ledger) == 0


async def test_the_rest_of_a_dead_process_is_written_off_by_the_next(
    database: Database, clock: FakeClock
) -> None:
    dead, ledger = meter_of(database, clock)
    promise = await dead.promise(usd(10))
    dead.settle(promise, entry(promise, 7, "req_1"))
    await dead.flush()
    await dead.promise(usd(1000))  # in flight when the plug is pulled
    await clock.advance(DEAD_AFTER_SECONDS + 1)
    heir, _ = meter_of(database, clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(heir.run)
        await until(lambda: len(ledger.entries(last=9)) == 2)
        tasks.cancel_scope.cancel()
    written_off, known = ledger.entries(last=9)
    assert known.spent == usd(7)
    assert written_off.stop == UNRECONCILED
    assert written_off.spent == usd(SLICE - 7)
    assert total(ledger) == SLICE


async def test_a_living_process_renews_and_is_not_buried(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    await meter.promise(usd(10))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(meter.run)
        for _ in range(20):
            await clock.advance(10)
            await anyio.wait_all_tasks_blocked()
            await meter.flush()
        now = round(clock.wall() * 1e6)
        silent_since = now - round(DEAD_AFTER_SECONDS * 1e6)
        assert await ledger.reconcile(silent_since=silent_since, now=now) is None
        tasks.cancel_scope.cancel()


async def test_a_process_that_was_buried_alive_hands_in_its_entries_without_inventing_money(
    database: Database, clock: FakeClock
) -> None:
    frozen, ledger = meter_of(database, clock)
    first = await frozen.promise(usd(100))
    still_running = await frozen.promise(usd(200))
    frozen.settle(first, entry(first, 60, "req_1"))
    await clock.advance(DEAD_AFTER_SECONDS + 1)
    now = round(clock.wall() * 1e6)
    await ledger.reconcile(silent_since=now, now=now)
    assert total(ledger) == SLICE
    await frozen.flush()
    assert total(ledger) == SLICE  # 60 of it has a name now
    assert frozen.lease is None
    later = await frozen.promise(usd(50))  # from a lease of its own
    frozen.settle(still_running, entry(still_running, 150, "req_2"))
    frozen.settle(later, entry(later, 5, "req_3"))
    await frozen.close()
    assert total(ledger) == SLICE + 5  # what the old lease had promised was in its write-off
    assert {e.request_id: e.spent.micros for e in ledger.entries(last=9)}["req_2"] == 150


async def test_what_a_burst_took_is_given_back_when_the_lease_is_renewed(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    burst = [await meter.promise(usd(SLICE)) for _ in range(20)]
    for promise in burst[1:]:
        meter.refund(promise)
    await meter.renew()
    assert meter.lease is not None
    assert meter.lease.free == SLICE
    await clock.advance(DEAD_AFTER_SECONDS + 1)
    now = round(clock.wall() * 1e6)
    lost = await ledger.reconcile(silent_since=now, now=now)
    assert lost == usd(2 * SLICE)  # the promise under way and what was free


async def test_a_lease_that_cannot_be_renewed_keeps_what_it_has(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    for promise in [await meter.promise(usd(SLICE)) for _ in range(3)]:
        meter.refund(promise)
    before = meter.lease
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    with pytest.raises(StoreUnusable):
        await meter.renew()
    assert meter.lease == before


async def test_a_lease_that_was_buried_is_replaced_when_it_should_grow(
    database: Database, clock: FakeClock
) -> None:
    frozen, ledger = meter_of(database, clock)
    await frozen.promise(usd(100))
    await clock.advance(DEAD_AFTER_SECONDS + 1)
    now = round(clock.wall() * 1e6)
    await ledger.reconcile(silent_since=now, now=now)
    await frozen.promise(usd(SLICE))
    assert frozen.lease is not None
    assert frozen.lease.reserved == SLICE
    assert frozen.lease.free >= 0


async def test_entries_that_cannot_be_written_are_kept_and_written_later(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    promise = await meter.promise(usd(10))
    meter.settle(promise, entry(promise, 7, "req_1"))
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE entries RENAME TO hidden"))
    with pytest.raises(StoreUnusable, match="no such table"):
        await meter.flush()
    with pytest.raises(LedgerUnavailable, match="no such table"):
        await meter.promise(usd(1))
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE hidden RENAME TO entries"))
    await meter.flush()
    assert total(ledger) == 7
    meter.refund(await meter.promise(usd(1)))


async def test_a_lease_that_cannot_be_taken_refuses_the_promise(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    with pytest.raises(LedgerUnavailable, match="no such table"):
        await meter.promise(usd(1))


steps = st.lists(
    st.tuples(st.sampled_from(["promise", "settle", "refund", "flush"]), st.integers(1, SLICE)),
    max_size=30,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
async def test_whatever_happens_the_books_hold_what_was_settled(
    steps: list[tuple[str, int]], database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    before, settled, open_promises = total(ledger), 0, list[Promise]()
    for number, (step, micros) in enumerate(steps):
        match step:
            case "promise":
                open_promises.append(await meter.promise(usd(micros)))
            case "settle" if open_promises:
                promise = open_promises.pop()
                spent = min(micros, promise.amount.micros)
                settled += spent
                meter.settle(promise, entry(promise, spent, f"req_{id(steps)}_{number}"))
            case "refund" if open_promises:
                meter.refund(open_promises.pop())
            case "flush":
                await meter.flush()
            case _:
                pass
        if meter.lease:
            assert meter.lease.free >= 0
    for promise in open_promises:
        meter.refund(promise)
    await meter.close()
    assert total(ledger) - before == settled
