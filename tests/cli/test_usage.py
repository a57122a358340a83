"""`seedbed usage`."""

from pathlib import Path

import anyio
import pytest

from seedbed.core.access import Principal
from seedbed.core.money import Amount, Entry
from seedbed.core.usage import Usage
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from seedbed.store.ledger import Ledger
from tests.cli.conftest import Seedbed

BEGAN = 1_800_000_000_000_000


def entry(at: int, principal: Principal, *, spent: int, model: str = "m") -> Entry:
    return Entry(
        request_id=f"req_{at}",
        principal=principal,
        model=model,
        deployment=f"{model}@here",
        usage=Usage(1000, 200, 34, 50, 6),
        reserved=Amount(5000, "USD"),
        spent=Amount(spent, "USD"),
        held=1_250_000,
        began=BEGAN + at * 1_000_000,
        took=1_300_000,
        stop="end",
    )


@pytest.fixture
def used(home: Path) -> None:
    """Three entries: two of a key that is known, one of a key that is gone."""
    database = open_database(home / "seedbed.db")
    key, _ = Keys(database).create("ann", user="ann", project="p", scopes=frozenset(), now=1)
    gone = Principal("bob", "q", "key_gone", frozenset())
    entries = [
        entry(0, key.principal, spent=17),
        entry(1, gone, spent=1_000_000, model="dear"),
        entry(2, key.principal, spent=3),
    ]

    async def write() -> None:
        ledger = Ledger(database)
        lease = await ledger.lease(2_000_000, currency="USD", now=BEGAN)
        await ledger.record(lease.id, entries, now=BEGAN)

    anyio.run(write)


def test_before_anything_was_used_it_says_so_and_what_to_do(seedbed: Seedbed) -> None:
    assert seedbed("usage").out == "Nothing has been used yet. Try `seedbed chat`.\n"
    assert seedbed("usage", "--json").json == {"entries": [], "totals": []}


@pytest.mark.usefixtures("used")
def test_entries_and_totals_are_told_in_full_to_programs(seedbed: Seedbed) -> None:
    told = seedbed("usage", "--json").json
    assert told["entries"][0] == {
        "request_id": "req_2",
        "began": "2027-01-15 08:00:02Z",
        "key": "ann",
        "project": "p",
        "model": "m",
        "deployment": "m@here",
        "input_tokens": 1234,
        "input_tokens_from_cache": 200,
        "output_tokens": 56,
        "held_seconds": 1.25,
        "took_seconds": 1.3,
        "reserved": "0.005000",
        "cost": "0.000003",
        "currency": "USD",
        "stop": "end",
    }
    assert [e["request_id"] for e in told["entries"]] == ["req_2", "req_1", "req_0"]
    assert told["entries"][1]["key"] == "key_gone"
    assert told["totals"] == [
        {
            "model": "dear",
            "requests": 1,
            "input_tokens": 1234,
            "output_tokens": 56,
            "held_seconds": 1.25,
            "cost": "1.000000",
            "currency": "USD",
        },
        {
            "model": "m",
            "requests": 2,
            "input_tokens": 2468,
            "output_tokens": 112,
            "held_seconds": 2.5,
            "cost": "0.000020",
            "currency": "USD",
        },
    ]


@pytest.mark.usefixtures("used")
def test_people_read_the_newest_entry_last_and_then_the_totals(seedbed: Seedbed) -> None:
    lines = [line.split() for line in seedbed("usage").out.splitlines()]
    head = "when key model in out held ended cost".split()  # noqa: SIM905 - as it stands there
    assert lines[0] == head
    assert [line[1:] for line in lines[1:4]] == [
        ["08:00:00Z", "ann", "m", "1,234", "56", "1.25", "s", "end", "0.000017", "USD"],
        ["08:00:01Z", "key_gone", "dear", "1,234", "56", "1.25", "s", "end", "1.000000", "USD"],
        ["08:00:02Z", "ann", "m", "1,234", "56", "1.25", "s", "end", "0.000003", "USD"],
    ]
    assert lines[4] == []
    assert lines[5][:2] == ["in", "all"]
    assert lines[6] == ["dear", "1", "1,234", "56", "1.25", "s", "1.000000", "USD"]
    assert lines[7] == ["m", "2", "2,468", "112", "2.50", "s", "0.000020", "USD"]


@pytest.mark.usefixtures("used")
def test_only_so_many_entries_are_listed_and_all_are_in_the_totals(seedbed: Seedbed) -> None:
    told = seedbed("usage", "--last", "1", "--json").json
    assert [e["request_id"] for e in told["entries"]] == ["req_2"]
    assert sum(total["requests"] for total in told["totals"]) == 3
    assert seedbed("usage", "--last", "0", "--json").json["entries"] == []
    assert seedbed("usage", "--last", "-1").status == 2


def test_books_that_cannot_be_read_are_an_error_that_names_them(
    seedbed: Seedbed, home: Path
) -> None:
    home.mkdir()
    (home / "seedbed.db").write_bytes(b"no database at all" * 100)
    said = seedbed("usage", "--json")
    assert (said.status, said.error["code"]) == (1, "store_unusable")
    assert str(home / "seedbed.db") in said.error["what"]
