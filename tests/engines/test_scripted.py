"""The fake engine keeps its promises too."""

import math
import struct
from contextlib import aclosing
from typing import TypeAlias

import pytest

from seedbed.core.ask import Ask, CountAsk, EmbedAsk, Limits, RerankAsk, TokenizeAsk
from seedbed.core.errors import EngineFailed, FieldUnserved, PromptTooLong
from seedbed.core.event import Embedded, Event, Failed, Ranked, Reply, Stop
from seedbed.core.message import Call, Media, MediaKind, Message, Reasoning, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.base import Embedder, Ranker
from seedbed.engines.scripted import DIMENSIONS, Scripted

pytestmark = pytest.mark.anyio

Asked: TypeAlias = Ask | EmbedAsk | CountAsk | TokenizeAsk | RerankAsk


def ask(text: str, *, stop: tuple[str, ...] = ()) -> Ask:
    return Ask("s", (Message(Role.USER, (Text(text),)),), limits=Limits(stop=stop))


async def events_of(engine: Scripted, wanted: Asked) -> list[Event]:
    match wanted:
        case Ask():
            events = engine.generate(wanted)
        case EmbedAsk():
            events = engine.embed(wanted)
        case CountAsk():
            events = engine.count(wanted)
        case TokenizeAsk():
            events = engine.tokenize(wanted)
        case RerankAsk():
            events = engine.rerank(wanted)
    return [event async for event in events]


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
    assert reply.met == "wo t"


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


async def test_a_vector_comes_from_its_text_alone_and_has_the_length_one() -> None:
    engine = Scripted("s", window=64)
    assert isinstance(engine, Embedder)
    reply = Reply.of(await events_of(engine, EmbedAsk("s", ("a b", "\ud800", "", "a b"))))
    first, strange, empty, again = reply.vectors
    assert first == again
    assert len({first, strange, empty}) == 3
    for vector in reply.vectors:
        assert math.isclose(math.hypot(*struct.unpack(f"<{DIMENSIONS}f", vector)), 1, rel_tol=1e-6)
    assert (reply.stop, reply.usage) == (Stop.END, Usage(input_fresh=5))


async def test_vectors_may_be_shortened_and_not_lengthened() -> None:
    engine = Scripted("s", window=64)
    (vector,) = Reply.of(await events_of(engine, EmbedAsk("s", ("a",), dimensions=3))).vectors
    assert math.isclose(math.hypot(*struct.unpack("<3f", vector)), 1, rel_tol=1e-6)
    (only,) = await events_of(engine, EmbedAsk("s", ("a",), dimensions=DIMENSIONS + 1))
    assert isinstance(only, Failed)
    assert isinstance(only.error, FieldUnserved)


async def test_a_score_is_the_share_of_the_questions_words() -> None:
    engine = Scripted("s", window=64)
    assert isinstance(engine, Ranker)
    texts = ("Red apples", "green pears", "the RED and the green")
    reply = Reply.of(await events_of(engine, RerankAsk("s", "red green", texts)))
    assert reply.scores == (0.5, 0.5, 1.0)
    assert reply.usage == Usage(input_fresh=3 * 2 + 9)
    empty = Reply.of(await events_of(engine, RerankAsk("s", "", ("a",))))
    assert empty.scores == (0.0,)


@pytest.mark.parametrize("wanted", [EmbedAsk("s", ("a",) * 4), RerankAsk("s", "a", ("a",) * 4)])
async def test_vectors_and_scores_fail_when_the_script_says_so(wanted: Asked) -> None:
    error = EngineFailed("s", why="scripted")
    assert await events_of(Scripted("s", window=64, error=error), wanted) == [Failed(error)]
    events = await events_of(Scripted("s", window=64, error=error, fails_after=2), wanted)
    assert [type(event) for event in events[2:]] in (
        [Embedded, Embedded, Failed],
        [Ranked, Ranked, Failed],
    )


@pytest.mark.parametrize("wanted", [EmbedAsk("s", ("a b c",)), RerankAsk("s", "a", ("b c",))])
async def test_a_text_longer_than_the_window_is_refused(wanted: Asked) -> None:
    (only,) = await events_of(Scripted("s", window=2), wanted)
    assert isinstance(only, Failed)
    assert isinstance(only.error, PromptTooLong)


async def test_who_leaves_early_ends_the_making_of_vectors() -> None:
    engine = Scripted("s", window=64)
    async with aclosing(engine.embed(EmbedAsk("s", ("a",) * 2_048))) as events:
        async for event in events:
            if isinstance(event, Embedded):
                break
    assert engine.steps == 1


@pytest.mark.parametrize("wanted", [CountAsk(ask("a b")), TokenizeAsk("s", ("a b",))])
async def test_what_it_is_told_to_fail_in_it_counts_no_more(wanted: Asked) -> None:
    error = EngineFailed("s", why="it was told to")
    assert await events_of(Scripted("s", window=64, error=error), wanted) == [Failed(error)]


async def test_the_same_word_is_the_same_token() -> None:
    events = await events_of(Scripted("s", window=64), TokenizeAsk("s", ("a b a", "b")))
    first, second = Reply.of(events).tokenized
    assert first.tokens[0] == first.tokens[2] != first.tokens[1]
    assert second.tokens == (first.tokens[1],)
    assert first.offsets == ((0, 1), (2, 3), (4, 5))
