"""Ten requests that tell what a model on an engine can do: each is answered, or refused in words.

Floor 4. They pass the gateway like all others, and are priced like all others.
"""

import struct
import zlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal

from seedbed.core.access import Principal, Scope
from seedbed.core.ask import (
    AnyAsk,
    Ask,
    EmbedAsk,
    Format,
    Limits,
    ReasoningPolicy,
    Sampling,
    Tool,
    ToolPolicy,
)
from seedbed.core.errors import RequestRefused, SeedbedError
from seedbed.core.event import Event, Failed, Reply, TextDelta
from seedbed.core.message import Media, MediaKind, Message, Role, Text
from seedbed.kit import ids
from seedbed.serving.account import Order

TRIER = Principal("doctor", "doctor", "doctor", frozenset({Scope.MODELS}))
"""On whose behalf the ten are asked; what they cost stands in the ledger under this name."""

_CITY: Mapping[str, object] = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 40}, "people": {"type": "integer"}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
_WEATHER = Tool(
    "weather",
    "Tells the weather of a city.",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 40}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
_BAD: Mapping[str, object] = {"type": "object", "properties": {"n": {"type": "no such type"}}}


def _png() -> bytes:
    """A red square of 32 by 32 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = b"".join(b"\0" + b"\xff\0\0" * 32 for _ in range(32))
    head = struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def _said(model: str, text: str, *, output: int = 24) -> Ask:
    return Ask(
        model,
        (Message(Role.USER, (Text(text),)),),
        limits=Limits(output=output),
        sampling=Sampling(temperature=0.0, seed=1),
    )


def _json(model: str) -> Ask:
    ask = _said(model, "Name a city and how many people live there.", output=80)
    return replace(ask, format=Format("schema", "city", _CITY, strict=True))


def _tool(model: str) -> Ask:
    ask = _said(model, "What is the weather in Paris?", output=80)
    return replace(ask, tools=(_WEATHER,), tool_policy=ToolPolicy("required"))


def _thinking(model: str) -> Ask:
    ask = _said(model, "How many days have two weeks?", output=120)
    return replace(ask, reasoning=ReasoningPolicy("on", budget=40))


def _image(model: str) -> Ask:
    parts = (Text("What colour is this?"), Media(MediaKind.IMAGE, _png()))
    return replace(_said(model, ""), messages=(Message(Role.USER, parts),))


def _bad_schema(model: str) -> Ask:
    return replace(_said(model, "Hello."), format=Format("schema", "bad", _BAD, strict=True))


TEN: Mapping[str, Callable[[str], AnyAsk]] = {
    "chat": lambda model: _said(model, "Say hello."),
    "JSON": _json,
    "tool call": _tool,
    "thinking": _thinking,
    "embedding": lambda model: EmbedAsk(model, ("a red boat", "ein rotes Boot")),
    "completion": lambda model: replace(_said(model, "Once upon a time"), raw=True),
    "image part": _image,
    "long prompt": lambda model: _said(model, "The sea is wide. " * 200 + "Say hello.", output=8),
    "cancel": lambda model: _said(model, "Count to a thousand.", output=2000),
    "bad schema": _bad_schema,
}
"""By name, what is asked of a model."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one request: answered, refused by us in one sentence, or failed in one."""

    request: str
    end: Literal["answered", "refused", "failed"]
    said: str


async def try_out(
    model: str, generate: Callable[[Order], AsyncGenerator[Event]], name: str
) -> Verdict:
    """Ask one of the ten."""
    order = Order(TEN[name](model), TRIER, ids.fresh("req"))
    async with aclosing(generate(order)) as events:
        seen: list[Event] = []
        async for event in events:
            seen.append(event)
            if name == "cancel" and isinstance(event, TextDelta):
                return Verdict(name, "answered", "stopped after its first words")
    end = seen[-1]
    if isinstance(end, Failed):
        refused = isinstance(end.error, RequestRefused)
        return Verdict(name, "refused" if refused else "failed", _sentence(end.error))
    return Verdict(name, "answered", _summary(Reply.of(seen)))


def _sentence(error: SeedbedError) -> str:
    return error.what


def _summary(reply: Reply) -> str:
    if reply.vectors:
        return f"{len(reply.vectors)} vectors of {len(reply.vectors[0]) // 4} numbers"
    if reply.calls:
        return f"{reply.calls[0].name}({reply.calls[0].arguments})"
    thought = f"({reply.usage.output_reasoning} tokens of thought) " if reply.reasoning else ""
    return thought + " ".join(reply.text.split())
