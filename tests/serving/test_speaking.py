"""Sound is paid for: promised by its length before it is made or heard, settled by what came."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from seedbed.core.errors import BudgetSpent, EngineFailed
from seedbed.core.event import Failed, Reply
from seedbed.core.money import Modality
from seedbed.core.prices import Tariff, Unit
from seedbed.core.sound import ListenAsk, SpeechAsk, Spoken
from seedbed.core.usage import Usage
from seedbed.engines.base import Engine
from seedbed.engines.scripted_listener import ScriptedListener
from seedbed.engines.scripted_voice import ScriptedVoice
from seedbed.kit.clock import FakeClock
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database
from tests.serving.houses import PRINCIPAL, house, live, price
from tests.store.books import budget

pytestmark = pytest.mark.anyio

TARIFF = Tariff((price(Unit.SOUND_MILLISECONDS, 2, 1), price(Unit.OUTPUT_VISIBLE, 1, 1)), "USD")
"""Two micros for a millisecond, and one for a word."""
SPEECH = Order(SpeechAsk("m", "one two", "ann", format="pcm"), PRINCIPAL, "req_1")
HEARING = Order(ListenAsk("m", bytes(32_000), length=1_000), PRINCIPAL, "req_1")


def sounding(clock: FakeClock, engine: Engine | None = None) -> LiveDeployment:
    return live(engine or ScriptedVoice("m", window=64), clock, tariff=TARIFF)


async def test_speech_is_paid_by_its_length(database: Database, clock: FakeClock) -> None:
    async with house(database, clock, lives=[sounding(clock)]) as h:
        entry = Reply.of(await h.events(SPEECH)).entry
    assert entry is not None
    assert (entry.modality, entry.usage) == (Modality.AUDIO, Usage(2, sound_milliseconds=400))
    assert entry.spent.micros == 800
    assert entry.reserved.micros == 2 * 8_000 + 2
    assert entry.first is not None
    (written,) = h.ledger.entries(last=9)
    assert (written.modality, written.usage) == (entry.modality, entry.usage)


async def test_hearing_is_paid_by_its_length_and_its_words(
    database: Database, clock: FakeClock
) -> None:
    listener = ScriptedListener("m", window=64, script=("a b c",))
    async with house(database, clock, lives=[sounding(clock, listener)]) as h:
        entry = Reply.of(await h.events(HEARING)).entry
    assert entry is not None
    assert (entry.usage.sound_milliseconds, entry.usage.output) == (1_000, 3)
    assert (entry.spent.micros, entry.reserved.micros) == (2_003, 2_000 + 80 + 2)


async def test_who_leaves_pays_for_what_was_spoken(database: Database, clock: FakeClock) -> None:
    async with (
        house(database, clock, lives=[sounding(clock)]) as h,
        aclosing(h.gateway.generate(SPEECH)) as events,
    ):
        async for event in events:
            if isinstance(event, Spoken):
                break
    (entry,) = h.ledger.entries(last=9)
    assert (entry.stop, entry.spent.micros) == ("cancelled", 400)


async def test_what_a_budget_cannot_pay_is_not_spoken(database: Database, clock: FakeClock) -> None:
    voice = ScriptedVoice("m", window=64)
    one = Budgets(database).set_budget(budget(1_500), actor="ada", now=0)
    order = replace(SPEECH, principal=replace(PRINCIPAL, budgets=(one,)))
    async with house(database, clock, lives=[sounding(clock, voice)]) as h:
        (only,) = await h.events(order)
    assert isinstance(only, Failed)
    assert isinstance(only.error, BudgetSpent)
    assert voice.asked == []


@pytest.mark.parametrize(
    ("order", "sound"), [(SPEECH, 8_000), (HEARING, 1_000)], ids=["spoken", "heard"]
)
async def test_an_upstream_that_told_nothing_is_paid_the_most_that_it_can_have_used(
    database: Database, clock: FakeClock, order: Order, sound: int
) -> None:
    gone = EngineFailed("m", why="it broke", begun=True)
    engine: Engine = ScriptedVoice("m", window=64, error=gone)
    if order is HEARING:
        engine = ScriptedListener("m", window=64, error=gone)
    one = sounding(clock, engine)
    one.deployment = replace(one.deployment, own_hardware=False)
    async with house(database, clock, lives=[one]) as h:
        *_, last = await h.events(order)
    assert isinstance(last, Failed)
    assert last.entry is not None
    assert last.entry.usage.sound_milliseconds == sound
