"""The ways of requests: written with their entries, found by their ids, forgotten in time."""

import pytest

from seedbed.core.route import Attempt, Led, Option, Route, Saved, Spared
from seedbed.store.database import Database
from seedbed.store.ledger import Group, Ledger
from seedbed.store.routes import Routes

pytestmark = pytest.mark.anyio

WHOLE = Route(
    "req_1",
    "p",
    "m",
    5,
    policy="balanced",
    options=(Option("m@a", "it costs least", micros=3, first=0.1, total=1.5, cached=900),),
    attempts=(Attempt("m@b", "engine_unreachable", "gone"), Attempt("m@a")),
    waited=7,
    position=2,
    led=Led("req_0", held=8, shared=512),
    saved=Saved(dearest=9, spent=3, failures=("no JSON",)),
    spared=Spared(tokens=256, time=1_500, micros=2),
)


async def _write(database: Database, *routes: Route, in_doubt: bool = False) -> None:
    await Ledger(database).record(Group((), routes=routes, in_doubt=in_doubt), now=9)


async def test_a_way_is_found_as_it_was_told(database: Database) -> None:
    await _write(database, WHOLE)
    assert Routes(database).find_now("req_1") == (None, WHOLE)
    assert Routes(database).find_now("req_2") == (None, None)


async def test_a_group_that_is_handed_in_again_changes_nothing(database: Database) -> None:
    for _ in range(2):
        await _write(database, WHOLE, in_doubt=True)
    assert Routes(database).newest_now(last=9) == [WHOLE]


async def test_the_newest_come_first_and_the_old_are_forgotten(database: Database) -> None:
    await _write(database, *(Route(f"req_{at}", "p", "m", at) for at in range(4)))
    routes = Routes(database)
    assert [way.at for way in routes.newest_now(last=3)] == [3, 2, 1]
    assert await routes.forget(before=2) == 2
    assert [way.at for way in routes.newest_now(last=9)] == [3, 2]


def test_a_way_is_plain_where_nothing_is_to_be_told() -> None:
    assert Route("r", "p", "m", 1, options=WHOLE.options, attempts=(Attempt("m@a"),)).is_plain
    assert not WHOLE.is_plain
    assert not Route("r", "p", "m", 1, code="capacity_exceeded").is_plain
