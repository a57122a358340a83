from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from seedbed.core.budget import Budget
from seedbed.core.errors import StoreUnusable
from seedbed.core.money import Amount, Hours, Lease, Modality
from seedbed.core.usage import Usage
from seedbed.kit import ids
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database, open_database
from seedbed.store.leases import Want
from seedbed.store.ledger import UNRECONCILED, Group, Ledger
from seedbed.store.tables import ENTRIES, WINDOWS
from tests.conftest import Fresh
from tests.examples import examples
from tests.store.books import (
    budget,
    buried,
    closed,
    entry,
    handed_in,
    opened,
    total,
    widened,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


async def test_an_entry_is_read_as_it_was_written(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    settled = replace(
        entry("req_1", 40),
        usage=Usage(1, 20, 300, 4_000, 50_000),
        modality=Modality.RERANK,
        shadow=Amount(77, "USD"),
        first=5,
    )
    assert (await handed_in(ledger, lease, [settled], now=2)).is_open
    assert ledger.entries(last=10) == [settled]


async def test_the_newest_entries_come_first_and_no_more_than_asked_for(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    entries = [entry(f"req_{n}", n) for n in range(5)]
    await handed_in(ledger, lease, entries, now=2)
    assert ledger.entries(last=2) == [entries[4], entries[3]]


async def test_an_empty_ledger_has_spent_nothing(ledger: Ledger) -> None:
    assert ledger.sums(("model",)) == []
    assert ledger.entries(last=10) == []
    assert await buried(ledger, silent_since=10, now=10) == []


async def test_a_group_that_is_handed_in_twice_is_written_once(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    first, second = entry("req_1", 40), entry("req_2", 5)
    await handed_in(ledger, lease, [first], now=2)
    assert (await handed_in(ledger, lease, [first, second], now=3, in_doubt=True)).spent == 45
    assert ledger.entries(last=10) == [second, first]
    assert await buried(ledger, silent_since=9, now=9) == [Amount(55, "USD")]
    assert total(ledger) == 100


async def test_the_rest_of_a_dead_lease_is_spent_in_one_entry(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    assert await widened(ledger, lease, 150, now=2)
    await handed_in(ledger, lease, [entry("req_1", 40)], now=3)
    assert await buried(ledger, silent_since=4, now=9) == [Amount(110, "USD")]
    written_off = ledger.entries(last=1)[0]
    assert (written_off.stop, written_off.spent.micros, written_off.began) == (UNRECONCILED, 110, 9)
    assert written_off.request_id == lease.id
    assert total(ledger) == 150
    assert await buried(ledger, silent_since=10, now=11) == []  # once


async def test_a_lease_that_gives_a_sign_of_life_is_left_alone(ledger: Ledger) -> None:
    extended = await opened(ledger, 100, now=1)
    recorded = await opened(ledger, 100, now=1)
    await widened(ledger, extended, 101, now=8)
    await handed_in(ledger, recorded, [], now=8)
    assert await buried(ledger, silent_since=8, now=9) == []
    assert await buried(ledger, silent_since=9, now=9) == [Amount(201, "USD")]


async def test_a_closed_lease_costs_what_was_spent_of_it(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    await handed_in(ledger, lease, [entry("req_1", 40)], now=2)
    await closed(ledger, lease, now=3)
    assert await buried(ledger, silent_since=9, now=9) == []
    assert not await widened(ledger, lease, 101, now=9)
    assert total(ledger) == 40


async def test_closing_a_lost_lease_brings_nothing_back(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    await buried(ledger, silent_since=2, now=3)
    await closed(ledger, lease, now=4)
    assert total(ledger) == 100
    assert not await widened(ledger, lease, 101, now=5)


async def test_late_entries_are_taken_out_of_the_write_off(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    await buried(ledger, silent_since=2, now=3)
    late = [entry("req_1", 30), entry("req_2", 20)]
    assert (await handed_in(ledger, lease, late, now=4)).is_lost
    spent = {e.request_id: e.spent.micros for e in ledger.entries(last=9)}
    assert spent == {"req_1": 30, "req_2": 20, lease.id: 50}


async def test_late_entries_beyond_the_write_off_are_spent_all_the_same(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    await buried(ledger, silent_since=2, now=3)
    await handed_in(ledger, lease, [entry("req_1", 130)], now=4)
    assert total(ledger) == 130


async def test_a_dead_lease_that_was_overspent_gives_nothing_back(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    await handed_in(ledger, lease, [entry("req_1", 130)], now=2)
    assert await buried(ledger, silent_since=3, now=4) == [Amount(0, "USD")]
    assert total(ledger) == 130


async def test_dead_leases_of_two_currencies_are_written_off_apart(ledger: Ledger) -> None:
    await opened(ledger, 100, now=1)
    await opened(ledger, 20, now=1, currency="EUR")
    await opened(ledger, 3, now=1, currency="EUR")
    lost = await buried(ledger, silent_since=2, now=3)
    assert set(lost) == {Amount(100, "USD"), Amount(23, "EUR")}
    assert {one.spent for one in ledger.sums(())} == set(lost)


async def test_a_lease_that_was_renewed_since_it_was_looked_at_is_not_written_off(
    ledger: Ledger,
) -> None:
    lease = await opened(ledger, 100, now=1)
    seen = await ledger.open_leases()
    await handed_in(ledger, lease, [], now=1)  # at the same moment, by a clock that stands still
    assert await ledger.reconcile(seen, now=9) == []
    assert await ledger.reconcile({"lease_unknown": 1}, now=9) == []


async def test_nothing_is_spent_on_a_lease_that_never_was(ledger: Ledger) -> None:
    with pytest.raises(StoreUnusable, match=r"(?i)foreign key"):
        await handed_in(ledger, Lease("lease_unknown", "USD", 9), [entry("req_1", 1)], now=3)
    assert total(ledger) == 0


async def test_the_hours_of_a_day_are_added_up(ledger: Ledger) -> None:
    first = Hours("m@here", day=10, loaded=5, busy=3, loading=1)
    other = Hours("n@here", day=10, loaded=1)
    await ledger.add_hours([first, other])
    await ledger.add_hours([first, replace(first, day=20)])
    twice = Hours("m@here", day=10, loaded=10, busy=6, loading=2)
    assert ledger.hours() == [twice, other, replace(first, day=20)]
    assert ledger.hours(since=11) == ledger.hours(since=20, until=21) == [replace(first, day=20)]
    assert ledger.hours(until=10) == []


async def test_a_snapshot_agrees_with_itself_while_others_write(ledger: Ledger) -> None:
    lease = await opened(ledger, 10**6, now=1)
    entries = [entry(f"req_{n}", n) for n in range(1_200)]
    await handed_in(ledger, lease, entries, now=2)
    with ledger.snapshot() as snapshot:
        reading = snapshot.entries()
        first = next(reading)
        await handed_in(ledger, lease, [entry("req_late", 9)], now=3)
        (sum_,) = snapshot.sums(())
        rest = list(reading)
        assert snapshot.hours() == []
    assert [first, *rest] == entries
    assert (sum_.requests, sum_.spent.micros) == (1_200, sum(range(1_200)))
    assert total(ledger) == sum(range(1_200)) + 9


@dataclass
class _Book:
    """What must be on the books of one lease."""

    lease: Lease
    granted: int
    renewed: int
    spent: int = 0
    state: str = "open"

    @property
    def costs(self) -> int:
        """What it must add to what was spent in all."""
        return max(self.granted, self.spent) if self.state == "reconciled" else self.spent


CAP = 100
MICROS = st.integers(0, 60)
WHICH = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("lease"), MICROS, st.just(0)),
    st.tuples(st.just("widen"), WHICH, MICROS),
    st.tuples(st.just("record"), WHICH, MICROS),
    st.tuples(st.just("record"), WHICH, MICROS),
    st.tuples(st.just("reconcile"), st.integers(0, 4), st.just(0)),
    st.tuples(st.just("close"), WHICH, st.just(0)),
)


@contextmanager
def _opened(fresh: Fresh) -> Generator[Database]:
    with fresh() as where:
        database = open_database(where)
        yield database
        database.close()


@given(steps=st.lists(STEPS, max_size=12))
@examples(20)
def test_no_order_of_events_loses_or_invents_money(
    fresh: Fresh, steps: list[tuple[str, int, int]]
) -> None:
    """The invariant, for each lease of the house.

    Open or closed: its entries sum to the spend that was handed in on it. Reconciled: to what had
    been granted, or to that spend where it is more. And what was handed in is there in detail.
    """
    with _opened(fresh) as database:
        books = anyio.run(_play, Ledger(database), steps, None)
        sums = select(ENTRIES.c.lease, func.sum(ENTRIES.c.spent)).group_by(ENTRIES.c.lease)
        found = {row[0]: row[1] for row in database.read_now(lambda c: c.execute(sums).all())}
        entries = Ledger(database).entries(last=10**6)
    expected = {book.lease.id: book.costs for book in books}
    assert {book.lease.id: found.get(book.lease.id, 0) for book in books} == expected
    detail = sum(e.spent.micros for e in entries if e.stop != UNRECONCILED)
    assert detail == sum(book.spent for book in books)
    assert all(e.spent.micros >= 0 for e in entries)


@given(steps=st.lists(STEPS, max_size=12))
@examples(20)
def test_no_order_of_events_lets_a_budget_forget_or_grant_too_much(
    fresh: Fresh, steps: list[tuple[str, int, int]]
) -> None:
    with _opened(fresh) as database:
        of = Budgets(database).set_budget(budget(CAP), actor="ada", now=0)
        books = anyio.run(_play, Ledger(database), steps, of)
        ((_, settled, _),) = Budgets(database).all_with_use(0)
        window = database.read_now(lambda c: c.execute(select(WINDOWS)).mappings().first())
    assert settled == sum(book.costs for book in books)
    if window is not None:
        held = [b.spent if b.state == "closed" else max(b.granted, b.spent) for b in books]
        assert (window["used"], window["spent"]) == (sum(held), settled)


async def _play(
    ledger: Ledger, steps: list[tuple[str, int, int]], of: Budget | None
) -> list[_Book]:
    house = await opened(ledger, 0, now=0)
    books = [await _open(ledger, 30, 0, of), await _open(ledger, 0, 0, of)]
    for now, (verb, number, micros) in enumerate(steps, start=1):
        book = books[number % len(books)]
        is_open = book.state == "open"
        match verb:
            case "lease":
                books.append(await _open(ledger, number, now, of))
            case "widen":
                await _widen(ledger, book, micros, now)
            case "record":
                used = [entry(f"req_{now}_a", micros), entry(f"req_{now}_b", 1)]
                leases = [book.lease] if of is None else [house, book.lease]
                uses = [(leases, one) for one in used]
                standings = await ledger.record(Group(uses), now=now)
                assert standings[book.lease.id].is_open == is_open
                book.spent += micros + 1
                book.granted = max(book.granted, book.spent)
                book.renewed = now
            case "close":
                await closed(ledger, book.lease, now=now)
                book.state = "closed" if is_open else book.state
            case _:
                await _bury(ledger, books, now - number, now)
    return books


async def _open(ledger: Ledger, micros: int, now: int, of: Budget | None) -> _Book:
    """A lease over as much as the budget has left; nothing is granted past its cap."""
    lease = Lease(ids.fresh("lease"), "USD", 0, budget=of.id if of else None)
    (standing,) = await ledger.grant([Want(lease, 0, micros)], now=now)
    if of is not None:
        assert standing.granted in {micros, max(0, CAP - standing.used + standing.granted)}
    return _Book(lease, standing.granted, now)


async def _widen(ledger: Ledger, book: _Book, micros: int, now: int) -> None:
    least = book.granted + micros
    (standing,) = await ledger.grant([Want(book.lease, least, least)], now=now)
    assert standing.is_open == (book.state == "open")
    if standing.is_open and standing.granted >= least:
        assert standing.budget is None or standing.used <= CAP or micros == 0
        book.granted, book.renewed = standing.granted, now


async def _bury(ledger: Ledger, books: list[_Book], silent_since: int, now: int) -> None:
    renewed = await ledger.open_leases()
    mine = {book.lease.id: book for book in books}
    dead = {id_: when for id_, when in renewed.items() if id_ in mine and when < silent_since}
    assert set(dead) == {
        b.lease.id for b in books if b.state == "open" and b.renewed < silent_since
    }
    lost = await ledger.reconcile(dead, now=now)
    house = [mine[id_] for id_ in dead if mine[id_].lease.budget is None]
    rest = sum(book.granted - book.spent for book in house)
    assert lost == ([Amount(rest, "USD")] if house else [])
    for id_ in dead:
        mine[id_].state = "reconciled"
