"""Pictures are paid for: promised before they are painted, and settled by what came of them."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from seedbed.core.ask import ImageAsk
from seedbed.core.errors import BudgetSpent, EngineFailed
from seedbed.core.event import Failed, Painted, Reply
from seedbed.core.money import Modality
from seedbed.core.prices import Tariff, Unit
from seedbed.core.usage import Usage
from seedbed.engines.scripted_painter import ScriptedPainter
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database
from tests.serving.houses import PRINCIPAL, house, live, price
from tests.store.books import budget

pytestmark = pytest.mark.anyio

BROKE = EngineFailed("m", why="its brush broke")
TARIFF = Tariff((price(Unit.OUTPUT_VISIBLE, 1, 1), price(Unit.IMAGES, 1_000, 1)), "USD")
"""A thousand micros for a picture, and one for each token that it is counted as."""
ASK = ImageAsk("m", "a red barn", size=(64, 32), count=2)
ORDER = Order(ASK, PRINCIPAL, "req_1")


def painting(clock: FakeClock, painter: ScriptedPainter | None = None) -> LiveDeployment:
    return live(painter or ScriptedPainter("m", window=64), clock, tariff=TARIFF)


async def test_a_picture_is_paid_by_itself_and_by_its_pixels(
    database: Database, clock: FakeClock
) -> None:
    async with house(database, clock, lives=[painting(clock)]) as h:
        entry = Reply.of(await h.events(ORDER)).entry
    assert entry is not None
    assert (entry.modality, entry.usage) == (Modality.IMAGE, Usage(3, output_visible=16, images=2))
    assert entry.spent.micros == 2 * 1_000 + 16
    assert entry.spent.micros <= entry.reserved.micros <= entry.spent.micros + 2
    assert entry.first is not None
    (written,) = h.ledger.entries(last=9)
    assert (written.modality, written.usage) == (entry.modality, entry.usage)


async def test_what_did_not_come_about_is_free(database: Database, clock: FakeClock) -> None:
    painter = ScriptedPainter("m", window=64, script={0: BROKE})
    async with house(database, clock, lives=[painting(clock, painter)]) as h:
        entry = Reply.of(await h.events(ORDER)).entry
    assert entry is not None
    assert entry.spent.micros == 1_000 + 8


async def test_who_leaves_pays_for_the_pictures_that_came(
    database: Database, clock: FakeClock
) -> None:
    async with (
        house(database, clock, lives=[painting(clock)]) as h,
        aclosing(h.gateway.generate(ORDER)) as events,
    ):
        async for event in events:
            if isinstance(event, Painted):
                break
    (entry,) = h.ledger.entries(last=9)
    assert (entry.stop, entry.usage.images, entry.spent.micros) == ("cancelled", 1, 1_008)


async def test_what_a_budget_cannot_pay_is_not_painted(
    database: Database, clock: FakeClock
) -> None:
    painter = ScriptedPainter("m", window=64)
    one = Budgets(database).set_budget(budget(1_500), actor="ada", now=0)
    order = replace(ORDER, principal=replace(PRINCIPAL, budgets=(one,)))
    async with house(database, clock, lives=[painting(clock, painter)]) as h:
        (only,) = await h.events(order)
    assert isinstance(only, Failed)
    assert isinstance(only.error, BudgetSpent)
    assert painter.asked == []


async def test_an_upstream_that_told_nothing_is_paid_the_most_that_it_can_have_used(
    database: Database, clock: FakeClock
) -> None:
    gone = EngineFailed("m", why="it broke", begun=True)
    live_one = painting(clock, ScriptedPainter("m", window=64, error=gone))
    live_one.deployment = replace(live_one.deployment, own_hardware=False)
    async with house(database, clock, lives=[live_one]) as h:
        (only,) = await h.events(ORDER)
    assert isinstance(only, Failed)
    assert only.entry is not None
    assert (only.entry.usage.images, only.entry.usage.output) == (2, 16)
