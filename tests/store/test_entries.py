"""Entries summed: every grouping, every span, to the unit."""

from dataclasses import replace

import pytest

from seedbed.core.access import Principal, private
from seedbed.core.money import Amount, Entry, Modality
from seedbed.core.usage import Usage
from seedbed.kit import ids
from seedbed.store.database import Database
from seedbed.store.entries import GROUPINGS
from seedbed.store.ledger import Ledger
from tests.store.books import buried, entry, handed_in, opened

pytestmark = pytest.mark.anyio

DAY = 86_400_000_000
BEGAN = 1_800_000_000_000_000


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def _by(who: Principal, id_: str, micros: int, **changes: object) -> Entry:
    return replace(entry(id_, micros), principal=who, **changes)


async def _books(ledger: Ledger) -> list[Entry]:
    ada = Principal("ada", "web", "key_1", frozenset())
    bob = Principal("bob", "web", "key_2", frozenset())
    entries = [
        _by(ada, "r1", 5),
        _by(ada, "r2", 7, began=BEGAN + DAY, shadow=Amount(100, "USD")),
        _by(bob, "r3", 11, model="n", modality=Modality.EMBEDDING),
        _by(bob, "r4", 13, spent=Amount(13, "EUR"), reserved=Amount(13, "EUR")),
    ]
    await handed_in(ledger, await opened(ledger, 100, now=1), entries, now=2)
    return entries


async def test_uses_are_summed_by_every_word_alone(ledger: Ledger) -> None:
    await _books(ledger)
    sums = {
        word: [(*one.group, str(one.spent)[4:]) for one in ledger.sums((word,))]
        for word in GROUPINGS
    }
    eur, usd = "0013 EUR", "USD"
    assert sums == {
        "model": [("m", eur), ("m", f"0012 {usd}"), ("n", f"0011 {usd}")],
        "deployment": [("m@here", f"0023 {usd}"), ("m@here", eur)],
        "key": [("key_2", eur), ("key_1", f"0012 {usd}"), ("key_2", f"0011 {usd}")],
        "project": [("web", f"0023 {usd}"), ("web", eur)],
        "user": [("bob", eur), ("ada", f"0012 {usd}"), ("bob", f"0011 {usd}")],
        "modality": [("text", eur), ("text", f"0012 {usd}"), ("embedding", f"0011 {usd}")],
        "day": [
            ("2027-01-15", f"0016 {usd}"),
            ("2027-01-15", eur),
            ("2027-01-16", f"0007 {usd}"),
        ],
    }


async def test_what_a_private_project_used_is_summed_with_its_payers(ledger: Ledger) -> None:
    mine = Principal("ada", private("web", ids.fresh("private")), "key_1", frozenset())
    plain = Principal("bob", "web", "key_2", frozenset())
    entries = [_by(mine, "r1", 5), _by(plain, "r2", 7)]
    await handed_in(ledger, await opened(ledger, 100, now=1), entries, now=2)
    (one,) = ledger.sums(("project",))
    assert (one.group, one.spent.micros) == (("web",), 12)


async def test_a_sum_tells_all_that_was_used(ledger: Ledger) -> None:
    await _books(ledger)
    one = ledger.sums(("user", "model"))[1]
    assert one.group == ("ada", "m")
    assert (one.requests, one.held) == (2, 12)
    assert one.usage == Usage(2, 4, 6, 8, 10)
    assert (one.spent, one.shadow) == (Amount(12, "USD"), Amount(100, "USD"))


async def test_without_a_shadow_there_is_no_sum_of_them(ledger: Ledger) -> None:
    await _books(ledger)
    shadows = {one.group: one.shadow for one in ledger.sums(("model", "modality"))}
    assert shadows["n", "embedding"] is None


async def test_a_write_off_is_summed_as_money_and_not_counted(ledger: Ledger) -> None:
    lease = await opened(ledger, 100, now=1)
    await handed_in(ledger, lease, [entry("req_1", 30)], now=2)
    await buried(ledger, silent_since=9, now=9)
    (one,) = ledger.sums(())
    assert (one.requests, one.spent, one.written_off) == (1, Amount(100, "USD"), Amount(70, "USD"))
    written_off, asked = ledger.sums(("model",))
    assert (asked.requests, asked.spent, asked.written_off) == (
        *(1, Amount(30, "USD")),
        Amount(0, "USD"),
    )
    assert (written_off.requests, written_off.spent) == (0, written_off.written_off)


async def test_a_span_holds_what_began_in_it(ledger: Ledger) -> None:
    first, second, *_ = entries = await _books(ledger)
    assert ledger.entries(last=9, since=BEGAN + 1) == [second]
    assert ledger.entries(last=9, until=BEGAN) == []
    assert ledger.entries(last=1, since=BEGAN, until=BEGAN + 1) == [entries[3]]
    (usd, eur) = ledger.sums((), since=BEGAN, until=BEGAN + 1)
    assert (usd.spent, eur.spent) == (Amount(16, "USD"), Amount(13, "EUR"))
    with ledger.snapshot() as snapshot:
        assert next(snapshot.entries(since=BEGAN, until=BEGAN + 1)) == first
        assert list(snapshot.entries(since=BEGAN + 1)) == [second]


async def test_a_long_list_that_is_in_doubt_is_looked_for_in_parts(ledger: Ledger) -> None:
    lease = await opened(ledger, 10**6, now=1)
    entries = [entry(f"req_{n}", 1) for n in range(1_201)]
    await handed_in(ledger, lease, entries[:1_200], now=2)
    await handed_in(ledger, lease, entries, now=3, in_doubt=True)
    assert [one.requests for one in ledger.sums(())] == [1_201]
