"""The fake that hears keeps a listener's promises."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from seedbed.core.errors import EngineFailed, PromptTooLong
from seedbed.core.event import (
    Event,
    Failed,
    Finished,
    Reply,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.sound import Heard, HeardWord, ListenAsk
from seedbed.core.usage import Usage
from seedbed.engines.base import Listener, Spec
from seedbed.engines.scripted_listener import ScriptedListener, lacks, make
from seedbed.kit.machine import this_machine
from tests.engines.tiny import tiny_model

pytestmark = pytest.mark.anyio

ASK = ListenAsk("l", bytes(64_000), length=2_000)
BROKE = EngineFailed("l", why="its ear is sore")


def listener(**options: object) -> ScriptedListener:
    return ScriptedListener("l", window=8, **options)  # type: ignore[arg-type]  # as it has them


async def events_of(engine: ScriptedListener, ask: ListenAsk) -> list[Event]:
    async with aclosing(engine.listen(ask)) as events:
        return [event async for event in events]


async def test_without_a_script_it_tells_how_long_a_sound_is() -> None:
    reply = Reply.of(await events_of(listener(), replace(ASK, prompt="a tale")))
    assert reply.text == "2 seconds of sound."
    assert reply.heard == (Heard(reply.text, 0.0, 2.0, "en"),)
    assert reply.usage == Usage(2, output_visible=4, sound_milliseconds=2_000)


async def test_each_piece_of_its_script_follows_its_words() -> None:
    started, used, *told, end = await events_of(listener(script=("a b", "c")), ASK)
    assert started == Started("l")
    assert used == UsageNow(Usage(sound_milliseconds=2_000))
    assert told == [
        *(TextDelta("a"), TextDelta(" b"), Heard("a b", 0.0, 1.0, "en")),
        *(TextDelta(" c"), Heard("c", 1.0, 2.0, "en")),
    ]
    assert end == Finished(Stop.END, Usage(output_visible=3, sound_milliseconds=2_000))


async def test_the_times_of_words_are_told_if_they_are_wanted() -> None:
    ask = replace(ASK, words=True, language="fr")
    (heard,) = Reply.of(await events_of(listener(script=("a b",)), ask)).heard
    assert heard.language == "fr"
    assert heard.words == (HeardWord("a", 0.0, 1.0), HeardWord("b", 1.0, 2.0))


async def test_silence_has_no_words() -> None:
    assert Reply.of(await events_of(listener(script=("",)), ASK)).text == ""


async def test_it_fails_when_it_is_told_to() -> None:
    engine = listener(script=("a b",), error=BROKE, fails_after=1)
    assert (await events_of(engine, ASK))[2:] == [TextDelta("a"), Failed(BROKE)]


async def test_a_prompt_that_is_too_long_is_refused() -> None:
    (only,) = await events_of(listener(), replace(ASK, prompt="a " * 8))
    assert isinstance(only, Failed)
    assert isinstance(only.error, PromptTooLong)


async def test_who_leaves_stops_the_work() -> None:
    engine = listener(script=("a b c d",))
    async with aclosing(engine.listen(ASK)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    assert engine.steps == 1


async def test_it_is_made_of_its_card_and_runs_everywhere() -> None:
    made = make(Spec(tiny_model("scripted_listener"), None, places=1, threads=1))
    made.attach({})
    assert isinstance(made, Listener)
    assert lacks(this_machine()) is None
    await made.aclose()
