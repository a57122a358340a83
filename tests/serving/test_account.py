"""What an ask is promised for and pays when it goes from one deployment to the next."""

from collections.abc import AsyncGenerator
from dataclasses import replace

import anyio
import pytest

from seedbed.core.ask import Ask
from seedbed.core.errors import EngineFailed, EngineUnreachable
from seedbed.core.event import Event, Failed, Reply
from seedbed.core.fleet import Fleet, Place
from seedbed.core.policy import Policy
from seedbed.core.prices import Tariff, Unit
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.fairness import Ticket
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database
from tests.serving.houses import PRINCIPAL, house, live, order, price, until
from tests.store.books import budget

pytestmark = pytest.mark.anyio

CHEAPEST = {"m": Fleet(places=(Place(name="a"), Place(name="b")), policy=Policy.CHEAPEST)}
FREE = Tariff((), "USD")
GONE = EngineUnreachable("m", why="nobody is there")
BROKEN = EngineFailed("m", why="it broke", begun=True)


class Late(Scripted):
    """It fails after two seconds, before it tells anything."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__("m", window=64)
        self._clock = clock

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        await self._clock.sleep(2)
        yield Failed(BROKEN)


def sick(error: EngineFailed = GONE) -> Scripted:
    return Scripted("m", window=64, error=error)


async def test_an_ask_that_goes_on_to_another_needs_no_budget_for_both(
    database: Database, clock: FakeClock
) -> None:
    lives = [live(sick(), clock, at="a"), live(Scripted("m", window=64), clock, at="b")]
    bound = lives[0].bound(input_tokens=64, output_tokens=64, seconds=630).micros
    one = Budgets(database).set_budget(budget(bound), actor="ada", now=0)
    asked = replace(order("one two"), principal=replace(PRINCIPAL, budgets=(one,)))
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        entry = Reply.of(await h.events(asked)).entry
        assert h.meter.lease is not None
        assert h.meter.lease.reserved == 0
    assert entry is not None
    assert (entry.deployment, entry.reserved.micros) == ("m@b", bound)


async def test_what_was_used_in_vain_stays_promised_where_the_next_is_not_affordable(
    database: Database, clock: FakeClock
) -> None:
    dear = Tariff((price(Unit.INPUT_FRESH, 1_000, 1),), "USD")
    lives = [
        _elsewhere(live(sick(BROKEN), clock, at="a")),
        live(sick(), clock, at="b", tariff=dear),
    ]
    one = Budgets(database).set_budget(budget(800), actor="ada", now=0)
    asked = replace(order("one two"), principal=replace(PRINCIPAL, budgets=(one,)))
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        events = await h.events(asked)
        await h.meter.flush()
        (entry,) = h.ledger.entries(last=9)
        assert h.meter.lease is not None
        assert (h.meter.lease.reserved, h.meter.lease.spent) == (0, 64)
    assert isinstance(events[-1], Failed)
    assert events[-1].error.code == "budget_spent"
    assert (entry.deployment, entry.spent.micros, entry.reserved.micros) == ("m@a", 64, 64)


async def test_who_leaves_while_it_waits_for_another_pays_that_one_nothing(
    database: Database, clock: FakeClock
) -> None:
    busy = _elsewhere(live(Scripted("m", window=64), clock, at="b", places=1))
    lives = [live(Late(clock), clock, at="a", tariff=FREE), busy]
    async with house(database, clock, lives=lives, fleets=CHEAPEST) as h:
        place = busy.queue.enter_now(Ticket("key_2"))
        assert place is not None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(h.events, order("one two"))
            await until(lambda: lives[0].holders == 1)
            await clock.advance(2)
            assert busy.queue.depth == 1
            tasks.cancel_scope.cancel()
        await h.meter.flush()
        (entry,) = h.ledger.entries(last=9)
    assert (entry.deployment, entry.usage, entry.spent.micros) == ("m@b", Usage(), 0)
    assert entry.held == 2_000_000


def _elsewhere(one: LiveDeployment) -> LiveDeployment:
    """The same on the hardware of others."""
    one.deployment = replace(one.deployment, own_hardware=False)
    return one
