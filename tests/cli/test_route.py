"""`seedbed route`: which way requests took."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.cli.route import sentences
from seedbed.core.access import Principal
from seedbed.core.money import Amount, Entry
from seedbed.core.route import Attempt, Led, Option, Route, Saved
from seedbed.core.usage import Usage
from seedbed.store.database import open_database
from seedbed.store.ledger import Group, Ledger
from tests.cli.conftest import Seedbed

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


def test_where_it_went_what_it_waited_for_and_what_it_shared_is_said(told: Seedbed) -> None:
    said = told("route", "explain", "req_1").out
    assert "It was sent to m@c, which failed (engine_unreachable): It is gone." in said
    assert "It went to m@b." in said
    assert "The policy 'cheapest' chose among 2 deployments." in said
    assert "It waited 1.50 s for a place, behind 2 others." in said
    assert "It followed req_0 for 0.40 s" in said
    assert "3,072 bytes" in said
    head, best, other = said.splitlines()[-3:]
    assert head.split()[:2] == ["deployment", "cost"]
    assert " ".join(best.split()) == "m@b 0.000012 0.25 s 1.50 s 0.00 s 900 the cheapest"
    assert "not asked" in other


def test_programs_get_the_way_and_the_entry(told: Seedbed) -> None:
    said = told("route", "explain", "req_1", "--json").json
    assert said["entry"] is None
    assert said["route"]["led"] == {"by": "req_0", "held": 400_000, "shared": 3072}


def test_the_newest_come_last_and_programs_get_them_first(told: Seedbed) -> None:
    rows = told("route", "ls").out.splitlines()
    assert rows[0].split() == ["when", "request", "model", "went", "to", "waited", "followed"]
    assert rows[1].split()[2] == "req_2"
    assert any("nowhere (capacity_exceeded)" in row for row in rows)
    assert len(told("route", "ls", "--last", "1", "--json").json) == 1


def test_before_anything_had_a_choice_it_says_so(seedbed: Seedbed) -> None:
    assert "No request had a choice" in seedbed("route", "ls").out
    assert seedbed("route", "ls", "--json").json == []


def test_what_went_straight_to_the_only_deployment_is_said_by_its_entry() -> None:
    said = list(sentences(ENTRY, None))
    assert said[0] == "It went to m@b, the only deployment of 'm'."
    assert (
        said[-1] == "It read 30 tokens, 20 of them from the cache, wrote 5, and cost 0.000042 USD."
    )


def test_a_way_with_one_deployment_tells_no_choice() -> None:
    assert list(sentences(None, PLAIN)) == [
        "It went to m@b: as ever.",
        "It waited for no place.",
    ]


def test_what_was_refused_went_nowhere() -> None:
    refused = replace(PLAIN, attempts=(), code="deadline_exceeded", waited=10_000)
    assert list(sentences(None, refused)) == [
        "It went nowhere: it was refused with 'deadline_exceeded'.",
        "It waited 0.01 s for a place.",
    ]
    assert next(iter(sentences(ENTRY, replace(refused, code="")))).startswith("It went to m@b")


@pytest.mark.parametrize(
    ("spent", "word"), [(30, "saved 0.000070 USD"), (130, "lost 0.000030 USD")]
)
def test_what_a_cascade_saved_or_lost_is_said(spent: int, word: str) -> None:
    saved = Saved(dearest=100, spent=spent, failures=("m@a gave no JSON",))
    said = list(sentences(ENTRY, replace(PLAIN, saved=saved)))[-1]
    assert said == f"The cascade {word}. It failed: m@a gave no JSON."
