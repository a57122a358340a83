"""What the worker may send, what it must not take, and what becomes of those in flight."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import anyio
import msgspec
import pytest

from seedbed.core import errors
from seedbed.core.ask import Ask, Limits, Sampling
from seedbed.core.event import Event, Failed, Finished, Reply, Started, Stop, TextDelta, UsageNow
from seedbed.core.message import Message, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.base import Spec
from seedbed.engines.openvino import Job, OpenVino, make
from seedbed.kit.clock import SystemClock
from seedbed.serving.supervisor import Supervisor
from tests.engines.tiny import tiny_model, write_tiny_llama
from tests.serving.houses import until

pytestmark = pytest.mark.anyio

ASK = Ask("tiny", (Message(Role.USER, (Text("hi"),)),))


@asynccontextmanager
async def speaking(*answers: bytes) -> AsyncGenerator[tuple[OpenVino, list[bytes]]]:
    """An engine whose worker answers each connection with the next of these bytes, and hangs up."""
    left, heard = list(answers), list[bytes]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        engine = OpenVino("tiny", window=512, program=None, key="k")
        port = server.sockets[0].getsockname()[1]
        engine.attach({"host": "127.0.0.1", "port": str(port)})
        yield engine, heard


async def events_of(*answers: bytes, ask: Ask = ASK) -> list[Event]:
    async with speaking(*answers) as (engine, _), aclosing(engine.generate(ask)) as events:
        return [event async for event in events]


async def test_lines_become_events() -> None:
    events = await events_of(
        b'{"prompt":9}\n{"text":"he","output":1}\n{"text":"llo","output":3}\n'
        b'{"stop":"length","output":4}\n'
    )
    assert events == [
        Started("tiny"),
        UsageNow(Usage(input_fresh=9)),
        TextDelta("he", tokens=1),
        TextDelta("llo", tokens=2),
        Finished(Stop.LENGTH, Usage(input_fresh=9, output_visible=4)),
    ]


@pytest.mark.parametrize(
    ("sent", "kind", "why"),
    [
        (b"", errors.EngineFailed, "stopped in mid-answer"),
        (b'{"prompt":9}\n', errors.EngineFailed, "stopped in mid-answer"),
        (b'{"prompt":9}\n{"text":"h', errors.EngineFailed, "stopped in mid-answer"),
        (b"nonsense\n", errors.EngineFailed, "cannot be read"),
        (b'{"stop":"tired"}\n', errors.EngineFailed, "cannot be read"),
        (b'{"fault":"failed","why":"its cache is full"}\n', errors.EngineFailed, "cache is full"),
        (b'{"fault":"refused","why":"bad top_p"}\n', errors.RequestMalformed, "bad top_p"),
        (b'{"fault":"too_long","prompt":900}\n', errors.PromptTooLong, "900 tokens"),
    ],
)
async def test_what_is_no_whole_answer_is_told_as_what_it_is(
    sent: bytes, kind: type[errors.SeedbedError], why: str
) -> None:
    last = (await events_of(sent))[-1]
    assert isinstance(last, Failed)
    assert isinstance(last.error, kind)
    assert why in last.error.what


async def test_a_worker_that_is_not_there_can_be_asked_again_safely() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_at_once:
        port = closed_at_once.getsockname()[1]
    engine = OpenVino("tiny", window=512, program=None, key="k")
    engine.attach({"host": "127.0.0.1", "port": str(port)})
    (only,) = [event async for event in engine.generate(ASK)]
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.EngineUnreachable)


async def test_what_is_asked_reaches_the_worker_word_for_word() -> None:
    sampling = Sampling(temperature=0.0, top_k=3, seed=5, presence_penalty=1.5)
    limits = Limits(output=7, stop=("END",))
    asked = Ask("tiny", ASK.messages, limits=limits, sampling=sampling)
    async with speaking(b'{"prompt":1}\n{"stop":"end"}\n') as (engine, heard):
        assert [type(event) async for event in engine.generate(asked)][-1] is Finished
    job = msgspec.json.decode(heard[0], type=Job)
    assert (job.messages, job.key) == ([("user", "hi")], "k")
    assert (job.output, job.stop, job.seed) == (7, ("END",), 5)
    assert (job.temperature, job.top_k, job.presence_penalty) == (0.0, 3, 1.5)
    assert job.top_p == 0.95  # llama.cpp's default, where nothing was asked


async def test_without_a_seed_no_two_asks_have_the_same() -> None:
    end = b'{"stop":"end"}\n'
    async with speaking(end, end) as (engine, heard):
        for _ in range(2):
            assert [event async for event in engine.generate(ASK)]
    first, second = (msgspec.json.decode(line, type=Job).seed for line in heard)
    assert first != second


@pytest.mark.parametrize("greeting", [{}, {"host": "127.0.0.1", "port": "x"}])
def test_a_greeting_that_is_not_its_own_is_refused(greeting: dict[str, str]) -> None:
    engine = OpenVino("tiny", window=512, program=None, key="k")
    with pytest.raises(errors.EngineFailed, match="greeted with"):
        engine.attach(greeting)


def test_it_cannot_be_made_without_weights() -> None:
    with pytest.raises(ValueError, match="needs the weights of 'tiny'"):
        make(Spec(tiny_model("openvino"), None, places=1, threads=1))


@asynccontextmanager
async def working(weights: Path, tmp_path: Path) -> AsyncGenerator[tuple[OpenVino, Supervisor]]:
    """The engine with its real worker, as soon as that has been started."""
    engine = make(Spec(tiny_model("openvino"), weights, places=2, threads=1))
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


@pytest.mark.slow
async def test_a_killed_worker_is_told_to_those_in_flight_and_the_next_life_answers(
    tmp_path: Path,
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    long = Ask("tiny", ASK.messages, limits=Limits(output=450))
    async with working(weights, tmp_path) as (engine, supervisor):
        first = await supervisor.ready(within=60)
        events: list[Event] = []
        async with aclosing(engine.generate(long)) as stream:
            async for event in stream:
                events.append(event)
                if isinstance(event, TextDelta) and supervisor.pid:
                    os.kill(supervisor.pid, signal.SIGKILL)
        assert isinstance(events[-1], Failed)
        assert isinstance(events[-1].error, errors.EngineFailed)
        while await supervisor.ready(within=60) == first:
            await anyio.sleep(0.01)
        reply = Reply.of([event async for event in engine.generate(ASK)])
        assert reply.usage.output > 0


@pytest.mark.slow
async def test_damaged_weights_end_the_worker_and_nothing_else(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    os.truncate(weights, 2_000)
    async with working(weights, tmp_path) as (_, supervisor):
        await until(lambda: "again in" in supervisor.state)
        assert supervisor.life == 0


@pytest.mark.slow
async def test_the_library_counts_no_users(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    async with working(weights, tmp_path) as (engine, supervisor):
        await supervisor.ready(within=60)
        assert [event async for event in engine.generate(ASK)]
    assert names_in(tmp_path) <= {"tiny.gguf", "engine.log", "home"}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.slow
async def test_a_stranger_without_the_key_is_told_nothing(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    async with working(weights, tmp_path) as (engine, supervisor):
        await supervisor.ready(within=60)
        host, port = engine.place
        for said in (msgspec.json.encode(Job("not the key", [("user", "hi")], seed=1)), b"GET /"):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(said + b"\n")
            assert await reader.read() == b""
            writer.close()


@pytest.mark.slow
async def test_more_asks_than_places_are_all_answered(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    replies: list[Reply] = []
    async with working(weights, tmp_path) as (engine, supervisor):
        await supervisor.ready(within=60)
        limited = Ask("tiny", ASK.messages, limits=Limits(output=60))

        async def one() -> None:
            replies.append(Reply.of([event async for event in engine.generate(limited)]))

        async with anyio.create_task_group() as tasks:
            for _ in range(9):
                tasks.start_soon(one)
    assert [reply.usage.output for reply in replies] == [60] * 9
