"""What two vendors' words can both say means the same in both, asked and answered.

An ask is written in the words of each (`across.py`) and read by its door; an answer is written by
each door, and read as the vendor's own types have it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from anthropic.types import Message as AnthropicMessage
from anthropic.types import RawMessageStreamEvent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from seedbed.api.anthropic.seal import Sealer
from seedbed.api.dialect import ByRequest, Reading
from seedbed.api.hot import Calls
from seedbed.api.openai.responses.writer import ResponseWriter
from seedbed.core.ask import (
    Ask,
    Format,
    Limits,
    ReasoningPolicy,
    Sampling,
    Tool,
    ToolPolicy,
)
from seedbed.core.event import (
    CallDelta,
    Event,
    Finished,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
)
from seedbed.core.message import (
    Call,
    Media,
    MediaKind,
    Message,
    Part,
    Reasoning,
    Result,
    Role,
    Text,
)
from seedbed.core.usage import Usage
from seedbed.core.value import changed
from seedbed.kit.sse import Parser
from seedbed.store.database import Database
from seedbed.store.secrets import Secrets
from tests.api import across
from tests.api.across import Json
from tests.api.ark.vendor import RESPONSES, TYPES
from tests.api.every_route import put_together

NOW = 1_800_000_000
one_house = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Nothing is kept by what is only read and written."""


@dataclass(frozen=True)
class Vendor:
    """One vendor's words: how an ask is said in them, and where that is read."""

    write: Callable[[Ask, Sealer], Json]
    path: str
    says_all: bool = True
    """It has words for stop texts, for `top_k`, and for how many tokens may be thought."""


VENDORS: Mapping[str, Vendor] = {
    "openai": Vendor(across.openai, "/v1/chat/completions"),
    "ark": Vendor(across.ark, "/api/v3/chat/completions"),
    "anthropic": Vendor(across.anthropic, "/v1/messages"),
    "responses": Vendor(across.responses, "/v1/responses", says_all=False),
    "ark responses": Vendor(across.responses, "/api/v3/responses", says_all=False),
}


@dataclass(frozen=True)
class Doors:
    """The doors of a house, and what it seals thoughts with."""

    calls: Calls
    sealer: Sealer

    def read(self, vendor: Vendor, ask: Ask, **more: object) -> Reading:
        """What is read of an ask that was said in a vendor's words."""
        dialect = self.calls["POST", vendor.path]
        assert not isinstance(dialect, ByRequest)
        body = msgspec.json.encode(vendor.write(ask, self.sealer) | more)
        return dialect.read(body, request_id="req_0123", now=NOW)


@pytest.fixture
def doors(home: Path, database: Database) -> Doors:
    return Doors(put_together(home)[1].calls, Sealer(Secrets(database).get_now("thoughts")))


WORDS = st.text(min_size=1, max_size=20)
NAMES = st.sampled_from(["look", "write", "ask_for"])
TEXTS = st.builds(Text, WORDS)
IMAGES = st.sampled_from(["data:image/png;base64,AAAA", "https://example.com/a.png"]).map(
    lambda source: Media(MediaKind.IMAGE, source)
)
ARGUMENTS = st.dictionaries(WORDS, st.integers(-9, 9) | WORDS | st.none(), max_size=3).map(
    lambda told: msgspec.json.encode(told).decode()
)
CALLS = st.builds(Call, WORDS, NAMES, ARGUMENTS)
RESULTS = st.builds(Result, WORDS, st.lists(TEXTS, min_size=1, max_size=2).map(tuple))


def said(role: Role, *parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Message]:
    some = st.lists(st.one_of(*parts), min_size=1, max_size=3).map(tuple)
    return some.map(lambda found: Message(role, found))


ANSWERED = st.tuples(
    st.lists(st.builds(Reasoning, WORDS), max_size=1),
    st.lists(TEXTS, min_size=1, max_size=1),
    st.lists(CALLS, max_size=2),
).map(lambda told: Message(Role.ASSISTANT, tuple(part for some in told for part in some)))
TURNS = st.tuples(
    st.builds(Message, st.just(Role.SYSTEM), st.tuples(TEXTS)),
    said(Role.USER, TEXTS, IMAGES),
    ANSWERED,
    st.builds(Message, st.just(Role.TOOL), st.tuples(RESULTS)),
    said(Role.USER, TEXTS),
)
TOOLS = st.lists(
    st.builds(Tool, NAMES, WORDS, st.just({"type": "object"}), st.booleans()),
    unique_by=lambda tool: tool.name,
    min_size=1,
    max_size=3,
).map(tuple)
SHARES = st.none() | st.floats(0, 1)
PLAIN = st.builds(
    Ask,
    st.just("m"),
    TURNS,
    format=st.sampled_from([Format(), Format("schema", "answer", {"type": "object"}, strict=True)]),
    reasoning=st.sampled_from([ReasoningPolicy(), ReasoningPolicy("off")]),
    limits=st.builds(Limits, st.integers(1, 4000)),
    sampling=st.builds(Sampling, SHARES, SHARES),
    whole=st.booleans(),
)
POLICIES = st.builds(
    ToolPolicy, st.sampled_from(["auto", "none", "required"]), parallel=st.booleans()
)


@st.composite
def tooled(draw: st.DrawFn) -> Ask:
    """An ask that may have tools."""
    ask = draw(PLAIN)
    if draw(st.booleans()):
        return ask
    tools, policy = draw(TOOLS), draw(POLICIES)
    if policy.mode == "required" and draw(st.booleans()):
        policy = changed(policy, only=(tools[0].name,))
    return changed(ask, tools=tools, tool_policy=policy)


@st.composite
def bounded(draw: st.DrawFn) -> Ask:
    """An ask with what only some words can say."""
    ask = draw(tooled())
    stops = draw(st.lists(WORDS, max_size=3).map(tuple))
    sampling = changed(ask.sampling, top_k=draw(st.none() | st.integers(0, 500)))
    budget = draw(st.none() | st.integers(1_024, 9_999))
    thought = ReasoningPolicy("on", None, budget) if budget else ask.reasoning
    limits = Limits(ask.limits.output, stops)
    return changed(ask, limits=limits, sampling=sampling, reasoning=thought)


@pytest.mark.parametrize("name", VENDORS)
@one_house
@given(ask=tooled())
def test_what_all_can_say_is_the_same_ask_at_every_door(name: str, doors: Doors, ask: Ask) -> None:
    assert doors.read(VENDORS[name], ask).ask == ask


@pytest.mark.parametrize("name", [name for name, one in VENDORS.items() if one.says_all])
@one_house
@given(ask=bounded())
def test_what_some_can_say_is_the_same_ask_at_their_doors(
    name: str, doors: Doors, ask: Ask
) -> None:
    assert doors.read(VENDORS[name], ask).ask == ask


Told = tuple[str, str, list[tuple[str, str, object]], tuple[int, int, int]]
"""Words, thought, calls, and tokens: read, written, and read from a cache."""
PIECES = st.lists(WORDS, min_size=1, max_size=3)
COUNT = st.integers(0, 500)
CALLED = st.lists(CALLS, max_size=2).map(
    lambda calls: [
        CallDelta(ordinal, piece, call.id if not at else "", call.name if not at else "")
        for ordinal, call in enumerate(calls)
        for at, piece in enumerate((call.arguments[:3], call.arguments[3:]))
    ]
)
ANSWERS = st.tuples(
    PIECES.map(lambda texts: list(map(ReasoningDelta, texts))) | st.just([]),
    PIECES.map(lambda texts: list(map(TextDelta, texts))),
    CALLED,
    st.builds(Finished, st.just(Stop.END), st.builds(Usage, COUNT, COUNT, COUNT, COUNT, COUNT)),
).map(lambda told: [Started("m"), *told[0], *told[1], *told[2], told[3]])


def meant(events: Sequence[Event]) -> Told:
    """What an answer says, whoever tells it."""
    reply = Reply.of(events)
    calls = [(call.id, call.name, json.loads(call.arguments)) for call in reply.calls]
    used = reply.usage
    return reply.text, reply.reasoning, calls, (used.input, used.output, used.input_cache_read)


def of_chat(told: Any) -> Told:
    """The same of a whole chat completion."""
    message, used = told.choices[0].message, told.usage
    functions = [(call.id, call.function) for call in message.tool_calls or ()]
    calls = [(id_, one.name, json.loads(one.arguments)) for id_, one in functions]
    thought = getattr(message, "reasoning_content", None) or ""
    cached = used.prompt_tokens_details.cached_tokens
    return (
        *(message.content or "", thought, calls),
        (used.prompt_tokens, used.completion_tokens, cached),
    )


def of_chunks(told: list[Any]) -> Told:
    """The same of its pieces."""
    text, thought, calls = "", "", dict[int, list[str]]()
    for chunk in told:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            thought += getattr(choice.delta, "reasoning_content", None) or ""
            for call in choice.delta.tool_calls or ():
                name = call.function.name or ""
                one = calls.setdefault(call.index, [call.id or "", name, ""])
                one[2] += call.function.arguments or ""
    used = told[-1].usage
    cached = used.prompt_tokens_details.cached_tokens
    return (
        *(text, thought, [(id_, name, json.loads(raw)) for id_, name, raw in calls.values()]),
        (used.prompt_tokens, used.completion_tokens, cached),
    )


def of_message(told: AnthropicMessage) -> Told:
    """The same of Anthropic's message."""
    blocks, used = told.content, told.usage
    stored = (used.cache_creation_input_tokens or 0), (used.cache_read_input_tokens or 0)
    return (
        "".join(one.text for one in blocks if one.type == "text"),
        "".join(one.thinking for one in blocks if one.type == "thinking"),
        [(one.id, one.name, one.input) for one in blocks if one.type == "tool_use"],
        (used.input_tokens + sum(stored), used.output_tokens, stored[1]),
    )


def of_stream(told: list[Any]) -> Told:
    """The same of its events, one block after the other."""
    blocks: list[Json] = []
    for event in told:
        if event.type == "content_block_start":
            blocks.append(event.content_block.model_dump() | {"raw": ""})
        if event.type == "content_block_delta":
            one, delta = blocks[event.index], event.delta.model_dump()
            for field, told_as in (
                ("text", "text"),
                ("thinking", "thinking"),
                ("raw", "partial_json"),
            ):
                one[field] = one.get(field, "") + delta.get(told_as, "")
    for one in blocks:
        if one["type"] == "tool_use":
            one["input"] = json.loads(one["raw"] or "{}")
    whole = told[0].message.model_dump() | {"content": blocks}
    (end,) = (event for event in told if event.type == "message_delta")
    return of_message(AnthropicMessage.model_validate(whole | {"usage": end.usage.model_dump()}))


def of_response(told: Any) -> Told:
    """The same of a response."""
    messages = [one for one in told.output if one.type == "message"]
    thoughts = [one for one in told.output if one.type == "reasoning"]
    calls = [one for one in told.output if one.type == "function_call"]
    used = told.usage
    return (
        "".join(part.text for one in messages for part in one.content),
        "".join(p.text for one in thoughts for p in (getattr(one, "content", None) or one.summary)),
        [(one.call_id, one.name, json.loads(one.arguments)) for one in calls],
        (used.input_tokens, used.output_tokens, used.input_tokens_details.cached_tokens),
    )


def of_events(told: list[Any]) -> Told:
    """The same of its events, by what grew."""
    last = of_response(told[-1].response)
    grown = {"output_text": "", "reasoning": ""}
    for event in told:
        kind = event.type.removeprefix("response.")
        if kind.endswith("text.delta"):
            grown["output_text" if kind == "output_text.delta" else "reasoning"] += event.delta
    calls = [e.item for e in told if e.type == "response.output_item.done"]
    done = [
        (c.call_id, c.name, json.loads(c.arguments)) for c in calls if c.type == "function_call"
    ]
    return grown["output_text"], grown["reasoning"], done, last[3]


@dataclass(frozen=True)
class Reader:
    """How a vendor's own types read an answer, whole and in pieces."""

    whole: Callable[[bytes], Told]
    pieces: Callable[[list[bytes]], Told]


def reader(
    kind: Any, of: Callable[[Any], Told], piece: Any, of_pieces: Callable[[list[Any]], Told]
) -> Reader:
    one, each = TypeAdapter[Any](kind), TypeAdapter[Any](piece)
    return Reader(
        lambda told: of(one.validate_json(told)),
        lambda told: of_pieces([each.validate_json(data) for data in told]),
    )


ARK = TYPES.chat.ChatCompletion, of_chat, TYPES.chat.ChatCompletionChunk, of_chunks
READERS: Mapping[str, Reader] = {
    "openai": reader(ChatCompletion, of_chat, ChatCompletionChunk, of_chunks),
    "ark": reader(*ARK),
    "anthropic": reader(AnthropicMessage, of_message, RawMessageStreamEvent, of_stream),
    "responses": reader(Response, of_response, ResponseStreamEvent, of_events),
    "ark responses": reader(
        RESPONSES.Response, of_response, RESPONSES.ResponseStreamEvent, of_events
    ),
}
LEAST = Ask("m", tuple(Message(role, (Text("a"),)) for role in (Role.SYSTEM, Role.USER)))


@pytest.mark.parametrize("name", VENDORS)
@one_house
@given(events=ANSWERS)
def test_an_answer_says_the_same_in_the_vendors_own_types_whole_and_streamed(
    name: str, doors: Doors, events: list[Event]
) -> None:
    vendor, read = VENDORS[name], READERS[name]
    ask = changed(LEAST, limits=Limits(9))
    streamer = doors.read(vendor, ask).streamer
    assert streamer
    sent = [data for event in events for data in Parser().feed(streamer.chunk(event))]
    assert read.pieces([data for data in sent if data != b"[DONE]"]) == meant(events)
    writer = doors.read(vendor, ask, stream=False).writer
    if isinstance(writer, ResponseWriter):
        for event in events:
            writer.take(event)
    assert read.whole(writer.whole(Reply.of(events))) == meant(events)
