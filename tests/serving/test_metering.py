"""Money on the path of a request: nothing unrecorded, nothing invented, whatever dies."""

import asyncio
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from seedbed.core.errors import LedgerUnavailable, StoreUnusable
from seedbed.core.money import Hours
from seedbed.kit.clock import FakeClock
from seedbed.kit.silence import DEAD_AFTER_SECONDS
from seedbed.serving.metering import GROUP_SECONDS, RENEW_SECONDS, Meter
from seedbed.serving.pool import SLICE, Promise
from seedbed.store.database import Database, open_database
from seedbed.store.leases import Standing, Want, grant
from seedbed.store.ledger import UNRECONCILED, Group, Ledger
from tests.examples import examples
from tests.serving.houses import PRINCIPAL, until
from tests.serving.meters import asked, entry, meter_of, turned, usd
from tests.store.books import buried, total

pytestmark = pytest.mark.anyio


async def test_promises_within_the_lease_write_nothing(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    meter.refund(await asked(meter, 1))
    lease = meter.lease
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    promises = [await asked(meter, SLICE // 10) for _ in range(10)]
    assert meter.lease is not None
    assert meter.lease.free == 0
    for promise in promises:
        meter.refund(promise)
    assert meter.lease is lease
    assert lease is not None
    assert lease.free == SLICE


async def test_a_lease_grows_when_it_runs_short(database: Database, clock: FakeClock) -> None:
    meter, _ = meter_of(database, clock)
    await asked(meter, SLICE)
    await asked(meter, SLICE * 3)
    assert meter.lease is not None
    assert meter.lease.granted >= SLICE * 4
    granted = database.read_now(
        lambda c: c.exec_driver_sql("SELECT granted FROM leases").scalar_one()
    )
    assert granted == meter.lease.granted


async def test_a_lease_grows_with_the_entries_so_that_no_ask_waits_for_the_ledger(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    for number in range(300):  # five leases as long as the first
        promise = (
            await asked(meter, 500) if number == 0 else meter.promise_now(PRINCIPAL, usd(500), 1)
        )
        assert promise
        meter.settle(promise, entry(promise, 350, f"req_{number}"))
        if number % 20 == 0:
            await meter.flush()
    await meter.close()
    assert total(ledger) == 300 * 350


async def test_many_promises_at_once_never_exceed_what_is_granted(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    async with anyio.create_task_group() as tasks:
        for _ in range(200):
            tasks.start_soon(asked, meter, SLICE // 7)
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
            promise = await asked(meter, 10)
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
    promise = await asked(meter, 10)
    meter.settle(promise, entry(promise, 7, "req_1"))
    await meter.close()
    assert total(ledger) == 7
    await clock.advance(2 * DEAD_AFTER_SECONDS)
    now = round(clock.wall() * 1e6)
    assert await buried(ledger, silent_since=now, now=now) == []
    assert total(ledger) == 7


async def test_closing_without_any_lease_is_nothing(database: Database, clock: FakeClock) -> None:
    meter, ledger = meter_of(database, clock)
    await meter.close()
    assert total(ledger) == 0


async def test_the_rest_of_a_dead_process_is_written_off_by_the_next(
    database: Database, clock: FakeClock
) -> None:
    dead, ledger = meter_of(database, clock)
    promise = await asked(dead, 10)
    dead.settle(promise, entry(promise, 7, "req_1"))
    await dead.flush()
    await asked(dead, 1000)  # in flight when the plug is pulled
    heir, _ = meter_of(database, clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(heir.run)
        await turned(clock, RENEW_SECONDS, lambda: len(ledger.entries(last=9)) == 2)
        tasks.cancel_scope.cancel()
    written_off, known = ledger.entries(last=9)
    assert known.spent == usd(7)
    assert written_off.stop == UNRECONCILED
    assert written_off.spent == usd(SLICE + 10)  # a slice, and as much as was needed of late
    assert total(ledger) == SLICE + 10 + 7


async def test_a_living_process_renews_and_is_not_buried(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    await asked(meter, 10)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(meter.run)
        for _ in range(20):
            await clock.advance(10)
            await anyio.wait_all_tasks_blocked()
            await meter.flush()
        now = round(clock.wall() * 1e6)
        silent_since = now - round(DEAD_AFTER_SECONDS * 1e6)
        assert await buried(ledger, silent_since=silent_since, now=now) == []
        tasks.cancel_scope.cancel()


async def test_a_process_that_was_buried_alive_hands_in_its_entries_without_inventing_money(
    database: Database, clock: FakeClock
) -> None:
    frozen, ledger = meter_of(database, clock)
    first = await asked(frozen, 100)
    still_running = await asked(frozen, 200)
    frozen.settle(first, entry(first, 60, "req_1"))
    await clock.advance(DEAD_AFTER_SECONDS + 1)
    now = round(clock.wall() * 1e6)
    await buried(ledger, silent_since=now, now=now)
    assert total(ledger) == SLICE
    await frozen.flush()
    assert total(ledger) == SLICE  # 60 of it has a name now
    assert frozen.lease is None
    later = await asked(frozen, 50)  # from a lease of its own
    frozen.settle(still_running, entry(still_running, 150, "req_2"))
    frozen.settle(later, entry(later, 5, "req_3"))
    await frozen.close()
    assert total(ledger) == SLICE + 5  # what the old lease had promised was in its write-off
    assert {e.request_id: e.spent.micros for e in ledger.entries(last=9)}["req_2"] == 150


async def test_what_a_burst_took_is_kept_for_another_and_given_back_by_and_by(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    burst = [await asked(meter, SLICE) for _ in range(20)]
    for promise in burst[1:]:
        meter.refund(promise)
    await meter.renew()
    assert meter.lease is not None
    assert meter.lease.free == 20 * SLICE
    for _ in range(8):
        await meter.renew()
    assert meter.lease.free == SLICE
    await clock.advance(DEAD_AFTER_SECONDS + 1)
    now = round(clock.wall() * 1e6)
    lost = await buried(ledger, silent_since=now, now=now)
    assert lost == [usd(2 * SLICE)]  # the promise under way and what was free


async def test_a_lease_that_cannot_be_renewed_never_holds_more_than_the_books_say(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    for promise in [await asked(meter, SLICE) for _ in range(3)]:
        meter.refund(promise)
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    for _ in range(20):
        with pytest.raises(StoreUnusable):
            await meter.renew()
    assert meter.lease is not None
    assert meter.lease.granted == SLICE
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE hidden RENAME TO leases"))
    await meter.renew()
    granted = database.read_now(
        lambda c: c.exec_driver_sql("SELECT granted FROM leases").scalar_one()
    )
    assert granted == SLICE


async def test_a_lease_that_was_buried_is_replaced_when_it_should_grow(
    database: Database, clock: FakeClock
) -> None:
    frozen, ledger = meter_of(database, clock)
    await asked(frozen, 100)
    await clock.advance(DEAD_AFTER_SECONDS + 1)
    now = round(clock.wall() * 1e6)
    await buried(ledger, silent_since=now, now=now)
    await asked(frozen, SLICE)
    assert frozen.lease is not None
    assert frozen.lease.reserved == SLICE
    assert frozen.lease.free >= 0


async def test_entries_that_cannot_be_written_are_kept_and_written_later(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    promise = await asked(meter, 10)
    meter.settle(promise, entry(promise, 7, "req_1"))
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE entries RENAME TO hidden"))
    with pytest.raises(StoreUnusable, match="no such table"):
        await meter.flush()
    with pytest.raises(LedgerUnavailable, match="no such table"):
        await asked(meter, 1)
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE hidden RENAME TO entries"))
    await meter.flush()
    assert total(ledger) == 7
    meter.refund(await asked(meter, 1))


async def test_a_lease_that_cannot_be_taken_refuses_the_promise(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE leases RENAME TO hidden"))
    with pytest.raises(LedgerUnavailable, match="no such table"):
        await asked(meter, 1)


async def test_a_group_whose_fate_was_unknown_is_written_once(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter, ledger = meter_of(database, clock)
    for n in range(2):
        promise = await asked(meter, 10)
        meter.settle(promise, entry(promise, 7, f"req_{n}"))
    record = Ledger.record

    async def written_and_not_heard_of(self: Ledger, group: Group, *, now: int) -> None:
        await record(self, group, now=now)
        raise StoreUnusable("The disk is gone.", hint="", reason="the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "record", written_and_not_heard_of)
        with pytest.raises(StoreUnusable):
            await meter.flush()
    assert meter.trouble == "the disk is gone"
    assert meter.unwritten == 2
    promise = meter.promise_now(PRINCIPAL, usd(1), 1)
    assert promise is None
    await meter.flush()
    assert (meter.trouble, meter.unwritten) == (None, 0)
    await meter.close()
    assert total(ledger) == 14


@pytest.mark.parametrize("trouble", ["locked", "full", "readonly"])
async def test_nothing_is_lost_while_the_ledger_cannot_be_written(
    home: Path, clock: FakeClock, trouble: str
) -> None:
    database = open_database(home / "seedbed.db", busy_ms=1)
    meter, ledger = meter_of(database, clock)
    promises = [await asked(meter, 1) for _ in range(300)]
    with _troubled(home, database, trouble):
        for number, promise in enumerate(promises):
            meter.settle(promise, entry(promise, 1, f"req_{number:030}"))
        for _ in range(2):
            with pytest.raises(StoreUnusable, match=trouble):
                await meter.flush()
        with pytest.raises(LedgerUnavailable, match=trouble):
            await asked(meter, 1)
        assert meter.unwritten == 300
    await meter.flush()
    await asked(meter, 1)
    assert total(ledger) == 300
    database.close()


@contextmanager
def _troubled(home: Path, database: Database, trouble: str) -> Generator[None]:
    def say(pragma: str) -> None:
        database.read_now(lambda c: c.exec_driver_sql(f"PRAGMA {pragma}"))

    match trouble:
        case "locked":
            other = sqlite3.connect(home / "seedbed.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            yield
            other.close()
        case "full":
            say("max_page_count = 1")  # which SQLite takes as: not one page more
            yield
            say("max_page_count = 100000")
        case _:
            say("query_only = ON")
            yield
            say("query_only = OFF")


def _hide(database: Database, table: str) -> None:
    database.write_now(lambda c: c.exec_driver_sql(f"ALTER TABLE {table} RENAME TO hidden"))


def _show(database: Database, table: str) -> None:
    database.write_now(lambda c: c.exec_driver_sql(f"ALTER TABLE hidden RENAME TO {table}"))


async def test_a_meter_that_runs_tries_again_until_its_entries_are_written(
    database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(meter.run)
        promise = await asked(meter, 10)
        _hide(database, "entries")
        meter.settle(promise, entry(promise, 7, "req_1"))
        await turned(clock, GROUP_SECONDS, lambda: meter.trouble is not None)
        _show(database, "entries")
        await turned(clock, 1.0, lambda: meter.trouble is None)
        assert total(ledger) == 7
        tasks.cancel_scope.cancel()


async def test_a_meter_that_runs_outlives_leases_that_it_can_neither_see_nor_renew(
    database: Database, clock: FakeClock
) -> None:
    meter, _ = meter_of(database, clock)
    _hide(database, "leases")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(meter.run)
        await turned(clock, GROUP_SECONDS, lambda: meter.trouble is not None)
        _show(database, "leases")
        await turned(clock, 1.0, lambda: meter.trouble is None)
        meter.refund(await asked(meter, 10))
        _hide(database, "leases")
        await turned(clock, RENEW_SECONDS, lambda: meter.trouble is not None)
        _show(database, "leases")
        await turned(clock, 1.0, lambda: meter.trouble is None)
        tasks.cancel_scope.cancel()


async def test_what_was_granted_to_a_caller_who_left_is_there_for_the_next_at_once(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter, _ = meter_of(database, clock)
    grants, granting, go_on = list[int](), threading.Event(), threading.Event()

    def slowly(connection: Connection, want: Want, now: int) -> Standing:
        granting.set()
        go_on.wait()
        standing = grant(connection, want, now)
        grants.append(standing.granted)
        return standing

    monkeypatch.setattr("seedbed.store.leases.grant", slowly)
    caller = asyncio.create_task(asked(meter, 10))
    await anyio.to_thread.run_sync(granting.wait)
    caller.cancel()
    go_on.set()
    await asyncio.wait([caller])
    assert meter.lease is not None
    assert [meter.lease.granted] == [meter.lease.free] == grants
    assert meter.promise_now(PRINCIPAL, usd(10), 1) is not None


async def test_hours_are_written_when_leases_are_renewed_and_kept_until_they_are(
    database: Database, clock: FakeClock
) -> None:
    ledger = Ledger(database)
    hours = Hours("m@here", day=0, loaded=5)
    meter = Meter(ledger, currency="USD", clock=clock, hours=lambda: [hours])
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE hours RENAME TO hidden"))
    with pytest.raises(StoreUnusable, match="no such table"):
        await meter.renew()
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE hidden RENAME TO hours"))
    await meter.renew()
    assert ledger.hours() == [replace(hours, loaded=10)]


steps = st.lists(
    st.tuples(st.sampled_from(["promise", "settle", "refund", "flush"]), st.integers(1, SLICE)),
    max_size=30,
)


@settings(examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
async def test_whatever_happens_the_books_hold_what_was_settled(
    steps: list[tuple[str, int]], database: Database, clock: FakeClock
) -> None:
    meter, ledger = meter_of(database, clock)
    before, settled, open_promises = total(ledger), 0, list[Promise]()
    for number, (step, micros) in enumerate(steps):
        match step:
            case "promise":
                open_promises.append(await asked(meter, micros))
            case "settle" if open_promises:
                promise = open_promises.pop()
                spent = min(micros, promise.money.micros)
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
