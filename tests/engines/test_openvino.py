"""What the worker may send, what it must not take, and what becomes of those in flight."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import gguf
import msgspec
import numpy as np
import pytest

from seedbed.core import errors
from seedbed.core.ask import (
    Ask,
    CountAsk,
    Feature,
    Format,
    Limits,
    Memory,
    Priority,
    ReasoningPolicy,
    Sampling,
    TokenizeAsk,
    Tool,
)
from seedbed.core.ask import ToolPolicy as Policy
from seedbed.core.event import (
    CallDelta,
    Counted,
    Event,
    Failed,
    Finished,
    Likely,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    Tokenized,
    UsageNow,
)
from seedbed.core.message import Call, Message, Opaque, Result, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.base import Spec
from seedbed.engines.openvino import OpenVino, lacks, make, reads, refuses
from seedbed.engines.workers.openvino_wire import LONGEST_LINE, Count, Door, Job
from seedbed.kit.clock import SystemClock
from seedbed.kit.gguf import read_head
from seedbed.kit.machine import Machine
from seedbed.serving.supervisor import Supervisor
from tests.engines.formats import templates
from tests.engines.tiny import tiny_model, write_tiny_llama

pytestmark = pytest.mark.anyio

ASK = Ask("tiny", (Message(Role.USER, (Text("hi"),)),))
ADD = Tool(
    "add",
    "Add two.",
    {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"enum": [1, 2]}},
        "required": ["a", "b"],
    },
)
GERMAN_AND_FRENCH = {'"größe"', '"élève"', '"Ä1"'}
GREEDY = Sampling(temperature=0.0, seed=7)


def bare(template: str = templates.PLAIN) -> OpenVino:
    return OpenVino(spec(None), template=template, program=None, key="k")


@asynccontextmanager
async def speaking(
    *answers: bytes, template: str = templates.PLAIN
) -> AsyncGenerator[tuple[OpenVino, list[bytes]]]:
    """An engine whose worker answers each connection with the next of these bytes, and hangs up."""
    left, heard = list(answers), list[bytes]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        engine = bare(template)
        port = server.sockets[0].getsockname()[1]
        engine.attach({"host": "127.0.0.1", "port": str(port)})
        yield engine, heard


async def events_of(*answers: bytes, ask: Ask = ASK) -> list[Event]:
    async with speaking(*answers) as (engine, _), aclosing(engine.generate(ask)) as events:
        return [event async for event in events]


def replies(events: list[Event]) -> Reply:
    """The answer; what was told of its tokens on the way must be what is told at its end."""
    reply = Reply.of(events)
    visible = sum(e.tokens for e in events if isinstance(e, TextDelta | CallDelta))
    reasoning = sum(e.tokens for e in events if isinstance(e, ReasoningDelta))
    assert (visible, reasoning) == (reply.usage.output_visible, reply.usage.output_reasoning)
    return reply


def error_of(events: list[Event]) -> errors.SeedbedError:
    (only,) = events
    assert isinstance(only, Failed)
    return only.error


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
        TextDelta("", tokens=1),
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
        (b'{"fault":"busy"}\n', errors.CapacityExceeded, "are taken"),
    ],
)
async def test_what_is_no_whole_answer_is_told_as_what_it_is(
    sent: bytes, kind: type[errors.SeedbedError], why: str
) -> None:
    last = (await events_of(sent))[-1]
    assert isinstance(last, Failed)
    assert isinstance(last.error, kind)
    assert why in last.error.what


async def test_a_prompt_is_counted_and_not_answered() -> None:
    async with speaking(b'{"prompt":9}\n') as (engine, heard):
        events = [event async for event in engine.count(CountAsk(ASK))]
    assert events == [Started("tiny"), Counted(9), Finished(Stop.END, Usage())]
    assert msgspec.json.decode(heard[0], type=Job).counted


async def test_the_tokens_of_each_text_are_told_as_they_come() -> None:
    sent = b'{"ordinal":0,"ids":[7,8],"offsets":[[0,1],[1,3]]}\n{"ordinal":1}\n{"stop":"end"}\n'
    async with speaking(sent) as (engine, heard):
        events = [event async for event in engine.tokenize(TokenizeAsk("tiny", ("abc", "")))]
    assert events == [
        Started("tiny"),
        Tokenized(0, (7, 8), ((0, 1), (1, 3))),
        Tokenized(1, ()),
        Finished(Stop.END, Usage()),
    ]
    assert msgspec.json.decode(heard[0], type=Door) == Door("k", texts=("abc", ""))


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("a", errors.PromptTooLong, "Text 1, counted from 0, is 900 tokens"),
        ("\ud800", errors.RequestMalformed, "cannot be written down"),
        ("a" * LONGEST_LINE, errors.RequestTooLarge, "longer than"),
    ],
)
async def test_texts_that_cannot_be_cut_are_refused(
    text: str, kind: type[errors.SeedbedError], why: str
) -> None:
    sent = b'{"fault":"too_long","prompt":900,"ordinal":1}\n'
    async with speaking(sent) as (engine, _):
        error = error_of([event async for event in engine.tokenize(TokenizeAsk("tiny", (text,)))])
    assert isinstance(error, kind)
    assert why in error.what


async def test_a_worker_that_is_not_there_can_be_asked_again_safely() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_at_once:
        port = closed_at_once.getsockname()[1]
    engine = bare()
    engine.attach({"host": "127.0.0.1", "port": str(port)})
    (only,) = [event async for event in engine.generate(ASK)]
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.EngineUnreachable)


async def test_what_is_asked_reaches_the_worker_word_for_word() -> None:
    sampling = Sampling(temperature=0.0, top_k=3, seed=5, presence_penalty=1.5)
    limits = Limits(output=7, stop=("END",))
    asked = Ask(
        "tiny",
        ASK.messages,
        limits=limits,
        sampling=sampling,
        priority=Priority.BATCH,
        memory=Memory("mine", fresh=True),
    )
    async with speaking(b'{"prompt":1}\n{"stop":"end"}\n') as (engine, heard):
        assert [type(event) async for event in engine.generate(asked)][-1] is Finished
    job = msgspec.json.decode(heard[0], type=Job)
    assert [(one.role, one.text) for one in job.said] == [("user", "hi")]
    assert (job.key, job.output, job.stop, job.seed) == ("k", 7, ("END",), 5)
    how = job.sampled
    assert (how.temperature, how.top_k, how.presence_penalty) == (0.0, 3, 1.5)
    assert (job.priority, job.seeded, job.owner, job.fresh) == ("batch", True, "mine", True)
    assert how.top_p == 0.95  # llama.cpp's default, where nothing was asked


async def test_without_a_seed_no_two_asks_have_the_same() -> None:
    end = b'{"stop":"end"}\n'
    async with speaking(end, end) as (engine, heard):
        for _ in range(2):
            assert [event async for event in engine.generate(ASK)]
    first, second = (msgspec.json.decode(line, type=Job).seed for line in heard)
    assert first != second


@pytest.mark.parametrize("greeting", [{}, {"host": "127.0.0.1", "port": "x"}])
def test_a_greeting_that_is_not_its_own_is_refused(greeting: dict[str, str]) -> None:
    engine = bare()
    with pytest.raises(errors.EngineFailed, match="greeted with"):
        engine.attach(greeting)


def test_it_cannot_be_made_without_weights() -> None:
    with pytest.raises(ValueError, match="needs the weights of 'tiny'"):
        make(Spec(tiny_model("openvino"), None, places=1, threads=1))


async def test_thought_words_and_their_tokens_are_told_apart() -> None:
    events = await events_of(
        b'{"prompt":9}\n{"thought":"Hm","output":2,"thinking":2}\n'
        b'{"thought":".","text":"Yes","output":6,"thinking":4,"likely":[["Yes",-0.5]]}\n'
        b'{"stop":"end","output":8,"thinking":5}\n'
    )
    assert events[2:] == [
        ReasoningDelta("Hm", tokens=2),
        ReasoningDelta(".", tokens=2),
        TextDelta("Yes", tokens=2, likely=(Likely("Yes", -0.5),)),
        ReasoningDelta("", tokens=1),
        TextDelta("", tokens=1),
        Finished(Stop.END, Usage(input_fresh=9, output_visible=3, output_reasoning=5)),
    ]


async def test_calls_are_read_out_of_the_text() -> None:
    call = '<tool_call>{"name": "add", "arguments": {"a": 1}}</tool_call>'
    lines = [
        {"prompt": 9},
        {"text": "So " + call[:20], "output": 4, "likely": [["So", -1.0]]},
        {"text": call[20:], "output": 9},
        {"stop": "end", "output": 10},
    ]
    sent = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    events = await events_of(sent, ask=replace(ASK, tools=(ADD,)))
    reply = replies(events)
    assert (reply.text, reply.stop) == ("So ", Stop.CALL)
    assert [(call.name, call.arguments) for call in reply.calls] == [("add", '{"a": 1}')]
    assert reply.likely == (Likely("So", -1.0),)
    assert events[-2] == CallDelta(0, "", tokens=1)


@pytest.mark.parametrize(
    ("asked", "kind", "why"),
    [
        (replace(ASK, sampling=Sampling(logprobs=2)), errors.FieldUnserved, "top_logprobs"),
        (replace(ASK, sampling=Sampling(choices=2)), errors.FeatureUnserved, "choices"),
        (replace(ASK, reasoning=ReasoningPolicy("on")), errors.FeatureUnserved, "reasoning"),
        (
            replace(ASK, messages=(Message(Role.USER, (Text("a\ud800b"),)),)),
            errors.RequestMalformed,
            "cannot be written",
        ),
        (
            replace(ASK, messages=(Message(Role.USER, (Opaque("ark", {}),)),)),
            errors.FeatureUnserved,
            "another dialect",
        ),
        (
            replace(ASK, format=Format("schema", schema={"enum": []})),
            errors.RequestMalformed,
            "held to that",
        ),
        (
            replace(ASK, tools=(ADD,), tool_policy=Policy(only=("sub",))),
            errors.RequestMalformed,
            "none may be called",
        ),
        (
            replace(ASK, limits=Limits(stop=("x" * 1025,))),
            errors.RequestMalformed,
            "more than 1,024 characters",
        ),
        (
            replace(ASK, messages=(Message(Role.USER, (Text("x" * (1 << 24)),)),)),
            errors.RequestTooLarge,
            "longer than",
        ),
    ],
)
async def test_what_cannot_be_served_never_reaches_the_worker(
    asked: Ask, kind: type[errors.SeedbedError], why: str
) -> None:
    async with speaking() as (engine, heard), aclosing(engine.generate(asked)) as events:
        error = error_of([event async for event in events])
    assert isinstance(error, kind)
    assert why in error.what
    assert heard == []


@pytest.mark.parametrize(
    ("template", "has", "lacks"),
    [
        (templates.PLAIN, {Feature.CHAT, Feature.TOOLS}, {Feature.REASONING}),
        (templates.THINKING, {Feature.CHAT, Feature.REASONING}, set[Feature]()),
        ("", {Feature.COMPLETION, Feature.GRAMMAR}, {Feature.CHAT, Feature.TOOLS}),
    ],
)
def test_what_it_serves_depends_on_the_template(
    tmp_path: Path, template: str, has: set[Feature], lacks: set[Feature]
) -> None:
    engine = make(spec(write_tiny_llama(tmp_path / "tiny.gguf", template=template)))
    assert has <= engine.features
    assert not lacks & engine.features


def spec(weights: Path | None, window: int = 512) -> Spec:
    return Spec(replace(tiny_model("openvino"), window=window), weights, places=2, threads=1)


def test_it_cannot_be_made_without_room() -> None:
    with pytest.raises(ValueError, match="has a window of 0"):
        make(spec(Path("tiny.gguf"), window=0))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"adapters": {"a": Path("a.gguf")}}, "takes no adapters"),
        ({"projector": Path("p.gguf")}, "takes no projector"),
    ],
)
def test_what_it_would_leave_out_in_silence_is_refused(more: Any, said: str) -> None:
    whole = Spec(tiny_model("openvino"), Path("tiny.gguf"), places=1, threads=1)
    with pytest.raises(ValueError, match=said):
        make(replace(whole, **more))


def test_a_file_that_the_library_could_not_open_is_refused_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    assert refuses(weights) is None

    def read_only(path: Path, mode: int) -> bool:
        return mode != os.W_OK

    monkeypatch.setattr(os, "access", read_only)
    assert "opens it for writing" in (refuses(weights) or "")


def test_files_that_would_end_the_library_are_refused_before_it(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    with pytest.raises(ValueError, match=r"cannot be loaded: .*No such file"):
        make(spec(tmp_path / "none.gguf"))
    os.truncate(weights, weights.stat().st_size - 1)
    with pytest.raises(ValueError, match="cannot be loaded: it ends at byte"):
        make(spec(weights))
    weights.write_bytes(b"<html>" * 9)
    with pytest.raises(ValueError, match="begins with"):
        make(spec(weights))
    writer = gguf.GGUFWriter(weights, "gemma")
    for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.close):
        step()
    with pytest.raises(ValueError, match="cannot run the architecture 'gemma'"):
        make(spec(weights))


def write_one_tensor(path: Path, architecture: str, type_: gguf.GGMLQuantizationType) -> Path:
    writer = gguf.GGUFWriter(path, architecture)
    size = gguf.GGML_QUANT_SIZES[type_][1]
    writer.add_tensor("t", np.zeros((1, size), dtype=np.uint8), raw_dtype=type_)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_it_says_why_it_cannot_run_a_file(tmp_path: Path) -> None:
    path, types = tmp_path / "one.gguf", gguf.GGMLQuantizationType
    told = [
        reads(read_head(write_one_tensor(path, architecture, type_)))
        for architecture, type_ in (
            ("qwen3", types.Q8_0),
            ("bert", types.Q8_0),
            ("qwen2", types.Q5_0),
        )
    ]
    assert told[0] is None
    assert told[1] == "the architecture 'bert'; it reads llama, qwen2, qwen3"
    assert told[2] is not None
    assert told[2].startswith("tensors of the type Q5_0; it reads")
    many = write_tiny_llama(tmp_path / "many.gguf", experts=4)
    assert reads(read_head(many)) == "a mixture of experts"


def write_folder(folder: Path) -> Path:
    """The files of the library's own form, in outline."""
    for name in ("model", "tokenizer", "detokenizer"):
        data = '<net><data offset="4" size="12" /></net>\n'
        (folder / f"openvino_{name}.xml").write_text(data)
        (folder / f"openvino_{name}.bin").write_bytes(b"0" * 16)
    return folder / "openvino_model.xml"


def test_a_folder_is_served_by_its_template(tmp_path: Path) -> None:
    weights = write_folder(tmp_path)
    assert Feature.CHAT not in make(spec(weights)).features
    tokenizer = tmp_path / "openvino_tokenizer.xml"
    tokenizer.write_text(
        tokenizer.read_text().replace("<net>", '<net><chat_template value="&lt;think&gt;"/>')
    )
    assert Feature.REASONING in make(spec(weights)).features
    config = tmp_path / "tokenizer_config.json"
    config.write_text("{")
    assert Feature.REASONING in make(spec(weights)).features
    config.write_text(json.dumps({"chat_template": templates.PLAIN}))
    assert Feature.REASONING not in make(spec(weights)).features
    (tmp_path / "chat_template.jinja").write_text(templates.THINKING)
    engine = make(spec(weights))
    assert Feature.REASONING in engine.features
    assert engine.program
    assert str(tmp_path) in engine.program.argv


def test_a_folder_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    weights = write_folder(tmp_path)
    (tmp_path / "openvino_model.bin").write_bytes(b"0" * 15)
    with pytest.raises(ValueError, match="has 15 bytes, and its graph needs 16"):
        make(spec(weights))
    weights.write_text("<net>")
    with pytest.raises(ValueError, match="cut off"):
        make(spec(weights))
    (tmp_path / "openvino_detokenizer.bin").unlink()
    write_folder(tmp_path)
    (tmp_path / "openvino_detokenizer.bin").unlink()
    with pytest.raises(ValueError, match=r"openvino_detokenizer.bin is missing"):
        make(spec(weights))


@asynccontextmanager
async def working(
    weights: Path, tmp_path: Path, *, window: int = 512, places: int = 2, lookup: bool = False
) -> AsyncGenerator[tuple[OpenVino, Supervisor]]:
    """The engine with its real worker, as soon as that has been started."""
    engine = make(replace(spec(weights, window), places=places, lookup=lookup))
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
        for said in (msgspec.json.encode(Job("not the key", 1, raw="hi")), b"GET /"):
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


async def ready(engine: OpenVino, supervisor: Supervisor) -> OpenVino:
    await supervisor.ready(within=120)
    return engine


async def all_of(engine: OpenVino, asked: Ask) -> list[Event]:
    async with aclosing(engine.generate(asked)) as events:
        return [event async for event in events]


async def count_of(engine: OpenVino, key: str) -> Count:
    reader, writer = await asyncio.open_connection(*engine.place)
    writer.write(msgspec.json.encode({"key": key, "count": True}) + b"\n")
    counted = msgspec.json.decode(await reader.read(), type=Count)
    writer.close()
    return counted


def key_of(engine: OpenVino) -> str:
    assert engine.program
    return engine.program.environment["SEEDBED_ENGINE_KEY"]


@pytest.mark.slow
@pytest.mark.parametrize("family", templates.EACH)
async def test_calls_are_valid_whatever_the_model_would_say(family: str, tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096, template=templates.EACH[family])
    history = (
        *ASK.messages,
        Message(Role.ASSISTANT, (Call("c1", "add", '{"a": 1, "b": 2}'), Call("c2", "add", "no"))),
        Message(Role.TOOL, (Result("c1", (Text("3"),)), Result("c2", (Text("bad"),)))),
    )
    limits = Limits(output=200)
    must = Ask("tiny", history, (ADD,), Policy("required"), limits=limits, sampling=GREEDY)
    async with working(weights, tmp_path, window=4096) as (engine, supervisor):
        await ready(engine, supervisor)
        one = replies(
            await all_of(engine, replace(must, tool_policy=Policy("required", parallel=False)))
        )
        several = replies(await all_of(engine, must))
        free = replies(await all_of(engine, replace(must, tool_policy=Policy())))
        plain = replies(await all_of(engine, replace(must, tool_policy=Policy("none"))))
        form = Format("schema", schema={"enum": ["yes", "no"]})
        either = replies(await all_of(engine, replace(must, tool_policy=Policy(), format=form)))
    assert (one.text, one.stop, len(one.calls)) == ("", Stop.CALL, 1)
    assert several.calls
    assert either.calls or either.text in {'"yes"', '"no"'}
    for call in (*one.calls, *several.calls[:-1], *free.calls[:-1]):
        assert call.name == "add"
        assert set(json.loads(call.arguments)) == {"a", "b"}
    assert free.usage.output > 0
    assert plain.calls == ()


@pytest.mark.slow
async def test_the_form_is_held_and_bad_ones_harm_nobody(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    limits = Limits(output=300)
    held = [
        (Format("schema", schema={"enum": [12, 34]}), {"12", "34"}),
        (Format("regex", pattern="a{3}|b{3}"), {"aaa", "bbb"}),
        (Format("grammar", pattern='root ::= "x" | "y"'), {"x", "y"}),
        (Format("schema", schema={"enum": ["größe", "élève", "Ä1"]}), GERMAN_AND_FRENCH),
        (Format("regex", pattern=r"[\x01a]\xe9a"), {"\x01éa", "aéa"}),
    ]
    bad = [
        Format("grammar", pattern='root ::= root "a"'),
        Format("grammar", pattern=f'root ::= {"(" * 5_000}"a"{")" * 5_000}'),
        Format("schema", schema={"$ref": "#"}),
        Format("regex", pattern="(([a-z]{0,6}){0,6}){0,6}"),
        Format("regex", pattern="(?=a)"),
    ]
    many = tuple(Tool(f"tool_{at}", schema=ADD.schema) for at in range(2_000))
    async with working(weights, tmp_path, window=4096) as (engine, supervisor):
        life = await supervisor.ready(within=120)
        for form in bad:
            error = error_of(await all_of(engine, replace(ASK, format=form, limits=limits)))
            assert isinstance(error, errors.RequestMalformed), form
            for good, texts in held[:1]:
                asked = replace(ASK, format=good, limits=limits, sampling=GREEDY)
                assert replies(await all_of(engine, asked)).text in texts
        assert isinstance(
            error_of(await all_of(engine, replace(ASK, tools=many))), errors.RequestMalformed
        )
        for form, texts in held:
            asked = replace(ASK, format=form, limits=limits, sampling=GREEDY)
            assert replies(await all_of(engine, asked)).text in texts
        json_form = replace(ASK, format=Format("json"), limits=limits, sampling=GREEDY)
        whole = replies(await all_of(engine, json_form))
        assert whole.text.startswith("{")
        assert await supervisor.ready(within=1) == life


@pytest.mark.slow
async def test_what_is_out_of_range_is_refused_and_the_next_is_answered(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", template=templates.PLAIN)
    raw = replace(ASK, raw=True, limits=Limits(output=3), sampling=GREEDY)
    tool = Message(Role.TOOL, (Result("c1", (Text("3"),)),))
    bad = [
        replace(ASK, sampling=Sampling(top_p=7)),
        replace(ASK, sampling=Sampling(temperature=-1)),
        replace(ASK, limits=Limits(output=0)),
        replace(ASK, limits=Limits(stop=("",))),
        replace(raw, messages=(Message(Role.USER, (Text(""),)),)),
    ]
    async with working(weights, tmp_path) as (engine, supervisor):
        life = await supervisor.ready(within=120)
        for asked in bad:
            assert isinstance(error_of(await all_of(engine, asked)), errors.RequestMalformed)
        special = replace(raw, messages=(Message(Role.USER, (Text("</s></s>"),)),))
        assert replies(await all_of(engine, special)).usage.input == 2
        assert replies(await all_of(engine, raw)).usage.input == 1  # `hi`, and no template
        likeliest = replace(raw, sampling=Sampling(temperature=2.0, top_p=0.0))
        greedy = replies(await all_of(engine, raw)).text
        assert replies(await all_of(engine, likeliest)).text == greedy
        long = replace(raw, messages=(Message(Role.USER, (Text("hi " * 5_000),)),))
        too_long = error_of(await all_of(engine, long))
        assert isinstance(too_long, errors.PromptTooLong)
        assert "10,000 tokens" in too_long.what  # though the library counts to its window only
        told = replies(await all_of(engine, replace(raw, sampling=Sampling(logprobs=0))))
        assert "".join(one.text for one in told.likely) == told.text != ""
        assert all(one.logprob < 0 for one in told.likely)
        after = replies(await all_of(engine, replace(ASK, messages=(*ASK.messages, tool))))
        assert after.usage.output > 0
        assert await supervisor.ready(within=1) == life


@pytest.mark.slow
@pytest.mark.parametrize("template", [templates.THINKING, templates.OPENING])
async def test_thought_ends_with_its_budget_and_the_answer_follows(
    template: str, tmp_path: Path
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", template=template)
    form = Format("schema", schema={"enum": ["yes", "no"]})
    think = replace(
        ASK,
        reasoning=ReasoningPolicy("on", budget=9),
        limits=Limits(output=40),
        sampling=GREEDY,
    )
    async with working(weights, tmp_path) as (engine, supervisor):
        await ready(engine, supervisor)
        free = replies(await all_of(engine, think))
        held = replies(await all_of(engine, replace(think, format=form)))
        off = replies(await all_of(engine, replace(think, reasoning=ReasoningPolicy("off"))))
        none = replies(await all_of(engine, replace(think, reasoning=ReasoningPolicy(budget=0))))
        cut = replies(await all_of(engine, replace(think, limits=Limits(output=9))))
    assert (free.usage.output_reasoning, free.usage.output_visible) == (9, 31)
    assert free.reasoning
    assert free.text
    assert held.usage.output_reasoning == 9
    assert held.text in {'"yes"', '"no"'}
    assert off.usage.output_reasoning == none.usage.output_reasoning == 0
    assert off.reasoning == none.reasoning == ""
    assert (cut.usage.output, cut.stop, cut.text) == (9, Stop.LENGTH, "")


@pytest.mark.slow
async def test_a_stream_closed_early_makes_one_more_step_at_most(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    long = replace(ASK, limits=Limits(output=4000), sampling=GREEDY)
    async with working(weights, tmp_path, window=4096, places=1) as (engine, supervisor):
        await ready(engine, supervisor)
        assert supervisor.pid
        told = 0
        async with aclosing(engine.generate(long)) as events:
            with anyio.CancelScope() as quiet:  # a stopped process says nothing more
                async for event in events:
                    told += event.tokens if isinstance(event, TextDelta) else 0
                    if told == 20:
                        os.kill(supervisor.pid, signal.SIGSTOP)
                    if told >= 20:
                        quiet.deadline = anyio.current_time() + 2
        os.kill(supervisor.pid, signal.SIGCONT)
        counted = await count_of(engine, key_of(engine))
        while counted.answers or counted.held:
            counted = await count_of(engine, key_of(engine))
        assert counted.tokens <= told + 1
        assert counted.steps <= counted.tokens + 2  # the prompt's, and that of the cancelling
        # The only place and the whole cache are free again.
        rest = replies(await all_of(engine, replace(long, limits=Limits(output=3))))
        assert rest.usage.output == 3
        assert (await count_of(engine, key_of(engine))).tokens == counted.tokens + 3


async def crossed(
    weights: Path, tmp_path: Path, sampling: Sampling, *, places: int = 1
) -> tuple[list[str], Count]:
    """What a batch ask is answered alone, and while another comes in between."""
    batch = replace(ASK, priority=Priority.BATCH, limits=Limits(output=2_000), sampling=sampling)
    quick = replace(ASK, priority=Priority.INTERACTIVE, limits=Limits(output=5))
    async with working(weights, tmp_path, window=4096, places=places) as (engine, supervisor):
        await ready(engine, supervisor)
        alone = replies(await all_of(engine, batch)).text
        events: list[Event] = []
        async with aclosing(engine.generate(batch)) as stream:
            async for event in stream:
                events.append(event)
                if len(events) == 20:
                    assert replies(await all_of(engine, quick)).usage.output == 5
                    if places == 1:
                        assert (await count_of(engine, key_of(engine))).answers == 1
        counted = await count_of(engine, key_of(engine))
    return [alone, replies(events).text], counted


@pytest.mark.slow
async def test_batch_work_gives_its_place_to_others_and_then_goes_on_as_if_never_parked(
    tmp_path: Path,
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    texts, counted = await crossed(weights, tmp_path, GREEDY)
    assert texts[0] == texts[1]
    assert counted.parks == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sampling", "parks"),
    [
        (Sampling(temperature=1.0, seed=5), 0),
        (Sampling(temperature=0.0, frequency_penalty=0.5), 0),
        (Sampling(temperature=1.0), 1),
    ],
)
async def test_what_could_not_go_on_the_same_is_not_parked(
    sampling: Sampling, parks: int, tmp_path: Path
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    texts, counted = await crossed(weights, tmp_path, sampling, places=2)
    assert counted.parks == parks
    assert (texts[0] == texts[1]) == (not parks)


@pytest.mark.slow
async def test_a_prompt_is_read_to_its_end_where_the_library_would_cut_it_off(
    tmp_path: Path,
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=20_000)
    long = raw("abc def " * 1_500, output=1)
    async with working(weights, tmp_path, window=20_000, places=1) as (engine, supervisor):
        await ready(engine, supervisor)
        assert replies(await all_of(engine, long)).usage.input == 8 * 1_500
        counted = [event async for event in engine.count(CountAsk(long))]
        assert Counted(8 * 1_500) in counted


@pytest.mark.slow
async def test_a_long_batch_prompt_is_read_in_pieces_after_others_came(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    long = raw("abc" * 200, output=9)
    async with working(weights, tmp_path, window=4096) as (engine, supervisor):
        await ready(engine, supervisor)
        assert await steps_of(engine, replace(long, priority=Priority.BATCH)) == 3 + 8
        pieces = replace(raw("cba" * 200, output=9), priority=Priority.BATCH)
        whole = replies(await all_of(engine, raw("cba" * 200, output=9)))
        assert await steps_of(engine, raw("hi", output=1)) == 1
        other = replace(raw("bca" * 200, output=9), priority=Priority.BATCH)
        assert await steps_of(engine, other) == 600 // 32 + 1 + 8
        assert replies(await all_of(engine, pieces)).text == whole.text


@pytest.mark.slow
async def test_a_fresh_ask_takes_as_many_steps_as_if_nobody_had_asked_before(
    tmp_path: Path,
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    asked = raw("abc" * 400, output=3)
    fresh = replace(asked, memory=Memory(fresh=True))
    async with working(weights, tmp_path, window=4096) as (engine, supervisor):
        await ready(engine, supervisor)
        cold = await steps_of(engine, asked)
        assert await steps_of(engine, asked) < cold
        assert await steps_of(engine, fresh) == cold
        new = raw("cba" * 400, output=3)
        assert await steps_of(engine, replace(new, memory=Memory(fresh=True))) == cold


@pytest.mark.slow
async def test_what_others_have_behind_an_own_beginning_shows_in_no_step(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    common, secret = "abc" * 300, "cba" * 300
    one, two = Memory("one"), Memory("two")
    async with working(weights, tmp_path, window=4096) as (engine, supervisor):
        await ready(engine, supervisor)
        await all_of(engine, replace(raw(common, output=3), memory=two))
        wrong = replace(raw(common + "bca" * 300, output=3), memory=two)
        cold = await steps_of(engine, wrong)
        assert await steps_of(engine, wrong) < cold
        await all_of(engine, replace(raw(common + secret, output=3), memory=one))
        assert await steps_of(engine, replace(raw(common + secret, output=3), memory=two)) == cold


@pytest.mark.slow
async def test_guessing_ahead_makes_several_tokens_a_step_where_an_answer_repeats(
    tmp_path: Path,
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=4096)
    asked = raw("abc" * 100, output=300)
    async with working(weights, tmp_path, lookup=True, window=4096) as (engine, supervisor):
        await ready(engine, supervisor)
        assert await steps_of(engine, asked) < 300 / 2
        held = replace(asked, raw=False, format=Format("regex", pattern="(ab){9}"))
        assert replies(await all_of(engine, held)).text == "ab" * 9
        reply = replies(await all_of(engine, replace(asked, limits=Limits(output=7))))
        assert (reply.usage.output, reply.stop) == (7, Stop.LENGTH)


def raw(text: str, *, output: int) -> Ask:
    return replace(
        ASK,
        messages=(Message(Role.USER, (Text(text),)),),
        raw=True,
        limits=Limits(output=output),
        sampling=GREEDY,
    )


async def steps_of(engine: OpenVino, asked: Ask) -> int:
    """The steps that the worker made for an ask."""
    before = await count_of(engine, key_of(engine))
    assert replies(await all_of(engine, asked)).usage.output
    return (await count_of(engine, key_of(engine))).steps - before.steps


def test_a_machine_without_avx2_lacks_it() -> None:
    old = Machine("linux", "x86_64", frozenset({"sse2"}), 2)
    assert lacks(old) == "a processor with AVX2"
    assert lacks(replace(old, flags=frozenset({"avx2"}))) is None
    assert lacks(replace(old, architecture="arm64")) is None


@pytest.mark.slow
async def test_counts_and_cuts_are_answered_while_an_answer_is_made(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf")
    long = replace(ASK, limits=Limits(output=400), sampling=GREEDY)
    wide = replace(ASK, messages=(Message(Role.USER, (Text("word " * 100_000),)),))
    async with working(weights, tmp_path, places=1) as (engine, supervisor):
        await supervisor.ready(within=60)
        async with aclosing(engine.generate(long)) as answer:
            async for event in answer:
                if isinstance(event, TextDelta):
                    break
            counted = Reply.of([event async for event in engine.count(CountAsk(wide))])
            cut = Reply.of([e async for e in engine.tokenize(TokenizeAsk("tiny", ("hi", "a")))])
            rest = [event async for event in answer]
    assert counted.counted > 400_000
    assert [len(one.tokens) for one in cut.tokenized] == [1, 1]
    assert isinstance(rest[-1], Finished)


@pytest.mark.slow
async def test_what_cannot_be_counted_or_cut_is_refused(tmp_path: Path) -> None:
    template = (
        templates.PLAIN + "{% if messages|length > 1 %}{{ raise_exception('one') }}{% endif %}"
    )
    weights = write_tiny_llama(tmp_path / "tiny.gguf", template=template)
    two = replace(ASK, messages=ASK.messages * 2)
    async with working(weights, tmp_path) as (engine, supervisor):
        await supervisor.ready(within=60)
        refused = error_of([event async for event in engine.count(CountAsk(two))])
        texts = "a", "a" * 513, "a" * 64 * 513
        fails = [
            [event async for event in engine.tokenize(TokenizeAsk("tiny", ("a", text)))]
            for text in texts
        ]
    assert isinstance(refused, errors.RequestMalformed)
    assert isinstance(fails[0][-1], Finished)
    for failed in fails[1:]:
        last = failed[-1]
        assert isinstance(last, Failed)
        assert isinstance(last.error, errors.PromptTooLong)
        assert (last.error.facts["tokens"], last.error.facts["window"]) >= (513, 512)
