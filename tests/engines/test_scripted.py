"""The fake engine keeps its promises too."""

import pytest

from seedbed.core.ask import Ask, Limits
from seedbed.core.errors import EngineFailed
from seedbed.core.event import Event, Failed, Reply, Stop
from seedbed.core.message import Call, Media, MediaKind, Message, Reasoning, Role, Text
from seedbed.engines.scripted import Scripted

pytestmark = pytest.mark.anyio


def ask(text: str, *, stop: tuple[str, ...] = ()) -> Ask:
    return Ask("s", (Message(Role.USER, (Text(text),)),), limits=Limits(stop=stop))


async def events_of(engine: Scripted, wanted: Ask) -> list[Event]:
    return [event async for event in engine.generate(wanted)]


async def test_without_a_script_it_repeats_what_it_is_told() -> None:
    engine = Scripted("s", window=64)
    reply = Reply.of(await events_of(engine, ask("the same words")))
    assert (reply.text, reply.stop, reply.usage.output) == ("the same words", Stop.END, 3)


async def test_thought_words_and_calls_come_in_the_order_of_the_script() -> None:
    script = [Reasoning("let me see"), Text("calling"), Call("c1", "add", '{"a": 1, "b": 2}')]
    reply = Reply.of(await events_of(Scripted("s", window=64, script=script), ask("go")))
    assert reply.parts == tuple(script)
    assert reply.stop == Stop.CALL
    assert reply.usage.output_reasoning == 3


async def test_a_stop_text_cuts_the_words_and_keeps_the_thought() -> None:
    script = [Reasoning("hm"), Text("one two three"), Text(" four")]
    engine = Scripted("s", window=64, script=script)
    reply = Reply.of(await events_of(engine, ask("go", stop=("wo t", "four"))))
    assert (reply.text, reply.reasoning, reply.stop) == ("one t", "hm", Stop.SEQUENCE)


async def test_it_fails_when_the_script_says_so() -> None:
    error = EngineFailed("s", why="scripted")
    at_once = Scripted("s", window=64, error=error)
    assert await events_of(at_once, ask("a b c")) == [Failed(error)]
    later = Scripted("s", window=64, error=error, fails_after=2)
    events = await events_of(later, ask("a b c"))
    assert events[-1] == Failed(error)
    assert later.steps == 2


async def test_a_script_of_pictures_is_a_mistake() -> None:
    engine = Scripted("s", window=64, script=[Media(MediaKind.IMAGE, "x")])
    with pytest.raises(TypeError, match="a script holds"):
        await events_of(engine, ask("go"))


async def test_a_call_without_arguments_is_still_a_call() -> None:
    engine = Scripted("s", window=64, script=[Call("c1", "now", "")])
    reply = Reply.of(await events_of(engine, ask("go")))
    assert reply.calls == (Call("c1", "now", ""),)
