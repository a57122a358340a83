"""What llama.cpp's server may send, and what must come of it. Real sockets, canned bytes."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from seedbed.core import errors
from seedbed.core.ask import (
    Ask,
    CountAsk,
    EmbedAsk,
    Format,
    Memory,
    ReasoningPolicy,
    RerankAsk,
    TokenizeAsk,
    Tool,
    ToolPolicy,
)
from seedbed.core.event import Event, Failed, Finished, Stop, TextDelta, UsageNow
from seedbed.core.message import Media, MediaKind, Message, Opaque, Part, Reasoning, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.base import Spec
from seedbed.engines.llama.nature import Nature
from seedbed.engines.llama_cpp import LlamaCpp, lacks, make
from seedbed.kit.machine import Machine
from tests.engines.tiny import tiny_model, write_tiny_llama

pytestmark = pytest.mark.anyio

ASK = Ask("tiny", (Message(Role.USER, (Text("hi"),)),))
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
WORD = b'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":null}]}\n\n'
END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


PLAIN, CALLER = Nature(), Nature(tools=True)
THINKER, ALWAYS = Nature(thinks=True, switch=True), Nature(thinks=True, effort=True)


def said(part: Part) -> Message:
    return Message(Role.USER, (Text("See:"), part))


def unasked(nature: Nature = PLAIN) -> LlamaCpp:
    """An engine whose server is nowhere: whatever it refuses, it refuses by itself."""
    return LlamaCpp("tiny", program=None, key="k", nature=nature)


@asynccontextmanager
async def speaking(
    *answers: bytes, nature: Nature = PLAIN, heard: list[bytes] | None = None
) -> AsyncGenerator[LlamaCpp]:
    """An engine whose server answers each connection with the next of these bytes, and hangs up."""
    left = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(1 << 16)
        if heard is not None:
            heard.append(request)
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        engine = LlamaCpp("tiny", program=None, key="k", nature=nature)
        port = server.sockets[0].getsockname()[1]
        engine.attach({"url": f"http://127.0.0.1:{port}"})
        yield engine
        await engine.aclose()


async def last_of(*answers: bytes) -> Event:
    async with speaking(*answers) as engine, aclosing(engine.generate(ASK)) as events:
        return [event async for event in events][-1]


def refusal(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body


async def test_a_whole_stream_is_an_end() -> None:
    assert await last_of(HEAD + WORD + END) == Finished(Stop.END, Usage())


async def test_a_connection_that_the_server_is_just_closing_costs_no_answer() -> None:
    body = WORD + END
    length = f"content-length: {len(body)}".encode()
    closed = list[asyncio.Event]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Promise to keep the connection, and close it when the third request comes."""
        closed.append(asyncio.Event())
        number = len(closed)
        for _ in range(2):
            if await reader.read(1 << 16):
                writer.write(HEAD.replace(b"connection: close", length) + body)
        await reader.read(1 << 16)
        writer.close()
        closed[number - 1].set()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        engine = unasked()
        port = server.sockets[0].getsockname()[1]
        engine.attach({"url": f"http://127.0.0.1:{port}"})
        for _ in range(3):
            assert [event async for event in engine.generate(ASK)][-1] == Finished(
                Stop.END, Usage()
            )
        await engine.aclose()
        for each in closed:
            await each.wait()
    assert len(closed) == 2


async def test_a_server_that_starts_again_is_asked_where_it_listens_now() -> None:
    asked = list[int]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer.get_extra_info("sockname")[1])
        await reader.read(1 << 16)
        writer.write(HEAD + WORD + END)
        writer.close()

    engine, ports = unasked(), list[int]()
    for _ in range(2):
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            ports.append(server.sockets[0].getsockname()[1])
            engine.attach({"url": f"http://127.0.0.1:{ports[-1]}"})
            assert isinstance([event async for event in engine.generate(ASK)][-1], Finished)
    await engine.aclose()
    assert asked == ports


async def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(errors.EngineFailed, match="is not an address"):
        unasked().attach({"url": "nowhere"})


async def test_usage_is_told_while_the_prompt_is_read_and_with_each_word() -> None:
    progress = b'data: {"choices":[],"prompt_progress":{"total":9,"cache":4,"processed":9}}\n\n'
    timed = (
        b'data: {"choices":[{"delta":{"content":"hi"}}],'
        b'"timings":{"cache_n":4,"prompt_n":5,"predicted_n":2}}\n\n'
    )
    async with speaking(HEAD + progress + timed + END) as engine:
        events = [event async for event in engine.generate(ASK)]
    assert UsageNow(Usage(input_fresh=5, input_cache_read=4)) in events
    assert TextDelta("hi", tokens=2) in events
    assert events[-1] == Finished(Stop.END, Usage(5, 4, output_visible=2))


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (HEAD + WORD, "cut off before the end"),
        (HEAD, "cut off before the end"),
        (HEAD + b"data: {nonsense\n\n", "cannot be read"),
        (HEAD + b'data: {"choices":[{"delta":{},"finish_reason":"tired"}]}\n\n', "tired"),
        (HEAD + b'data: {"error":{"message":"out of memory"}}\n\n', "out of memory"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n" + WORD, "stopped in mid-answer"),
        (b"garbage\r\n\r\n", "cannot be read"),
        (b"", "stopped before it answered"),
        (refusal("500 Oops", b'{"error":{"message":"a bug"}}'), "it answered 500: a bug"),
        (refusal("500 Oops", b"<html>"), "cannot be read"),
        (refusal("401 No", b'{"error":{"message":"bad key"}}'), "it answered 401: bad key"),
    ],
)
async def test_a_server_that_breaks_is_told_as_a_failure_and_never_as_an_end(
    sent: bytes, why: str
) -> None:
    last = await last_of(sent)
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.EngineFailed)
    assert why in last.error.what


async def test_a_server_that_is_not_there_can_be_asked_again_safely() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_at_once:
        port = closed_at_once.getsockname()[1]
    engine = LlamaCpp("tiny", program=None, key="k")
    engine.attach({"url": f"http://127.0.0.1:{port}"})
    (only,) = [event async for event in engine.generate(ASK)]
    await engine.aclose()
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.EngineUnreachable)


async def test_a_server_that_still_loads_can_be_asked_again_safely() -> None:
    last = await last_of(refusal("503 Wait", b'{"error":{"message":"Loading model"}}'))
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.EngineUnreachable)


async def test_a_prompt_too_long_is_told_with_both_numbers() -> None:
    body = (
        b'{"error":{"message":"x","type":"exceed_context_size_error",'
        b'"n_prompt_tokens":900,"n_ctx":512}}'
    )
    last = await last_of(refusal("400 No", body))
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.PromptTooLong)
    assert last.error.facts["tokens"] == 900
    assert last.error.facts["window"] == 512


async def test_messages_that_the_template_refuses_are_the_callers_to_change() -> None:
    last = await last_of(refusal("400 No", b'{"error":{"message":"roles must alternate"}}'))
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.RequestMalformed)
    assert "roles must alternate" in last.error.what


@pytest.mark.parametrize(
    ("part", "why"),
    [
        (Media(MediaKind.IMAGE, "https://127.0.0.1/a.png"), "nothing is fetched here"),
        (Media(MediaKind.IMAGE, "file:///etc/passwd"), "nothing is fetched here"),
        (Media(MediaKind.AUDIO, b"RIFF"), "a part of kind 'audio'"),
        (Opaque("other", {}), "a part of kind 'Opaque'"),
        (Text("\ud800"), "no text that can be sent on"),
    ],
)
@pytest.mark.parametrize("raw", [True, False])
async def test_what_cannot_be_shown_to_the_model_is_refused_and_not_sent(
    part: Part, why: str, raw: bool
) -> None:
    (only,) = [e async for e in unasked().generate(Ask("tiny", (said(part),), raw=raw))]
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.RequestMalformed)
    if not raw or isinstance(part, Text):
        assert why in only.error.what


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"format": Format("regex", pattern="(a")}, errors.RequestMalformed),
        ({"format": Format("schema", schema={"enum": []})}, errors.RequestMalformed),
        ({"format": Format("schema", schema={"$ref": "#"})}, errors.RequestMalformed),
        ({"tools": [Tool("t", schema={"enum": []})]}, errors.RequestMalformed),
        (
            {"tools": [Tool("t")], "format": Format("grammar", pattern="a ::= b")},
            errors.FieldUnserved,
        ),
    ],
)
async def test_what_no_answer_can_be_held_to_is_refused_and_not_sent(
    change: dict[str, Any], error: type[Exception]
) -> None:
    (only,) = [event async for event in unasked().generate(replace(ASK, **change))]
    assert isinstance(only, Failed)
    assert isinstance(only.error, error)


async def test_a_schema_that_is_too_deep_is_refused() -> None:
    deep: dict[str, object] = {}
    for _ in range(20_000):
        deep = {"items": deep}
    asked = replace(ASK, format=Format("schema", schema=deep))
    (only,) = [event async for event in unasked().generate(asked)]
    assert isinstance(only, Failed)
    assert "too deep" in str(only.error)


async def sent(ask: Ask, nature: Nature = PLAIN) -> dict[str, Any]:
    """What the server is asked."""
    heard: list[bytes] = []
    async with speaking(HEAD + WORD + END, nature=nature, heard=heard) as engine:
        assert isinstance([event async for event in engine.generate(ask)][-1], Finished)
    (request,) = heard
    return msgspec.json.decode(request.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("policy", "nature", "words", "budget"),
    [
        (ReasoningPolicy(), THINKER, None, None),
        (ReasoningPolicy("on", budget=9), THINKER, {"enable_thinking": True}, 9),
        (ReasoningPolicy(budget=9), THINKER, {"enable_thinking": True}, 9),
        (ReasoningPolicy("off", budget=9), THINKER, {"enable_thinking": False}, None),
        (ReasoningPolicy("on", budget=0), THINKER, {"enable_thinking": False}, None),
        (ReasoningPolicy("on", budget=9), ALWAYS, None, 9),
        (ReasoningPolicy("off", budget=9), ALWAYS, None, None),
        (ReasoningPolicy("on", effort="low"), ALWAYS, {"reasoning_effort": "low"}, None),
        (ReasoningPolicy("on", effort="low", budget=9), PLAIN, None, None),
    ],
)
async def test_how_much_it_thinks_is_told_in_the_words_of_its_template(
    policy: ReasoningPolicy, nature: Nature, words: dict[str, Any] | None, budget: int | None
) -> None:
    body = await sent(replace(ASK, reasoning=policy), nature)
    assert body.get("chat_template_kwargs") == words
    assert body.get("thinking_budget_tokens") == budget


async def test_json_after_thought_is_left_to_the_server_and_held_by_a_grammar_otherwise() -> None:
    schema = {"type": "object"}
    for format_ in (Format("json"), Format("schema", schema=schema)):
        thought = await sent(replace(ASK, format=format_), THINKER)
        assert thought["response_format"]["json_schema"] == {"schema": schema}
        off = replace(ASK, format=format_, reasoning=ReasoningPolicy("off"))
        assert (await sent(off, THINKER))["grammar"].startswith("%llguidance {}\nstart: form\n")


async def test_a_pattern_is_answered_without_thought_unless_thought_is_asked_for() -> None:
    asked = replace(ASK, format=Format("regex", pattern="a|b"))
    body = await sent(asked, THINKER)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert "thought" not in body["grammar"]
    body = await sent(replace(asked, reasoning=ReasoningPolicy("on")), THINKER)
    assert "start: thought blank form" in body["grammar"]


async def test_a_grammar_is_sent_as_it_is_and_refused_where_thought_comes_first() -> None:
    asked = replace(ASK, format=Format("grammar", pattern='root ::= "a"'))
    assert str((await sent(asked))["grammar"]).strip() == 'root ::= "a"'
    engine = unasked(ALWAYS)
    (only,) = [event async for event in engine.generate(asked)]
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.FieldUnserved)


async def test_a_template_that_knows_tools_is_given_them_and_others_are_told_in_words() -> None:
    asked = replace(ASK, tools=(Tool("f"), Tool("g")), tool_policy=ToolPolicy("required", ("g",)))
    body = await sent(asked, CALLER)
    assert [tool["function"]["name"] for tool in body["tools"]] == ["g"]
    assert (body["tool_choice"], body["parallel_tool_calls"]) == ("required", True)
    body = await sent(asked)
    assert "tools" not in body
    assert body["messages"][0]["role"] == "system"
    assert 'answer: "<tool_call>" body' in body["grammar"]


async def test_beside_tools_of_the_template_only_json_is_a_form() -> None:
    asked = replace(ASK, tools=(Tool("f"),))
    body = await sent(replace(asked, format=Format("json")), CALLER)
    assert "response_format" in body
    regex = replace(asked, format=Format("regex", pattern="a"))
    (only,) = [event async for event in unasked(CALLER).generate(regex)]
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.FieldUnserved)


async def test_tools_that_may_not_be_called_are_not_told() -> None:
    asked = replace(ASK, tools=(Tool("f"),), tool_policy=ToolPolicy("none"))
    body = await sent(asked, CALLER)
    assert "tools" not in body
    assert "grammar" not in body


async def test_a_must_call_of_a_thinker_without_tools_is_made_without_thought() -> None:
    asked = replace(ASK, tools=(Tool("f"),), tool_policy=ToolPolicy("required"))
    body = await sent(asked, THINKER)
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    body = await sent(replace(asked, reasoning=ReasoningPolicy("on")), THINKER)
    assert "start: thought blank answer" in body["grammar"]


async def last_read(answer: bytes, ask: EmbedAsk | RerankAsk) -> Event:
    async with speaking(answer) as engine:
        events = engine.embed(ask) if isinstance(ask, EmbedAsk) else engine.rerank(ask)
        return [event async for event in events][-1]


TEXTS = EmbedAsk("tiny", ("a", "b"))
PAIRS = RerankAsk("tiny", "q", ("a", "b"))
LARGE = b"input (305 tokens) is too large to process. increase it (current batch size: 128)"


@pytest.mark.parametrize("ask", [TEXTS, PAIRS], ids=["embed", "rerank"])
@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (b"", errors.EngineFailed, "stopped before it answered"),
        (refusal("200 OK", b"{}"), errors.EngineFailed, "cannot be read"),
        (refusal("500 Oops", b'{"error":{"message":"a bug"}}'), errors.EngineFailed, "a bug"),
        (
            refusal("500 Oops", b'{"error":{"message":"' + LARGE + b'"}}'),
            errors.PromptTooLong,
            "The prompt is 305 tokens; 'tiny' reads at most 128.",
        ),
        (
            refusal(
                "200 OK",
                b'{"data":[{"index":0,"embedding":[1.0]}],"usage":{"prompt_tokens":2},'
                b'"results":[{"index":0,"relevance_score":1.0}]}',
            ),
            errors.EngineFailed,
            "answered 1 of 2 texts",
        ),
    ],
)
async def test_a_reader_that_breaks_is_told_as_a_failure(
    ask: EmbedAsk | RerankAsk, answer: bytes, error: type[errors.SeedbedError], why: str
) -> None:
    last = await last_read(answer, ask)
    assert isinstance(last, Failed)
    assert isinstance(last.error, error)
    assert why in last.error.what


@pytest.mark.parametrize(
    "ask", [EmbedAsk("tiny", ("\ud800",)), RerankAsk("tiny", "\ud800", ("a",))]
)
async def test_texts_that_are_no_texts_are_refused(ask: EmbedAsk | RerankAsk) -> None:
    last = await last_read(b"", ask)
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.RequestMalformed)


async def test_vectors_of_another_length_are_not_served() -> None:
    last = await last_read(b"", replace(TEXTS, dimensions=8))
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.FieldUnserved)


async def test_what_was_thought_before_an_earlier_answer_is_left_out() -> None:
    spoken = Message(Role.ASSISTANT, (Reasoning("hm"), Text("Red.")))
    body = await sent(Ask("tiny", (*ASK.messages, spoken, *ASK.messages)))
    assert body["messages"][1] == {"role": "assistant", "content": "Red."}


def test_a_greeting_without_an_address_is_refused() -> None:
    with pytest.raises(errors.EngineFailed, match="greeted with"):
        LlamaCpp("tiny", program=None, key="k").attach({"hello": "world"})


def test_it_cannot_be_made_of_what_is_no_gguf(tmp_path: Path) -> None:
    (tmp_path / "w.gguf").write_bytes(b"no such thing, and long enough for a head")
    with pytest.raises(ValueError, match="is no GGUF that can be loaded"):
        make(Spec(tiny_model("llama_cpp"), tmp_path / "w.gguf", places=1, threads=1))


def test_it_cannot_be_made_without_weights() -> None:
    with pytest.raises(ValueError, match="needs the weights of 'tiny'"):
        make(Spec(tiny_model("llama_cpp"), None, places=1, threads=1))


@pytest.mark.parametrize("server", [None, Path("/opt/llama-server")])
def test_its_key_is_not_on_the_command_line(server: Path | None, tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "w.gguf")
    spec = Spec(tiny_model("llama_cpp"), weights, places=1, threads=1, server=server)
    engine = make(spec)
    assert engine.program
    (secret,) = engine.program.environment.values()
    assert secret not in " ".join(engine.program.argv)
    assert ("/opt/llama-server" in engine.program.argv) is (server is not None)


def test_a_machine_without_avx2_cannot_run_it() -> None:
    def machine(architecture: str, *flags: str) -> Machine:
        return Machine("linux", architecture, frozenset(flags), cores=2)

    assert lacks(machine("x86_64", "sse", "avx2")) is None
    assert lacks(machine("x86_64", "sse")) == "a processor with AVX2"
    assert lacks(machine("arm64")) is None


READING = b'data: {"choices":[],"prompt_progress":{"total":9,"cache":0,"processed":4}}\n\n'


def placed(heard: bytes) -> tuple[int, bool]:
    """The place that a request names, and whether it may use what lies there."""
    body = msgspec.json.decode(heard.partition(b"\r\n\r\n")[2])
    return body["id_slot"], body["cache_prompt"]


async def asked_by(engine: LlamaCpp, owner: str, *, fresh: bool = False) -> None:
    ask = replace(ASK, memory=Memory(owner, fresh=fresh))
    async with aclosing(engine.generate(ask)) as events:
        async for _ in events:
            pass


async def test_nobody_is_given_what_another_owner_has_in_a_place() -> None:
    heard = list[bytes]()
    async with speaking(*[HEAD + READING + WORD + END] * 5, heard=heard) as engine:
        for owner in ("one", "one", "two", "one"):
            await asked_by(engine, owner)
        await asked_by(engine, "one", fresh=True)
    assert [placed(each) for each in heard] == [
        (0, False), (0, True), (0, False), (0, False), (0, False)
    ]  # fmt: skip


async def test_an_ask_that_was_refused_leaves_a_place_to_nobody() -> None:
    heard = list[bytes]()
    refused = refusal("400 Bad Request", b'{"error":{"message":"no","type":"x"}}')
    whole = HEAD + READING + WORD + END
    async with speaking(whole, refused, whole, heard=heard) as engine:
        for owner in ("one", "two", "two"):
            await asked_by(engine, owner)
    assert [placed(each)[1] for each in heard] == [False, False, False]


async def test_what_was_left_before_its_end_is_still_its_owners() -> None:
    heard = list[bytes]()
    async with speaking(*[HEAD + READING + WORD + END] * 2, heard=heard) as engine:
        async with aclosing(engine.generate(ASK)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
        await asked_by(engine, "")
    assert placed(heard[1]) == (0, True)


async def test_an_engine_without_a_folder_reads_for_nobody_but_itself() -> None:
    progress = b'data: {"choices":[],"prompt_progress":{"total":9,"cache":4,"processed":9}}\n\n'
    async with speaking(HEAD + progress + WORD + END) as engine:
        assert (await engine.read(ASK)).usage == Usage(input_fresh=5, input_cache_read=4)


async def test_a_prompt_that_cannot_be_read_is_raised() -> None:
    async with speaking(refusal("503 Busy", b'{"error":{"message":"no","type":"x"}}')) as engine:
        with pytest.raises(errors.EngineUnreachable):
            await engine.read(ASK)


COUNT, CUT = CountAsk(ASK), TokenizeAsk("tiny", ("a",))
RAW = CountAsk(replace(ASK, raw=True))


@pytest.mark.parametrize("ask", [COUNT, RAW, CUT], ids=["chat", "raw", "cut"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", errors.EngineFailed),
        (refusal("200 OK", b"{}"), errors.EngineFailed),
        (refusal("400 No", b'{"error":{"message":"no"}}'), errors.RequestMalformed),
    ],
)
async def test_what_is_no_count_is_told_as_what_it_is(
    ask: CountAsk | TokenizeAsk, answer: bytes, error: type[errors.SeedbedError]
) -> None:
    async with speaking(answer) as engine:
        events = engine.count(ask) if isinstance(ask, CountAsk) else engine.tokenize(ask)
        (only,) = [event async for event in events]
    assert isinstance(only, Failed)
    assert isinstance(only.error, error)


async def test_what_cannot_be_made_a_request_is_not_counted() -> None:
    asked = replace(ASK, messages=(said(Opaque("ark", {})),))
    (only,) = [event async for event in unasked().count(CountAsk(asked))]
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.RequestMalformed)
