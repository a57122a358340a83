"""The ten requests, on fakes that answer, refuse and fail."""

import pytest

from seedbed.core.errors import EngineFailed
from seedbed.core.message import Call, Reasoning, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.serving.trial import TEN, TRIER, Verdict, try_out
from seedbed.store.database import Database
from tests.serving.houses import house

pytestmark = pytest.mark.anyio


async def verdicts(engine: Scripted, database: Database, clock: FakeClock) -> dict[str, Verdict]:
    async with house(database, clock, [engine]) as home:
        found = [await try_out("m", home.gateway.generate, name) for name in TEN]
    entries = home.ledger.entries(last=100)
    assert {entry.principal.key for entry in entries} == {TRIER.key}
    return {verdict.request: verdict for verdict in found}


async def test_what_an_engine_serves_is_answered_and_shown(
    database: Database, clock: FakeClock
) -> None:
    script = [Reasoning("let me see"), Text('{"city": "Paris", "people": 2}')]
    told = await verdicts(Scripted("m", window=4096, script=script), database, clock)
    assert told["chat"].said == '(3 tokens of thought) {"city": "Paris", "people": 2}'
    assert told["JSON"].end == "answered"
    assert told["embedding"].end == "answered"
    assert "2 vectors of" in told["embedding"].said
    assert told["cancel"] == Verdict("cancel", "answered", "stopped after its first words")
    assert told["bad schema"].end == "refused"
    assert "no such type" in told["bad schema"].said


async def test_a_call_is_shown_as_one(database: Database, clock: FakeClock) -> None:
    script = [Call("c1", "weather", '{"city":"Paris"}')]
    told = await verdicts(Scripted("m", window=4096, script=script), database, clock)
    assert told["tool call"] == Verdict("tool call", "answered", 'weather({"city":"Paris"})')
    assert told["JSON"].end == "failed"


async def test_what_fails_is_told_in_its_own_sentence(database: Database, clock: FakeClock) -> None:
    broken = Scripted("m", window=4096, error=EngineFailed("m", why="it broke"))
    told = await verdicts(broken, database, clock)
    assert told["chat"] == Verdict("chat", "failed", "The engine of 'm' failed: it broke.")


async def test_a_window_that_is_too_short_is_told(database: Database, clock: FakeClock) -> None:
    told = await verdicts(Scripted("m", window=64), database, clock)
    assert told["long prompt"].end == "refused"
    assert "reads at most 64" in told["long prompt"].said
