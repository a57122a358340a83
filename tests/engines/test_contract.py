"""One suite for every engine that can be made of a tiny llama, found by its file.

To add such an engine is to pass this.
"""

import os
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from seedbed.core.ask import (
    Ask,
    CountAsk,
    Format,
    Limits,
    ReasoningPolicy,
    Sampling,
    TokenizeAsk,
    Tool,
)
from seedbed.core.errors import PromptTooLong
from seedbed.core.event import (
    Counted,
    Event,
    Failed,
    Finished,
    Reply,
    Started,
    Stop,
    TextDelta,
    Tokenized,
    UsageNow,
)
from seedbed.core.message import Message, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.base import Counter, Engine, Generator, Spec
from seedbed.kit import plug
from seedbed.kit.clock import SystemClock
from seedbed.serving.supervisor import Supervisor
from tests.engines.formats import templates
from tests.engines.tiny import WINDOW, tiny_model, write_tiny_llama

pytestmark = pytest.mark.anyio


def made(kind: str, weights: Path, *, window: int = WINDOW) -> Engine:
    spec = Spec(replace(tiny_model(kind), window=window), weights, places=2, threads=1)
    return plug.load("seedbed.engines", kind).make(spec)


def generates(kind: str, weights: Path) -> bool:
    """Whether the kind can be made of these weights, and answers with them."""
    try:
        return isinstance(made(kind, weights), Generator)
    except ValueError:
        return False


def found() -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        weights = write_tiny_llama(Path(folder) / "tiny.gguf")
        return [kind for kind in plug.kinds("seedbed.engines") if generates(kind, weights)]


KINDS = found()
every_engine = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[] if kind == "scripted" else pytest.mark.slow)
        for kind in KINDS
    ],
)  # fmt: skip


def test_those_that_should_be_found_are() -> None:
    assert {"llama_cpp", "openvino", "scripted"} <= set(KINDS)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_llama(tmp_path_factory.mktemp("weights") / "tiny.gguf")


@asynccontextmanager
async def running(
    kind: str, weights: Path, tmp_path: Path, *, window: int = WINDOW
) -> AsyncGenerator[Generator]:
    """An engine with its program beside it, where it has one."""
    engine = made(kind, weights, window=window)
    assert isinstance(engine, Generator)
    async with anyio.create_task_group() as tasks:
        if engine.program:
            supervisor = Supervisor(
                "tiny",
                engine,
                engine.program,
                log_file=tmp_path / "engine.log",
                base_environment={"PATH": os.defpath, "HOME": str(tmp_path)},
                clock=SystemClock(),
            )
            tasks.start_soon(supervisor.run)
            await supervisor.ready(within=60)
        yield engine
        await engine.aclose()
        tasks.cancel_scope.cancel()


def ask(
    text: str = "one two three four five six", *, output: int = 8, stop: tuple[str, ...] = ()
) -> Ask:
    return Ask(
        "tiny",
        (Message(Role.USER, (Text(text),)),),
        limits=Limits(output=output, stop=stop),
        sampling=Sampling(temperature=0.0, seed=7),
    )


async def events_of(engine: Generator, wanted: Ask) -> list[Event]:
    async with aclosing(engine.generate(wanted)) as events:
        return [event async for event in events]


@every_engine
async def test_a_stream_starts_once_and_ends_once(kind: str, weights: Path, tmp_path: Path) -> None:
    async with running(kind, weights, tmp_path) as engine:
        events = await events_of(engine, ask())
    assert [type(e) for e in events].count(Started) == 1
    assert isinstance(events[0], Started)
    assert [isinstance(e, Finished | Failed) for e in events].count(True) == 1
    assert isinstance(events[-1], Finished)


@every_engine
async def test_tokens_told_on_the_way_are_those_told_at_the_end(
    kind: str, weights: Path, tmp_path: Path
) -> None:
    async with running(kind, weights, tmp_path) as engine:
        events = await events_of(engine, ask())
    end = events[-1]
    assert isinstance(end, Finished)
    assert sum(e.tokens for e in events if isinstance(e, TextDelta)) == end.usage.output_visible
    told = [e.usage for e in events if isinstance(e, UsageNow)]
    assert told, "an engine tells what the prompt used as soon as it was read"
    assert told[-1].input == end.usage.input > 0


@every_engine
async def test_an_answer_ends_at_its_limit(kind: str, weights: Path, tmp_path: Path) -> None:
    async with running(kind, weights, tmp_path) as engine:
        reply = Reply.of(await events_of(engine, ask(output=3)))
    assert (reply.stop, reply.usage.output) == (Stop.LENGTH, 3)


@every_engine
async def test_the_same_ask_with_the_same_seed_has_the_same_answer(
    kind: str, weights: Path, tmp_path: Path
) -> None:
    async with running(kind, weights, tmp_path) as engine:
        first, second = [Reply.of(await events_of(engine, ask())) for _ in range(2)]
    assert first.text == second.text != ""


@every_engine
async def test_an_answer_ends_before_a_stop_text(kind: str, weights: Path, tmp_path: Path) -> None:
    async with running(kind, weights, tmp_path) as engine:
        whole = Reply.of(await events_of(engine, ask(output=16)))
        inner = whole.text[3:5]
        cut = Reply.of(await events_of(engine, ask(output=16, stop=("\0", inner))))
    assert cut.text == whole.text[: whole.text.index(inner)]
    assert (cut.stop, cut.met) == (Stop.SEQUENCE, inner)


@every_engine
async def test_a_prompt_that_fills_the_window_is_refused_before_anything_else(
    kind: str, weights: Path, tmp_path: Path
) -> None:
    async with running(kind, weights, tmp_path) as engine:
        (only,) = await events_of(engine, ask("word " * (WINDOW + 1)))
    assert isinstance(only, Failed)
    assert isinstance(only.error, PromptTooLong)
    assert only.error.facts["window"] == WINDOW


@every_engine
async def test_a_stream_may_be_closed_early_and_the_engine_answers_the_next(
    kind: str, weights: Path, tmp_path: Path
) -> None:
    async with running(kind, weights, tmp_path) as engine:
        for _ in range(4):  # more often than the engine has places
            async with aclosing(engine.generate(ask(output=400))) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        break
        reply = Reply.of(await events_of(engine, ask(output=3)))
    assert reply.usage.output == 3


@every_engine
async def test_asks_side_by_side_do_not_mix(kind: str, weights: Path, tmp_path: Path) -> None:
    texts = ["a b c d", "e f g h", "i j k l", "m n o p"]
    async with running(kind, weights, tmp_path) as engine:
        alone = [Reply.of(await events_of(engine, ask(text))).text for text in texts]
        together: dict[str, str] = {}

        async def one(text: str) -> None:
            together[text] = Reply.of(await events_of(engine, ask(text))).text

        async with anyio.create_task_group() as tasks:
            for text in texts:
                tasks.start_soon(one, text)
    assert [together[text] for text in texts] == alone


WEATHER = Tool("weather", "Tells the weather.", {"properties": {"city": {"type": "string"}}})
SYSTEM = Message(Role.SYSTEM, (Text("Be brief, and \N{GREEK SMALL LETTER BETA}."),))
COUNTED = {
    "words": ask(),
    "a system text": replace(ask(), messages=(SYSTEM, *ask().messages)),
    "tools": replace(ask(), messages=(SYSTEM, *ask().messages), tools=(WEATHER,)),
    "JSON": replace(ask(), format=Format("json")),
    "words to go on with": replace(ask("<s>one two"), raw=True),
    "thought": replace(ask(), reasoning=ReasoningPolicy("on", budget=4)),
}
NAMED = ["plain", "hermes", "thinking"]


@every_engine
@pytest.mark.parametrize("template", [None, templates.HERMES, templates.THINKING], ids=NAMED)
async def test_a_count_is_what_the_same_ask_is_told_as_its_input(
    kind: str, template: str | None, tmp_path: Path
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", template=template, window=1024)
    features = made(kind, weights).features
    async with running(kind, weights, tmp_path, window=1024) as engine:
        assert isinstance(engine, Counter)
        for name, wanted in COUNTED.items():
            if not wanted.needs <= features:
                continue
            async with aclosing(engine.count(CountAsk(wanted))) as events:
                counted = [event async for event in events]
            usage = Reply.of(await events_of(engine, wanted)).usage
            told = [Started("tiny"), Counted(usage.input), Finished(Stop.END, Usage())]
            assert counted == told, name


@every_engine
async def test_a_prompt_longer_than_the_window_is_counted_too(
    kind: str, weights: Path, tmp_path: Path
) -> None:
    async with running(kind, weights, tmp_path) as engine:
        assert isinstance(engine, Counter)
        async with aclosing(engine.count(CountAsk(ask("word " * 40_000)))) as events:
            counted = Reply.of([event async for event in events]).counted
    assert 40_000 <= counted <= 210_000


@every_engine
async def test_tokens_say_where_in_the_text_they_are(
    kind: str, weights: Path, tmp_path: Path
) -> None:
    texts = "hi there", "", "gr\N{LATIN SMALL LETTER O WITH DIAERESIS}\N{GRINNING FACE}\n end"
    async with running(kind, weights, tmp_path) as engine:
        assert isinstance(engine, Counter)
        async with aclosing(engine.tokenize(TokenizeAsk("tiny", texts))) as events:
            first, *cut, last = [event async for event in events]
    assert (first, last) == (Started("tiny"), Finished(Stop.END, Usage()))
    for ordinal, (one, text) in enumerate(zip(cut, texts, strict=True)):
        assert isinstance(one, Tokenized)
        assert one.ordinal == ordinal
        assert len(one.tokens) == len(one.offsets)
        seen = {at for begin, end in one.offsets for at in range(begin, end)}
        assert {at for at, letter in enumerate(text) if not letter.isspace()} <= seen
        assert list(one.offsets) == sorted(one.offsets)
