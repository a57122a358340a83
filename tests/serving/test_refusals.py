"""A flood of refusals leaves the ways of the newest, and takes nothing from others."""

import anyio
import anyio.lowlevel
import pytest

from seedbed.core.errors import StoreUnusable
from seedbed.core.route import Route
from seedbed.kit.clock import FakeClock
from seedbed.serving.metering import Meter
from seedbed.serving.refusals import Refusals
from seedbed.store.database import Database
from seedbed.store.ledger import Ledger
from seedbed.store.routes import Routes

pytestmark = pytest.mark.anyio


def refused(number: int, project: str = "p") -> Route:
    return Route(f"req_{project}{number}", project, "m", number, code="budget_spent", refused=True)


def test_each_project_has_the_newest_of_its_own() -> None:
    refusals = Refusals(most=2)
    assert [refusals.add(refused(n)) for n in range(3)] == [None, None, "req_p0"]
    assert refusals.add(refused(0, "q")) is None
    assert refusals.add(refused(3)) == "req_p1"


async def test_the_books_keep_the_newest_and_the_ways_of_the_answered(
    database: Database, clock: FakeClock
) -> None:
    meter, routes = Meter(Ledger(database), currency="USD", clock=clock), Routes(database)
    meter.tell(Route("req_a", "p", "m", 1))
    for number in range(1_000):
        meter.tell(refused(number))
    await meter.flush()
    assert len(routes.newest_now(last=9_999)) == 1_001
    for number in range(1_000, 3_500):  # more than are kept, before one is written
        meter.tell(refused(number))
    await meter.flush()
    kept = {way.request_id for way in routes.newest_now(last=9_999)}
    assert kept == {"req_a", *(f"req_p{number}" for number in range(2_500, 3_500))}
    assert routes.find_now("req_p3499")[1] == refused(3_499)


async def test_what_is_refused_while_others_are_written_is_bounded_too(
    database: Database, clock: FakeClock
) -> None:
    meter, routes = Meter(Ledger(database), currency="USD", clock=clock), Routes(database)
    for number in range(1_000):
        meter.tell(refused(number))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(meter.flush)
        await anyio.lowlevel.checkpoint()  # it is being written
        for number in range(1_000, 2_000):
            meter.tell(refused(number))
    await meter.flush()
    assert len(routes.newest_now(last=9_999)) == 1_000


async def test_what_cannot_be_written_is_bounded_too(database: Database, clock: FakeClock) -> None:
    meter = Meter(Ledger(database), currency="USD", clock=clock)
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE routes RENAME TO hidden"))
    for number in range(3_000):
        meter.tell(refused(number))
    with pytest.raises(StoreUnusable):
        await meter.flush()
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE hidden RENAME TO routes"))
    await meter.flush()
    assert len(Routes(database).newest_now(last=9_999)) == 1_000
