"""A fake upstream: a real socket that answers each request with the next of some canned bytes."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from seedbed.core.ask import Ask, EmbedAsk, Feature, RerankAsk
from seedbed.core.event import Event
from seedbed.core.message import Message, Role, Text
from seedbed.core.model import Model, Upstream
from seedbed.engines.base import Spec
from seedbed.engines.remote import Remote
from seedbed.engines.upstreams.base import Served

SECRET = "sk-very-secret-words"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
ALL = frozenset(Feature)


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class FakeUpstream:
    """What was asked so far, and how many connections were closed by the one who asks."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    opened: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def speaking(*answers: bytes, hangs: bool = False) -> AsyncGenerator[FakeUpstream]:
    """Answers until its answers are used up. With `hangs` it never closes a connection itself."""
    fake, rest = FakeUpstream(), list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        fake.opened += 1
        try:
            while rest:
                fake.asked.append(await _request(reader))
                writer.write(rest.pop(0))
                await writer.drain()
                if not hangs:
                    break
            if hangs:
                await reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has gone, as some tests want
        finally:
            fake.left.set()
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield fake


async def _request(reader: asyncio.StreamReader) -> Asked:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines) if k}
    body = await reader.readexactly(int(headers["content-length"]))
    return Asked(first.split()[1], headers, json.loads(body))


def spec(
    url: str, dialect: str = "openai", *, serves: frozenset[Feature] = ALL, window: int = 4096
) -> Spec:
    """What an engine for that upstream is made from."""
    model = Model(
        name="mine",
        title="Theirs",
        engines=("other",),
        window=window,
        parameters=0,
        licence="theirs",
        upstream=Upstream(url, dialect, "theirs", "env:KEY", serves, ("*/tiny.gguf",)),
    )
    return Spec(model, None, places=2, threads=1, secret=SECRET)


@asynccontextmanager
async def engine_of(made_from: Spec, *, silence: float = 30) -> AsyncGenerator[Remote]:
    """An engine that is closed at the end. A real server may answer as the file that it has."""
    engine = Remote(made_from, silence=silence)
    try:
        yield engine
    finally:
        await engine.aclose()


async def events_of(events: AsyncGenerator[Event]) -> list[Event]:
    async with aclosing(events):
        return [event async for event in events]


async def answers(
    *sent: bytes, dialect: str = "openai", ask: Ask | EmbedAsk | RerankAsk | None = None
) -> list[Event]:
    """The events of one ask to an upstream that sends these bytes."""
    asked = ask or say("hi")
    async with speaking(*sent) as fake, engine_of(spec(fake.url, dialect)) as engine:
        match asked:
            case Ask():
                return await events_of(engine.generate(asked))
            case EmbedAsk():
                return await events_of(engine.embed(asked))
            case RerankAsk():
                return await events_of(engine.rerank(asked))


def say(text: str, **fields: Any) -> Ask:
    return Ask("mine", (Message(Role.USER, (Text(text),)),), **fields)


def served(*serves: Feature) -> Served:
    return Served("mine", "theirs", 4096, frozenset(serves))


def stream(*datas: object) -> bytes:
    """A whole answer as a stream of events, each of JSON, or text as it is."""
    return STREAM + b"".join(event(data) for data in datas)


def event(data: object) -> bytes:
    return b"data: " + (data if isinstance(data, str) else json.dumps(data)).encode() + b"\n\n"


def whole(body: object, status: str = "200 OK", *more: str) -> bytes:
    """An answer that is no stream: bytes as they are, or anything as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status}", f"content-length: {len(data)}", "connection: close", *more]
    return "\r\n".join([*head, "", ""]).encode() + data


def chunk(*, reason: str | None = None, usage: object = None, **delta: object) -> dict[str, object]:
    """A chunk of OpenAI's stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"choices": [choice], "usage": usage}


def counted(prompt: int, completion: int, **details: object) -> dict[str, object]:
    """The last chunk of OpenAI's stream."""
    usage = {"prompt_tokens": prompt, "completion_tokens": completion}
    return {"choices": [], "usage": usage | details}
