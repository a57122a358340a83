"""What the worker may send, and what the real one does: vectors, turns, ends, damage."""

import asyncio
import math
import os
import signal
import socket
import struct
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import anyio
import msgspec
import numpy as np
import pytest

from seedbed.core import errors
from seedbed.core.ask import Ask, CountAsk, EmbedAsk, TokenizeAsk
from seedbed.core.event import (
    Embedded,
    Event,
    Failed,
    Finished,
    Reply,
    Started,
    Stop,
    Tokenized,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.engines import sentence_encoder
from seedbed.engines.base import Embedder, Spec
from seedbed.engines.sentence_encoder import Done, Job, Line, Read, SentenceEncoder, Vector, make
from seedbed.engines.workers import bert_folder, e5_file
from seedbed.engines.workers.bert import Bert, Floats, Layer, Linear, Norm, Tokenizer
from seedbed.kit.clock import SystemClock
from seedbed.kit.machine import Machine
from seedbed.serving.supervisor import Supervisor
from tests.engines.tiny_bert import WIDTH, WINDOW, encoder_model, write_tiny_bert, write_tiny_e5
from tests.serving.houses import until

pytestmark = pytest.mark.anyio

ASK = EmbedAsk("tiny", ("hello", "world"))


def e5(folder: Path) -> Path:
    return write_tiny_e5(folder / "e5.bin")


def bert(folder: Path) -> Path:
    return write_tiny_bert(folder / "bert")


each_kind = pytest.mark.parametrize("write", [e5, bert])
Write = Callable[[Path], Path]


@asynccontextmanager
async def speaking(answer: bytes) -> AsyncGenerator[tuple[SentenceEncoder, list[bytes]]]:
    """An engine whose worker answers with these bytes, and hangs up."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        engine = SentenceEncoder("tiny", window=WINDOW, program=None, key="k")
        port = server.sockets[0].getsockname()[1]
        engine.attach({"host": "127.0.0.1", "port": str(port), "dimensions": "32"})
        yield engine, heard
        await engine.aclose()


async def events_of(engine: SentenceEncoder, ask: EmbedAsk = ASK) -> list[Event]:
    async with aclosing(engine.embed(ask)) as events:
        return [event async for event in events]


async def failure_of(engine: SentenceEncoder, *texts: str) -> errors.SeedbedError:
    (only,) = await events_of(engine, EmbedAsk("tiny", texts))
    assert isinstance(only, Failed)
    return only.error


async def test_lines_become_events() -> None:
    answer = (
        b'{"type":"read","tokens":7}\n'
        b'{"type":"vector","ordinal":0,"floats":"AACAPw==","batches":1}\n{"type":"done"}\n'
    )
    async with speaking(answer) as (engine, heard):
        events = await events_of(engine)
    usage = Usage(input_fresh=7)
    assert events == [
        Started("tiny"),
        UsageNow(usage),
        Embedded(0, struct.pack("<f", 1.0)),
        Finished(Stop.END, usage),
    ]
    assert msgspec.json.decode(heard[0], type=Job) == Job("k", ("hello", "world"), question=False)


@pytest.mark.parametrize(
    ("sent", "kind", "why"),
    [
        (b"", errors.EngineFailed, "stopped in mid-answer"),
        (b'{"type":"read","tokens":7}\n', errors.EngineFailed, "stopped in mid-answer"),
        (b'{"type":"read","tok', errors.EngineFailed, "stopped in mid-answer"),
        (b"nonsense\n", errors.EngineFailed, "cannot be read"),
        (b'{"type":"tired"}\n', errors.EngineFailed, "cannot be read"),
        (b'{"type":"broken","why":"no memory"}\n', errors.EngineFailed, "no memory"),
        (b'{"type":"too_long","ordinal":1,"tokens":99}\n', errors.PromptTooLong, "99 tokens"),
        (b'{"type":"empty","ordinal":1}\n', errors.RequestMalformed, "Text 1 is empty"),
    ],
)
async def test_what_is_no_whole_answer_is_told_as_what_it_is(
    sent: bytes, kind: type[errors.SeedbedError], why: str
) -> None:
    async with speaking(sent) as (engine, _):
        last = (await events_of(engine))[-1]
    assert isinstance(last, Failed)
    assert isinstance(last.error, kind)
    assert why in last.error.what


async def test_the_tokens_of_texts_are_told_without_reading_them() -> None:
    answer = (
        b'{"type":"cut","ordinal":0,"ids":[7,8]}\n{"type":"cut","ordinal":1,"ids":[]}\n'
        b'{"type":"done"}\n'
    )
    async with speaking(answer) as (engine, heard):
        events = [event async for event in engine.tokenize(TokenizeAsk("tiny", ("hello", "")))]
    told = [Tokenized(0, (7, 8)), Tokenized(1, ())]
    assert events == [Started("tiny"), *told, Finished(Stop.END, Usage())]
    assert msgspec.json.decode(heard[0], type=Job) == Job("k", ("hello", ""), cut=True)


async def test_an_encoder_has_no_prompts_to_count() -> None:
    async with speaking(b"") as (engine, heard):
        (only,) = [event async for event in engine.count(CountAsk(Ask("tiny", ())))]
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.FeatureUnserved)
    assert heard == []


async def test_a_worker_that_is_not_there_can_be_asked_again_safely() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_at_once:
        port = closed_at_once.getsockname()[1]
    engine = SentenceEncoder("tiny", window=WINDOW, program=None, key="k")
    engine.attach({"host": "127.0.0.1", "port": str(port), "dimensions": "32"})
    assert isinstance(await failure_of(engine, "hello"), errors.EngineUnreachable)


async def test_what_cannot_be_meant_never_reaches_the_worker() -> None:
    async with speaking(b"") as (engine, heard):
        half = await failure_of(engine, "sound", "half \ud83d")
        long = await failure_of(engine, "x" * (64 * WINDOW + 1))
        (short,) = await events_of(engine, EmbedAsk("tiny", ("a",), dimensions=8))
    assert isinstance(half, errors.RequestMalformed)
    assert "Text 1 holds half a letter at place 5" in half.what
    assert isinstance(long, errors.RequestMalformed)
    assert "Text 0 has 16,385 letters" in long.what
    assert isinstance(short, Failed)
    assert isinstance(short.error, errors.FieldUnserved)
    assert heard == []


async def test_vectors_of_its_own_length_may_be_asked_for_by_number() -> None:
    async with speaking(b'{"type":"read","tokens":0}\n{"type":"done"}\n') as (engine, _):
        events = await events_of(engine, EmbedAsk("tiny", (), dimensions=32))
    assert isinstance(events[-1], Finished)


@pytest.mark.parametrize(
    "greeting",
    [{}, {"host": "h", "port": "x", "dimensions": "3"}, {"host": "h", "port": "1"}],
)
def test_a_greeting_that_is_not_its_own_is_refused(greeting: dict[str, str]) -> None:
    engine = SentenceEncoder("tiny", window=WINDOW, program=None, key="k")
    with pytest.raises(errors.EngineFailed, match="greeted with"):
        engine.attach(greeting)


def test_it_cannot_be_made_without_weights() -> None:
    with pytest.raises(ValueError, match="needs the weights of 'tiny'"):
        make(Spec(encoder_model(), None, places=1, threads=1))


def test_its_key_is_not_on_the_command_line() -> None:
    engine = make(Spec(encoder_model(), Path("/w.bin"), places=1, threads=1))
    assert isinstance(engine, Embedder)
    assert engine.program
    (secret,) = engine.program.environment.values()
    assert secret not in " ".join(engine.program.argv)


@pytest.mark.parametrize(
    ("machine", "lack"),
    [
        (Machine("linux", "x86_64", frozenset({"avx2"}), 2), None),
        (Machine("linux", "x86_64", frozenset(), 2), None),
        (Machine("linux", "arm64", frozenset({"asimd"}), 2), None),
        (Machine("darwin", "arm64", frozenset(), 2), None),
        (Machine("darwin", "x86_64", frozenset(), 2), "a processor of Apple's"),
        (Machine("linux", "x86_64", frozenset({"sse2"}), 2), "AVX2"),
        (Machine("linux", "riscv64", frozenset(), 2), "64-bit Arm"),
    ],
)
def test_it_says_what_a_machine_lacks(machine: Machine, lack: str | None) -> None:
    said = sentence_encoder.lacks(machine)
    assert said is None if lack is None else said is not None and lack in said


@asynccontextmanager
async def working(
    weights: Path, tmp_path: Path, *, window: int = WINDOW
) -> AsyncGenerator[tuple[SentenceEncoder, Supervisor]]:
    """The engine with its real worker, as soon as that has been started."""
    engine = make(Spec(encoder_model(window=window), weights, places=2, threads=1))
    assert engine.program
    supervisor = Supervisor(
        "tiny",
        engine,
        engine.program,
        log_file=tmp_path / "engine.log",
        base_environment={"PATH": os.defpath, "HOME": str(tmp_path)},
        clock=SystemClock(),
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run)
        yield engine, supervisor
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def ready(write: Write, tmp_path: Path) -> AsyncGenerator[SentenceEncoder]:
    async with working(write(tmp_path), tmp_path) as (engine, supervisor):
        await supervisor.ready(within=60)
        yield engine


def floats(vector: bytes) -> Floats:
    return np.frombuffer(vector, "<f4")


@pytest.mark.slow
@each_kind
async def test_tokens_are_those_of_the_texts_alone(write: Write, tmp_path: Path) -> None:
    texts = ("hello world", "", "\N{GRINNING FACE} a")
    async with ready(write, tmp_path) as engine:
        events = [event async for event in engine.tokenize(TokenizeAsk("tiny", texts))]
        left = engine.tokenize(TokenizeAsk("tiny", ("hello",) * 2000))
        assert isinstance(await anext(left), Started)
        await left.aclose()
        again = await events_of(engine)
    read = e5_file.read if write is e5 else bert_folder.read
    _, tokenizer = read(write(tmp_path))
    cut = Reply.of(events).tokenized
    assert [one.tokens for one in cut] == [tuple(tokenizer.tokens(text)) for text in texts]
    assert cut[0].tokens == tuple(
        tokenizer.encode(texts[0], question=False)[-1 - len(cut[0].tokens) : -1]
    )
    assert isinstance(again[-1], Finished)


@pytest.mark.slow
@each_kind
async def test_vectors_are_those_of_the_model_and_their_tokens_are_counted(
    write: Write, tmp_path: Path
) -> None:
    texts = ("hello world", "天气", "a", "z" * 30, "hello")
    async with ready(write, tmp_path) as engine:
        reply = Reply.of(await events_of(engine, EmbedAsk("tiny", texts)))
        asked = Reply.of(await events_of(engine, EmbedAsk("tiny", texts[:1], purpose="query")))
    read = e5_file.read if write is e5 else bert_folder.read
    model, tokenizer = read(write(tmp_path))
    ids = [tokenizer.encode(text, question=False) for text in texts]
    assert reply.usage == Usage(input_fresh=sum(map(len, ids)))
    layers = list(model.layers)
    for vector, tokens in zip(reply.vectors, ids, strict=True):
        assert math.isclose(float(np.linalg.norm(floats(vector))), 1.0, rel_tol=1e-5)
        assert floats(vector) @ plainly(model, layers, tokens) > 0.998
    same = np.allclose(floats(asked.vectors[0]), floats(reply.vectors[0]), atol=1e-5)
    assert same == (write is bert)  # E5 reads what a text is for


def plainly(model: Bert, layers: list[Layer], ids: list[int]) -> Floats:
    """The vector of one text, computed step by step, without a library of such models."""
    now = normed(model.words(ids) + model.places[: len(ids)], model.first, model.epsilon)
    for layer in layers:
        sides = (times(now, side) for side in (layer.query, layer.key, layer.value))
        query, key, value = (s.reshape(len(ids), model.heads, -1).swapaxes(0, 1) for s in sides)
        weights = np.exp(query @ key.swapaxes(1, 2) / math.sqrt(query.shape[2]))
        seen = weights / weights.sum(axis=2, keepdims=True) @ value
        joined = times(seen.swapaxes(0, 1).reshape(len(ids), -1), layer.attended)
        now = normed(now + joined, layer.attended_norm, model.epsilon)
        wide = times(now, layer.up)
        wide *= 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        now = normed(now + times(wide, layer.down), layer.down_norm, model.epsilon)
    mean = now.mean(axis=0)
    return mean / np.linalg.norm(mean)


def times(now: Floats, side: Linear) -> Floats:
    return now @ side.weight.T + side.bias


def normed(now: Floats, norm: Norm, epsilon: float) -> Floats:
    even = (now - now.mean(axis=-1, keepdims=True)) / np.sqrt(
        now.var(axis=-1, keepdims=True) + epsilon
    )
    return even * norm.scale + norm.shift


@pytest.mark.slow
@each_kind
async def test_each_strange_text_has_one_clear_answer(write: Write, tmp_path: Path) -> None:
    _, tokenizer = (e5_file.read if write is e5 else bert_folder.read)(write(tmp_path))
    fits = longest(tokenizer)
    async with ready(write, tmp_path) as engine:
        for empty in ("", " \t\n", "\x01"):
            assert "Text 1 is empty" in (await failure_of(engine, "hello", empty)).what
        too_long = await failure_of(engine, fits + " a")
        assert isinstance(too_long, errors.PromptTooLong)
        tokens = len(tokenizer.encode(fits + " a", question=False))
        assert (too_long.facts["tokens"], too_long.facts["window"]) == (tokens, WINDOW)
        assert isinstance(await failure_of(engine, "a" * 1_000_000), errors.RequestMalformed)
        assert isinstance(await failure_of(engine, "\udc80"), errors.RequestMalformed)
        strange = (fits, "😀👍🏽\u200d", "<s></s>[SEP]", "\0a\0", "\ufffe\U0010ffff", "﷽" * 3)
        reply = Reply.of(await events_of(engine, EmbedAsk("tiny", strange)))
        assert len(reply.vectors) == len(strange)
        nothing = Reply.of(await events_of(engine, EmbedAsk("tiny", ())))
    assert (nothing.vectors, nothing.usage) == ((), Usage())


def longest(tokenizer: Tokenizer) -> str:
    """A text that fills the window to the last token."""
    text = "aa"
    while len(tokenizer.encode(text, question=False)) < WINDOW:
        text += " a"
    return text


class Wire:
    """A caller that speaks to the worker itself, so that it sees how many batches were run."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def ask(cls, engine: SentenceEncoder, *texts: str, key: str = "") -> "Wire":
        assert engine.program
        (own,) = engine.program.environment.values()
        reader, writer = await asyncio.open_connection(*engine.place)
        job = Job(key or own, texts, question=False)
        writer.write(msgspec.json.encode(job) + b"\n")
        return cls(reader, writer)

    async def line(self) -> Line:
        return msgspec.json.decode(await self.reader.readline(), type=Line)

    async def vector(self) -> Vector:
        while not isinstance(line := await self.line(), Vector):
            assert isinstance(line, Read)
        return line

    async def latest(self, known: Vector) -> Vector:
        """The last vector of all that have been sent by now."""
        latest = known
        with anyio.move_on_after(0.2):
            while True:
                latest = await self.vector()
        return latest


MANY = ["a " * 120] * 2_048


@asynccontextmanager
async def halted(supervisor: Supervisor) -> AsyncGenerator[None]:
    """The worker stands still, so that what it has done does not change while it is looked at."""
    assert supervisor.pid
    os.kill(supervisor.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(supervisor.pid, signal.SIGCONT)


@pytest.mark.slow
@each_kind
async def test_who_leaves_early_ends_the_work_after_at_most_one_further_batch(
    write: Write, tmp_path: Path
) -> None:
    async with working(write(tmp_path), tmp_path) as (engine, supervisor):
        await supervisor.ready(within=60)
        many = await Wire.ask(engine, *MANY)
        first = await many.vector()
        async with halted(supervisor):
            seen = await many.latest(first)
            many.writer.close()
        single = await Wire.ask(engine, "hello")
        ran = (await single.vector()).batches
        single.writer.close()
    assert seen.ordinal < len(MANY) - 100, "there was work left to end"
    assert ran - seen.batches <= 3  # the one under way, one further, and the single text's own


@pytest.mark.slow
@each_kind
async def test_a_single_text_does_not_wait_for_two_thousand(write: Write, tmp_path: Path) -> None:
    async with ready(write, tmp_path) as engine:
        many = await Wire.ask(engine, *MANY)
        first = await many.vector()
        single = await Wire.ask(engine, "hello")
        answered = await single.vector()
        assert await single.line() == Done()
        ordinals = [first.ordinal]
        latest = first
        while latest.batches <= answered.batches:  # ends, since there is more after the single one
            latest = await many.vector()
            ordinals.append(latest.ordinal)
        many.writer.close()
        single.writer.close()
    assert ordinals == list(range(len(ordinals)))
    assert len(ordinals) < len(MANY)


@pytest.mark.slow
async def test_texts_of_many_lengths_are_the_same_together_as_alone(tmp_path: Path) -> None:
    texts = tuple("a" * (1 + 13 * at % 57) for at in range(100))
    async with ready(bert, tmp_path) as engine:
        together = Reply.of(await events_of(engine, EmbedAsk("tiny", texts)))
        alone = [Reply.of(await events_of(engine, EmbedAsk("tiny", (t,)))) for t in texts[:8]]
    for vector, reply in zip(together.vectors, alone, strict=False):
        assert floats(vector) @ floats(reply.vectors[0]) > 0.999


@pytest.mark.slow
async def test_a_killed_worker_is_told_to_those_in_flight_and_the_next_life_answers(
    tmp_path: Path,
) -> None:
    async with working(e5(tmp_path), tmp_path) as (engine, supervisor):
        first = await supervisor.ready(within=60)
        events: list[Event] = []
        async with aclosing(engine.embed(EmbedAsk("tiny", tuple(MANY)))) as stream:
            async for event in stream:
                events.append(event)
                if isinstance(event, Started) and supervisor.pid:
                    os.kill(supervisor.pid, signal.SIGKILL)
        assert isinstance(events[-1], Failed)
        assert isinstance(events[-1].error, errors.EngineFailed)
        while await supervisor.ready(within=60) == first:
            await anyio.sleep(0.01)
        assert len(Reply.of(await events_of(engine)).vectors) == 2


@pytest.mark.slow
@each_kind
async def test_damaged_weights_end_the_worker_with_a_last_word(
    write: Write, tmp_path: Path
) -> None:
    weights = write(tmp_path)
    os.truncate(weights, weights.stat().st_size - 100)
    async with working(weights, tmp_path) as (_, supervisor):
        await until(lambda: "again in" in supervisor.state)
        assert "the model cannot be loaded" in supervisor.state
        assert supervisor.life == 0


@pytest.mark.slow
async def test_a_window_that_the_model_does_not_have_is_refused(tmp_path: Path) -> None:
    async with working(e5(tmp_path), tmp_path, window=WINDOW + 1) as (_, supervisor):
        await until(lambda: "again in" in supervisor.state)
        assert "it reads 256 tokens, and its card says 257" in supervisor.state


@pytest.mark.slow
async def test_weights_that_are_no_numbers_are_a_failure_and_not_a_vector(tmp_path: Path) -> None:
    weights = bert(tmp_path)
    raw = weights.read_bytes()
    weights.write_bytes(raw[: -4 * WIDTH] + struct.pack("<f", math.nan) * WIDTH)
    async with working(weights, tmp_path) as (engine, supervisor):
        await supervisor.ready(within=60)
        for _ in range(2):
            last = (await events_of(engine))[-1]
            assert isinstance(last, Failed)
            assert "a vector has no length" in last.error.what


@pytest.mark.slow
async def test_a_stranger_without_the_key_is_told_nothing_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    async with ready(e5, tmp_path) as engine:
        stranger = await Wire.ask(engine, "hello", key="not the key")
        assert await stranger.reader.read() == b""
        stranger.writer.write(b"GET /\n")
        stranger.writer.close()
        assert len(Reply.of(await events_of(engine)).vectors) == 2
    assert names_in(tmp_path) <= {"e5.bin", "engine.log", "home"}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
