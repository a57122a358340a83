"""What llama.cpp's server may send, and what must come of it. Real sockets, canned bytes."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from seedbed.core import errors
from seedbed.core.ask import Ask
from seedbed.core.event import Event, Failed, Finished, Stop, TextDelta, UsageNow
from seedbed.core.message import Media, MediaKind, Message, Reasoning, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.base import Spec
from seedbed.engines.llama_cpp import LlamaCpp, make
from tests.engines.tiny import tiny_model

pytestmark = pytest.mark.anyio

ASK = Ask("tiny", (Message(Role.USER, (Text("hi"),)),))
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
WORD = b'data: {"choices":[{"delta":{"content":"hi"},"finish_reason":null}]}\n\n'
END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


@asynccontextmanager
async def speaking(*answers: bytes) -> AsyncGenerator[LlamaCpp]:
    """An engine whose server answers each connection with the next of these bytes, and hangs up."""
    left = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        engine = LlamaCpp("tiny", program=None, key="k")
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
        (b"garbage\r\n\r\n", "stopped before it answered"),
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


async def test_a_picture_never_reaches_it_as_text() -> None:
    picture = Media(MediaKind.IMAGE, "https://example.com/a.png")
    shown = Ask("tiny", (Message(Role.USER, (picture,)),))
    async with speaking(b"") as engine:
        with pytest.raises(TypeError, match="Media reached an engine that serves text only"):
            await anext(engine.generate(shown))


async def test_what_was_thought_before_an_earlier_answer_is_left_out() -> None:
    spoken = Message(Role.ASSISTANT, (Reasoning("hm"), Text("Red.")))
    asked = Ask("tiny", (*ASK.messages, spoken, *ASK.messages))
    async with speaking(HEAD + WORD + END) as engine:
        events = [event async for event in engine.generate(asked)]
    assert isinstance(events[-1], Finished)


def test_a_greeting_without_an_address_is_refused() -> None:
    with pytest.raises(errors.EngineFailed, match="greeted with"):
        LlamaCpp("tiny", program=None, key="k").attach({"hello": "world"})


def test_it_cannot_be_made_without_weights() -> None:
    with pytest.raises(ValueError, match="needs the weights of 'tiny'"):
        make(Spec(tiny_model("llama_cpp"), None, places=1, threads=1))


def test_its_key_is_not_on_the_command_line() -> None:
    engine = make(Spec(tiny_model("llama_cpp"), Path("/w.gguf"), places=1, threads=1))
    assert engine.program
    (secret,) = engine.program.environment.values()
    assert secret not in " ".join(engine.program.argv)
