"""Finding out what an upstream serves, by asking for it.

Floor 3. A dozen requests of at most 16 tokens each. An upstream that passes over what it does not
know answers all the same, so an answer counts only where what was asked for can be seen in it.
"""

import struct
import zlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from seedbed.core.ask import (
    Ask,
    EmbedAsk,
    Feature,
    Format,
    Limits,
    ReasoningPolicy,
    RerankAsk,
    Sampling,
    Tool,
    ToolPolicy,
)
from seedbed.core.errors import EngineUnreachable, SeedbedError, UpstreamRefused
from seedbed.core.event import Event, Reply, Stop
from seedbed.core.message import Media, MediaKind, Message, Part, Role, Text

_MOST = 16
"""Tokens of each answer."""
_SIDE = 32
"""Pixels of the picture's side: some models refuse smaller ones."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found. `lacking` tells of each other feature why, in the upstream's own words.

    Without `tells_usage` the upstream does not count its tokens, and a bound is priced instead.
    """

    features: frozenset[Feature]
    lacking: Mapping[Feature, str]
    tells_usage: bool


class Probable(Protocol):
    """An engine that can be asked for everything, and counts what it was not told."""

    features: frozenset[Feature]
    untold: int

    def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """As an engine does."""
        ...

    def embed(self, ask: EmbedAsk) -> AsyncGenerator[Event]:
        """As an engine does."""
        ...

    def rerank(self, ask: RerankAsk) -> AsyncGenerator[Event]:
        """As an engine does."""
        ...


@dataclass(frozen=True, slots=True)
class _Trial:
    """One request, and what must be seen in its answer."""

    ask: Ask
    seen: Callable[[Reply], bool] = field(default=lambda reply: True)


async def probe(engine: Probable, model: str) -> Probed:
    """Ask for each feature that the dialect has words for.

    Raises:
        EngineFailed: the upstream cannot be reached, refuses us, or serves none of its ways.
    """
    lacking: dict[Feature, SeedbedError | str] = {}
    ways: dict[Feature, AsyncGenerator[Event]] = {
        Feature.EMBEDDING: engine.embed(EmbedAsk(model, ("a",))),
        Feature.RERANK: engine.rerank(RerankAsk(model, "a", ("a", "b"))),
    }
    trials = _trials(model)
    for feature in sorted(engine.features, key=list(Feature).index):
        if feature in ways:
            fault = await _fault(ways[feature])
        elif feature is not Feature.COMPLETION and Feature.CHAT in lacking:
            fault = "it does not serve chat"
        else:
            fault = await _fault(engine.generate(trials[feature].ask), trials[feature].seen)
        if fault is not None:
            lacking[feature] = fault
    found = engine.features - set(lacking)
    if not found and isinstance(why := lacking[Feature.CHAT], SeedbedError):
        raise why
    words = {feature: _words(fault) for feature, fault in lacking.items()}
    return Probed(found, words, tells_usage=not engine.untold)


async def _fault(
    events: AsyncGenerator[Event], seen: Callable[[Reply], bool] = lambda reply: True
) -> SeedbedError | str | None:
    """Why an answer does not count, or none.

    Raises:
        EngineUnreachable, UpstreamRefused: nothing else would be answered, either.
    """
    try:
        async with aclosing(events):
            reply = Reply.of([event async for event in events])
    except (EngineUnreachable, UpstreamRefused):
        raise
    except SeedbedError as error:
        return error
    cut = reply.stop == Stop.LENGTH and not (reply.text or reply.calls)  # it thought, unseen
    return None if cut or seen(reply) else "it answers as if it had not been asked for"


def _words(fault: SeedbedError | str) -> str:
    return fault if isinstance(fault, str) else fault.what


def _trials(model: str) -> Mapping[Feature, _Trial]:
    """What is asked for each feature; all are short, and drawn alike each time."""
    plain = _ask(model, Text("Say: 1"))
    tool = Tool("add", "Adds.", _schema("a"))
    called = replace(plain, tools=(tool,), tool_policy=ToolPolicy("required"))
    thinking = replace(plain, reasoning=ReasoningPolicy("on", effort="low"))
    picture = Media(MediaKind.IMAGE, _picture())
    # Some want JSON named where it is asked for; after this only what enforces it sends it.
    plainly = _ask(model, Text("Say 1, in a word and not in JSON."))
    one = Format("schema", "one", _schema("one"), strict=True)
    digits = Format("regex", pattern="[7-9]{3}")
    sevens = Format("grammar", pattern='root ::= "777"')
    return {
        Feature.CHAT: _Trial(plain),
        Feature.COMPLETION: _Trial(replace(plain, raw=True)),
        Feature.TOOLS: _Trial(called, lambda reply: any(c.name == "add" for c in reply.calls)),
        Feature.JSON: _Trial(replace(plainly, format=Format("json")), _is_object),
        Feature.SCHEMA: _Trial(replace(plain, format=one), _has_one),
        Feature.REGEX: _Trial(replace(plain, format=digits), lambda reply: _is_digits(reply.text)),
        Feature.GRAMMAR: _Trial(replace(plain, format=sevens), lambda reply: reply.text == "777"),
        Feature.REASONING: _Trial(
            thinking, lambda reply: bool(reply.reasoning or reply.usage.output_reasoning)
        ),
        Feature.MEDIA: _Trial(_ask(model, Text("Which colour?"), picture)),
        Feature.LOGPROBS: _Trial(
            replace(plain, sampling=Sampling(logprobs=1)), lambda reply: bool(reply.likely)
        ),
    }


def _ask(model: str, *parts: Part) -> Ask:
    return Ask(model, (Message(Role.USER, parts),), limits=Limits(output=_MOST))


def _schema(name: str) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {name: {"type": "integer"}},
        "required": [name],
        "additionalProperties": False,
    }


def _is_object(reply: Reply) -> bool:
    """An object, or what can still become one where the answer was cut off."""
    if reply.stop == Stop.LENGTH:
        return reply.text.lstrip().startswith("{")
    return _fields(reply) is not None


def _has_one(reply: Reply) -> bool:
    if reply.stop == Stop.LENGTH:
        return reply.text.lstrip().startswith("{")
    return list(_fields(reply) or ()) == ["one"]


def _fields(reply: Reply) -> dict[str, object] | None:
    try:
        return msgspec.json.decode(reply.text, type=dict[str, object])
    except (ValueError, RecursionError):
        return None


def _is_digits(text: str) -> bool:
    return len(text) == 3 and set(text) <= set("789")


def _picture() -> bytes:
    """A black square as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" * (1 + _SIDE)) * _SIDE)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
