"""The fake voice keeps a voice's promises."""

from contextlib import aclosing
from dataclasses import replace

import pytest

from seedbed.core.errors import EngineFailed, PromptTooLong
from seedbed.core.event import Event, Failed, Finished, Reply, Started, Stop, UsageNow
from seedbed.core.sound import SpeechAsk, Spoken
from seedbed.core.usage import Usage
from seedbed.engines.base import Speaker, Spec
from seedbed.engines.scripted_voice import ScriptedVoice, lacks, make
from seedbed.kit.machine import this_machine
from tests.engines.tiny import tiny_model

pytestmark = pytest.mark.anyio

ASK = SpeechAsk("v", "one two", "ann", format="pcm")
BROKE = EngineFailed("v", why="its throat is sore")


def voice(**options: object) -> ScriptedVoice:
    return ScriptedVoice("v", window=8, **options)  # type: ignore[arg-type]  # as it has them


async def events_of(engine: ScriptedVoice, ask: SpeechAsk) -> list[Event]:
    async with aclosing(engine.speak(ask)) as events:
        return [event async for event in events]


async def test_each_word_is_a_tone_that_is_counted_before_it_is_told() -> None:
    started, *told, end = await events_of(voice(), ASK)
    assert started == Started("v")
    assert [type(one) for one in told] == [UsageNow, Spoken] * 2
    used = Usage(2, sound_milliseconds=400)
    assert (told[2], end) == (UsageNow(used), Finished(Stop.END, used))


async def test_the_same_is_spoken_alike_and_what_differs_otherwise() -> None:
    others = [
        replace(ASK, voice="bob"),
        replace(ASK, instructions="softly"),
        replace(ASK, text="2"),
    ]
    made = [Reply.of(await events_of(voice(), ask)).sound for ask in (ASK, ASK, *others)]
    assert made[0] == made[1]
    assert len(set(made)) == 4


async def test_it_speaks_as_fast_as_it_is_told() -> None:
    slow, fast = [
        Reply.of(await events_of(voice(), replace(ASK, speed=speed))).sound for speed in (0.5, 1.0)
    ]
    assert len(slow) == 2 * len(fast)


async def test_it_fails_when_it_is_told_to() -> None:
    *_, last, end = await events_of(voice(error=BROKE, fails_after=1), ASK)
    assert isinstance(last, Spoken)
    assert end == Failed(BROKE)


async def test_a_text_that_is_too_long_is_refused() -> None:
    (only,) = await events_of(voice(), replace(ASK, text="a " * 7, instructions="b"))
    assert isinstance(only, Failed)
    assert isinstance(only.error, PromptTooLong)


async def test_who_leaves_stops_the_work() -> None:
    engine = voice()
    async with aclosing(engine.speak(replace(ASK, text="a b c d e"))) as events:
        async for event in events:
            if isinstance(event, Spoken):
                break
    assert engine.steps == 1


async def test_it_is_made_of_its_card_and_runs_everywhere() -> None:
    made = make(Spec(tiny_model("scripted_voice"), None, places=1, threads=1))
    made.attach({})
    assert isinstance(made, Speaker)
    assert lacks(this_machine()) is None
    await made.aclose()
