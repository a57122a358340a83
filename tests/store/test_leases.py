"""Leases of budgets: never granted past the cap, never forgotten."""

from dataclasses import replace

import pytest

from seedbed.core.budget import Budget, Measure, Owner
from seedbed.core.money import Lease
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database
from seedbed.store.keys import Keys
from seedbed.store.leases import Keep, Standing, Want
from seedbed.store.ledger import Group, Ledger
from tests.store.books import budget, buried, closed, entry, handed_in, opened, widened

pytestmark = pytest.mark.anyio


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def budgets(database: Database) -> Budgets:
    return Budgets(database)


def _set(budgets: Budgets, cap: int, measure: Measure = Measure.MONEY) -> Budget:
    return budgets.set_budget(budget(cap, measure=measure), actor="ada", now=0)


async def _grant(ledger: Ledger, lease: Lease, least: int, best: int) -> Standing:
    (standing,) = await ledger.grant([Want(lease, least, best)], now=2)
    return standing


def _settled(budgets: Budgets) -> int:
    ((_, settled, _),) = budgets.all_with_use(0)
    return settled


async def test_a_budget_grants_what_is_left_of_it_and_no_more(
    ledger: Ledger, budgets: Budgets
) -> None:
    of = _set(budgets, 100)
    await opened(ledger, 70, now=1, of=of)
    other = Lease("lease_2", "USD", 0, budget=of.id)
    least = await _grant(ledger, other, 31, 50)
    assert (least.granted, least.used, least.settled, least.budget) == (0, 70, 0, of)
    assert (await _grant(ledger, other, 10, 50)).granted == 30
    assert (await _grant(ledger, other, 31, 31)).granted == 30


async def test_what_a_lease_is_to_hold_with_its_entries_is_bound_by_the_cap_too(
    ledger: Ledger, budgets: Budgets
) -> None:
    of = _set(budgets, 100)
    await opened(ledger, 30, now=1, of=of)
    lease = await opened(ledger, 20, now=1, of=of)
    standings = await ledger.record(Group([], {lease.id: Keep(60)}), now=2)
    assert (standings[lease.id].granted, standings[lease.id].used) == (60, 90)
    standings = await ledger.record(Group([], {lease.id: Keep(90)}), now=3)
    assert (standings[lease.id].granted, standings[lease.id].used) == (70, 100)
    _set(budgets, 10)
    standings = await ledger.record(Group([], {lease.id: Keep(90)}), now=4)
    assert (standings[lease.id].granted, standings[lease.id].used) == (70, 100)


async def test_a_lease_of_a_keys_budget_tells_the_name_of_the_key(
    ledger: Ledger, budgets: Budgets, database: Database
) -> None:
    key, _ = Keys(database).create("laptop", user="a", project="p", scopes=frozenset(), now=1)
    of = budgets.set_budget(budget(100, owner=Owner.KEY, subject=key.id), actor="ada", now=0)
    assert "of key 'laptop' (key_" in of.words
    lease = Lease("lease_1", "USD", 0, budget=of.id)
    assert (await _grant(ledger, lease, 10, 50)).budget == of


async def test_what_is_given_back_another_may_have(ledger: Ledger, budgets: Budgets) -> None:
    of = _set(budgets, 100)
    lease = await opened(ledger, 100, now=1, of=of)
    standings = await ledger.record(Group([], {lease.id: Keep(40)}), now=2)
    assert (standings[lease.id].granted, standings[lease.id].used) == (40, 40)
    assert (await _grant(ledger, Lease("lease_2", "USD", 0, budget=of.id), 60, 60)).granted == 60


async def test_a_closed_lease_keeps_of_a_budget_what_was_spent(
    ledger: Ledger, budgets: Budgets
) -> None:
    of = _set(budgets, 100)
    house = await opened(ledger, 100, now=1)
    lease = await opened(ledger, 100, now=1, of=of)
    await handed_in(ledger, [house, lease], [entry("req_1", 30)], now=2)
    await closed(ledger, lease, now=3)
    assert _settled(budgets) == 30
    assert (await _grant(ledger, Lease("lease_2", "USD", 0, budget=of.id), 70, 99)).granted == 70


async def test_an_entry_is_charged_to_each_of_its_leases_in_what_that_counts(
    ledger: Ledger, budgets: Budgets
) -> None:
    money, tokens = _set(budgets, 1_000), _set(budgets, 1_000, Measure.TOKENS)
    house = await opened(ledger, 500, now=1)
    leases = [house, *[await opened(ledger, 500, now=1, of=of) for of in (money, tokens)]]
    uses = [(leases, entry("req_1", 30)), (leases, entry("req_2", 2))]
    standings = await ledger.record(Group(uses), now=2)
    assert [standings[lease.id].spent for lease in leases] == [32, 32, 2 * 15]
    assert {of.measure: used for of, used, _ in budgets.all_with_use(0)} == {
        Measure.MONEY: 32,
        Measure.TOKENS: 30,
    }


async def test_the_warning_is_crossed_once_and_only_by_what_is_settled(
    ledger: Ledger, budgets: Budgets
) -> None:
    of = _set(budgets, 100)
    house = await opened(ledger, 100, now=1)
    lease = await opened(ledger, 100, now=1, of=of)
    crossed = [
        (await ledger.record(Group([([house, lease], entry(f"req_{n}", 40))]), now=2))[lease.id]
        for n in range(3)
    ]
    assert [standing.crossed for standing in crossed] == [False, True, False]
    assert [standing.settled for standing in crossed] == [40, 80, 120]


async def test_what_is_spent_beyond_a_grant_is_on_the_books_all_the_same(
    ledger: Ledger, budgets: Budgets
) -> None:
    of = _set(budgets, 100)
    house = await opened(ledger, 100, now=1)
    lease = await opened(ledger, 50, now=1, of=of)
    await handed_in(ledger, [house, lease], [entry("req_1", 120)], now=2)
    refused = await _grant(ledger, Lease("lease_2", "USD", 0, budget=of.id), 1, 1)
    assert (refused.granted, refused.used, refused.settled) == (0, 120, 120)


async def test_a_dead_lease_of_a_budget_counts_as_spent_and_late_entries_are_in_it(
    ledger: Ledger, budgets: Budgets
) -> None:
    of = _set(budgets, 100)
    house = await opened(ledger, 100, now=1)
    lease = await opened(ledger, 60, now=1, of=of)
    await handed_in(ledger, [house, lease], [entry("req_1", 10)], now=2)
    assert [lost.micros for lost in await buried(ledger, silent_since=3, now=9)] == [90]
    assert _settled(budgets) == 60
    late = await ledger.record(Group([([house, lease], entry("req_2", 45))]), now=10)
    assert late[lease.id].is_lost
    assert _settled(budgets) == 60
    await handed_in(ledger, [house, lease], [entry("req_3", 8)], now=11)
    assert _settled(budgets) == 63
    assert not await widened(ledger, lease, 99, now=12)


async def test_a_lower_cap_grants_nothing_more_and_takes_nothing_that_may_be_promised(
    ledger: Ledger, budgets: Budgets
) -> None:
    of = _set(budgets, 100)
    lease = await opened(ledger, 60, now=1, of=of)
    lower = budgets.set_budget(replace(of, cap=20), actor="ada", now=2)
    standing = await _grant(ledger, lease, 61, 80)
    assert (standing.granted, standing.used, standing.budget) == (60, 60, lower)
    assert (await _grant(ledger, lease, 50, 80)).granted == 60


async def test_a_budget_that_was_removed_binds_no_more(ledger: Ledger, budgets: Budgets) -> None:
    of = _set(budgets, 100)
    lease = await opened(ledger, 60, now=1, of=of)
    budgets.remove(of, actor="ada", now=2)
    standing = await _grant(ledger, lease, 1_000, 1_000)
    assert (standing.granted, standing.budget) == (1_000, None)


async def test_windows_of_one_budget_are_apart(ledger: Ledger, budgets: Budgets) -> None:
    of = _set(budgets, 100)
    first = Lease("lease_1", "USD", 0, budget=of.id, begins=10)
    second = Lease("lease_2", "USD", 0, budget=of.id, begins=20)
    assert (await _grant(ledger, first, 100, 100)).granted == 100
    assert (await _grant(ledger, second, 100, 100)).granted == 100
    assert (await _grant(ledger, replace(first, id="lease_3"), 1, 1)).granted == 0


async def test_a_lease_that_nobody_knows_stands_nowhere(ledger: Ledger) -> None:
    standings = await ledger.record(Group([], {"lease_unknown": Keep(5)}), now=2)
    unknown = standings["lease_unknown"]
    assert (unknown.is_open, unknown.is_lost, unknown.granted) == (False, False, 0)
