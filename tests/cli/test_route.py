"""`seedbed route`: which way requests took."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.access import Principal
from seedbed.core.money import Amount, Entry
from seedbed.core.route import CASCADE, Attempt, Led, Option, Route
from seedbed.core.usage import Usage
from seedbed.store.database import open_database
from seedbed.store.ledger import Group, Ledger
from tests.cli.conftest import Seedbed
from tests.store.books import opened

WAY = Route(
    "req_1",
    "p",
    "m",
    1_800_000_000_000_000,
    policy="cheapest",
    options=(
        Option("m@b", "the cheapest", micros=12, first=0.25, total=1.5, cached=900),
        Option("m@a", "not asked: it is left alone"),
    ),
    attempts=(Attempt("m@c", "engine_unreachable", "It is gone."), Attempt("m@b")),
    waited=1_500_000,
    position=2,
    led=Led("req_0", held=400_000, shared=3072),
)
PLAIN = Route("req_2", "p", "m", WAY.at, attempts=(Attempt("m@b", why="as ever"),))
ENTRY = Entry(
    "req_1",
    Principal("u", "p", "k", frozenset()),
    "m",
    "m@b",
    Usage(input_fresh=10, input_cache_read=20, output_visible=5),
    Amount(99, "USD"),
    Amount(42, "USD"),
    held=7,
    began=WAY.at,
    took=9,
    stop="end",
)


@pytest.fixture
def told(seedbed: Seedbed, home: Path) -> Seedbed:
    """A house whose books have some ways."""
    database = open_database(home / "seedbed.db")
    lost = replace(WAY, request_id="req_3", attempts=(), led=None, code="capacity_exceeded")
    group = Group((), routes=[WAY, replace(PLAIN, at=WAY.at - 1), lost])
    asyncio.run(Ledger(database).record(group, now=1))
    database.close()
    return seedbed


def test_a_request_of_which_nothing_is_known_is_told_as_that(seedbed: Seedbed) -> None:
    said = seedbed("route", "explain", "req_9")
    assert said.status == 1
    assert "Nothing is known of a request 'req_9'" in said.err


def test_an_id_of_bytes_that_are_no_text_is_unknown_too(seedbed: Seedbed) -> None:
    said = seedbed("route", "explain", os.fsdecode(b"req_\xff"))
    assert said.status == 1
    assert "Nothing is known of a request" in said.err


def test_where_it_went_what_it_waited_for_and_what_it_shared_is_said(told: Seedbed) -> None:
    said = told("route", "explain", "req_1").out
    assert "It was not answered by m@c (engine_unreachable): It is gone." in said
    assert "It went to m@b." in said
    assert "The policy 'cheapest' chose among 2 deployments." in said
    assert "It waited 1.50 s for a place, behind 2 others." in said
    assert "It followed req_0 for 0.40 s" in said
    assert "3,072 bytes" in said
    head, best, other = said.splitlines()[-3:]
    assert head.split()[:2] == ["deployment", "cost"]
    assert " ".join(best.split()) == "m@b 0.000012 0.25 s 1.50 s 0.00 s 900 the cheapest"
    assert "not asked" in other


async def _books(ledger: Ledger, way: Route, *entries: Entry) -> None:
    lease = await opened(ledger, 1_000, now=1)
    await ledger.record(Group([([lease], entry) for entry in entries], routes=[way]), now=1)


def test_a_cascade_is_told_with_what_all_of_its_attempts_took(seedbed: Seedbed, home: Path) -> None:
    failed = Attempt("m@a", "answer_malformed", "It is no JSON.")
    way = replace(WAY, policy=CASCADE, attempts=(failed, Attempt("m@b")))
    database = open_database(home / "seedbed.db")
    asyncio.run(_books(Ledger(database), way, ENTRY, replace(ENTRY, request_id="req_1.2")))
    database.close()
    said = seedbed("route", "explain", "req_1").out
    assert "wrote 10, and cost 0.000084 USD." in said
    assert "of req_1 tells of all" in seedbed("route", "explain", "req_1.2").out


def test_programs_get_the_way_and_the_entry(told: Seedbed) -> None:
    said = told("route", "explain", "req_1", "--json").json
    assert said["entry"] is None
    assert said["route"]["led"] == {
        "by": "req_0",
        "held": 400_000,
        "shared": 3072,
        "gave_up": False,
    }


def test_who_gave_up_on_another_is_listed_apart(seedbed: Seedbed, home: Path) -> None:
    way = replace(WAY, led=Led("req_0", held=400_000, shared=3072, gave_up=True))
    database = open_database(home / "seedbed.db")
    asyncio.run(Ledger(database).record(Group((), routes=[way]), now=1))
    database.close()
    assert seedbed("route", "ls").out.splitlines()[-1].endswith("gave up")


def test_the_newest_come_last_and_programs_get_them_first(told: Seedbed) -> None:
    rows = told("route", "ls").out.splitlines()
    assert rows[0].split() == ["when", "request", "model", "went", "to", "waited", "followed"]
    assert rows[1].split()[2] == "req_2"
    assert any("nowhere (capacity_exceeded)" in row for row in rows)
    assert len(told("route", "ls", "--last", "1", "--json").json) == 1


def test_before_anything_had_a_choice_it_says_so(seedbed: Seedbed) -> None:
    assert "No request had a choice" in seedbed("route", "ls").out
    assert seedbed("route", "ls", "--json").json == []
