import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from seedbed.core.errors import StoreUnusable
from seedbed.core.money import Amount
from seedbed.core.usage import Usage
from seedbed.store.database import Database, open_database
from seedbed.store.ledger import UNRECONCILED, Ledger
from seedbed.store.tables import ENTRIES
from tests.store.books import entry

pytestmark = pytest.mark.anyio


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def _sum(ledger: Ledger) -> int:
    return sum(total.spent.micros for total in ledger.totals())


async def test_an_entry_is_read_as_it_was_written(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    settled = replace(entry("req_1", 40), usage=Usage(1, 20, 300, 4_000, 50_000))
    assert await ledger.record(lease.id, [settled], now=2)
    assert ledger.entries(last=10) == [settled]


async def test_the_newest_entries_come_first_and_no_more_than_asked_for(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    entries = [entry(f"req_{n}", n) for n in range(5)]
    await ledger.record(lease.id, entries, now=2)
    assert ledger.entries(last=2) == [entries[4], entries[3]]


async def test_each_model_is_summed_and_the_dearest_comes_first(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    entries = [entry("r1", 1, model="cheap"), entry("r2", 9), entry("r3", 20)]
    await ledger.record(lease.id, entries, now=2)
    dear, cheap = ledger.totals()
    assert (dear.model, dear.requests, dear.held) == ("m", 2, 12)
    assert dear.spent == Amount(29, "USD")
    assert dear.usage == Usage(2, 4, 6, 8, 10)
    assert (cheap.model, cheap.requests, cheap.spent.micros) == ("cheap", 1, 1)


async def test_currencies_are_summed_apart(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    await ledger.record(lease.id, [entry("r1", 1), entry("r2", 2, currency="EUR")], now=2)
    assert {t.spent for t in ledger.totals()} == {Amount(1, "USD"), Amount(2, "EUR")}


async def test_an_empty_ledger_has_spent_nothing(ledger: Ledger) -> None:
    assert ledger.totals() == []
    assert ledger.entries(last=10) == []
    assert await ledger.reconcile(silent_since=10, now=10) is None


async def test_a_group_that_is_handed_in_twice_is_written_once(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    first, second = entry("req_1", 40), entry("req_2", 5)
    await ledger.record(lease.id, [first], now=2)
    assert await ledger.record(lease.id, [first, second], now=3)
    assert ledger.entries(last=10) == [second, first]
    assert await ledger.reconcile(silent_since=9, now=9) == Amount(55, "USD")
    assert _sum(ledger) == 100


async def test_the_rest_of_a_dead_lease_is_spent_in_one_entry(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    assert await ledger.extend(lease.id, 50, now=2)
    await ledger.record(lease.id, [entry("req_1", 40)], now=3)
    assert await ledger.reconcile(silent_since=4, now=9) == Amount(110, "USD")
    written_off = ledger.entries(last=1)[0]
    assert (written_off.stop, written_off.spent.micros, written_off.began) == (UNRECONCILED, 110, 9)
    assert written_off.request_id == lease.id
    assert _sum(ledger) == 150
    assert await ledger.reconcile(silent_since=10, now=11) is None  # once


async def test_a_lease_that_gives_a_sign_of_life_is_left_alone(ledger: Ledger) -> None:
    extended = await ledger.lease(100, currency="USD", now=1)
    recorded = await ledger.lease(100, currency="USD", now=1)
    await ledger.extend(extended.id, 1, now=8)
    await ledger.record(recorded.id, [], now=8)
    assert await ledger.reconcile(silent_since=8, now=9) is None
    assert await ledger.reconcile(silent_since=9, now=9) == Amount(201, "USD")


async def test_a_closed_lease_costs_what_was_spent_of_it(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    await ledger.record(lease.id, [entry("req_1", 40)], now=2)
    await ledger.close(lease.id, now=3)
    assert await ledger.reconcile(silent_since=9, now=9) is None
    assert not await ledger.extend(lease.id, 1, now=9)
    assert _sum(ledger) == 40


async def test_closing_a_lost_lease_brings_nothing_back(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    await ledger.reconcile(silent_since=2, now=3)
    await ledger.close(lease.id, now=4)
    assert _sum(ledger) == 100
    assert not await ledger.extend(lease.id, 1, now=5)


async def test_late_entries_are_taken_out_of_the_write_off(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    await ledger.reconcile(silent_since=2, now=3)
    assert not await ledger.record(lease.id, [entry("req_1", 30), entry("req_2", 20)], now=4)
    spent = {e.request_id: e.spent.micros for e in ledger.entries(last=9)}
    assert spent == {"req_1": 30, "req_2": 20, lease.id: 50}


async def test_late_entries_beyond_the_write_off_are_spent_all_the_same(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    await ledger.reconcile(silent_since=2, now=3)
    await ledger.record(lease.id, [entry("req_1", 130)], now=4)
    assert _sum(ledger) == 130


async def test_a_dead_lease_that_was_overspent_gives_nothing_back(ledger: Ledger) -> None:
    lease = await ledger.lease(100, currency="USD", now=1)
    await ledger.record(lease.id, [entry("req_1", 130)], now=2)
    assert await ledger.reconcile(silent_since=3, now=4) == Amount(0, "USD")
    assert _sum(ledger) == 130


async def test_dead_leases_of_two_currencies_are_written_off_one_after_the_other(
    ledger: Ledger,
) -> None:
    await ledger.lease(100, currency="USD", now=1)
    await ledger.lease(20, currency="EUR", now=1)
    await ledger.lease(3, currency="EUR", now=1)
    lost = [await ledger.reconcile(silent_since=2, now=3) for _ in range(3)]
    assert set(lost) == {Amount(100, "USD"), Amount(23, "EUR"), None}
    assert {t.spent for t in ledger.totals()} == {Amount(100, "USD"), Amount(23, "EUR")}


async def test_nothing_is_spent_on_a_lease_that_never_was(ledger: Ledger) -> None:
    with pytest.raises(StoreUnusable, match="FOREIGN KEY"):
        await ledger.record("lease_unknown", [entry("req_1", 1)], now=3)
    assert ledger.totals() == []


@dataclass
class _Book:
    """What must be on the books of one lease."""

    id: str
    granted: int
    renewed: int
    spent: int = 0
    state: str = "open"


MICROS = st.integers(0, 60)
WHICH = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("lease"), MICROS, st.just(0)),
    st.tuples(st.just("extend"), WHICH, MICROS),
    st.tuples(st.just("record"), WHICH, MICROS),
    st.tuples(st.just("record"), WHICH, MICROS),
    st.tuples(st.just("reconcile"), st.integers(0, 4), st.just(0)),
    st.tuples(st.just("close"), WHICH, st.just(0)),
)


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


@given(steps=st.lists(STEPS, max_size=12))
@settings(max_examples=20)
def test_no_order_of_events_loses_or_invents_money(
    empty: Path, steps: list[tuple[str, int, int]]
) -> None:
    """The invariant, for each lease.

    Open or closed: its entries sum to the spend that was handed in on it. Reconciled: to what had
    been granted, or to that spend where it is more. And what was handed in is there in detail.
    """
    with _copy(empty) as database:
        books = anyio.run(_play, Ledger(database), steps)
        sums = select(ENTRIES.c.lease, func.sum(ENTRIES.c.spent)).group_by(ENTRIES.c.lease)
        found = {row[0]: row[1] for row in database.read_now(lambda c: c.execute(sums).all())}
        entries = Ledger(database).entries(last=10**6)
    expected = {
        book.id: max(book.granted, book.spent) if book.state == "reconciled" else book.spent
        for book in books
    }
    assert {book.id: found.get(book.id, 0) for book in books} == expected
    detail = sum(e.spent.micros for e in entries if e.stop != UNRECONCILED)
    assert detail == sum(book.spent for book in books)
    assert all(e.spent.micros >= 0 for e in entries)


async def _play(ledger: Ledger, steps: list[tuple[str, int, int]]) -> list[_Book]:
    books = [await _open(ledger, 30, 0), await _open(ledger, 0, 0)]
    for now, (verb, number, micros) in enumerate(steps, start=1):
        book = books[number % len(books)]
        is_open = book.state == "open"
        match verb:
            case "lease":
                books.append(await _open(ledger, number, now))
            case "extend":
                assert await ledger.extend(book.id, micros, now=now) == is_open
                book.granted += micros if is_open else 0
            case "record":
                used = [entry(f"req_{now}_a", micros), entry(f"req_{now}_b", 1)]
                assert await ledger.record(book.id, used, now=now) == is_open
                book.spent += micros + 1
            case "close":
                await ledger.close(book.id, now=now)
                book.state = "closed" if is_open else book.state
            case _:
                await _bury(ledger, books, now - number, now)
        if verb in {"extend", "record"}:
            book.renewed = now
    return books


async def _open(ledger: Ledger, micros: int, now: int) -> _Book:
    lease = await ledger.lease(micros, currency="USD", now=now)
    return _Book(lease.id, micros, now)


async def _bury(ledger: Ledger, books: list[_Book], silent_since: int, now: int) -> None:
    dead = [b for b in books if b.state == "open" and b.renewed < silent_since]
    rest = sum(max(0, book.granted - book.spent) for book in dead)
    lost = await ledger.reconcile(silent_since=silent_since, now=now)
    assert lost == (Amount(rest, "USD") if dead else None)
    for book in dead:
        book.state = "reconciled"
