"""Answers as OpenAI's clients read them, recorded in `golden/openai`, whole and streamed.

Chats are told twice: as an engine of ours answers, and as an upstream does that speaks the same
words and whose bytes go on as they came. Then more may be told than is recorded, and never less.

`RECORD=1 pytest tests/api/test_golden.py` writes what is answered now into the files; read the
difference before you keep it.
"""

from pathlib import Path
from typing import TypeVar, cast

import msgspec
import pydantic
import pytest
from openai.types import Completion, CompletionChoice, CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from seedbed.api.dialect import Dialect, Reading
from seedbed.core.ask import Ask
from seedbed.core.errors import EngineFailed, SeedbedError
from seedbed.core.event import (
    CHAT_CHOICES,
    CallDelta,
    Embedded,
    Event,
    Finished,
    Likely,
    Ranked,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    UsageNow,
    Wire,
)
from seedbed.core.message import Call, Part, Reasoning, Text
from seedbed.core.usage import Usage
from seedbed.engines.scripted import Scripted
from seedbed.kit.sse import Parser
from tests.api import upstream
from tests.api.calls import CALLS
from tests.api.recording import RECORDING, cases, made, record
from tests.api.running import CHAT, COMPLETIONS, EMBEDDINGS, RERANK

pytestmark = pytest.mark.anyio

CASES = cases("openai")
CHATS = [path for path in CASES if not path.stem.startswith(("completion", "embedding", "rerank"))]
T = TypeVar("T")
PARTS: dict[str, type[Part]] = {kind.__name__: kind for kind in (Text, Reasoning, Call)}
EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        Started,
        TextDelta,
        ReasoningDelta,
        CallDelta,
        Embedded,
        Ranked,
        UsageNow,
        Finished,
    )
}


class PieceChoice(CompletionChoice):
    """OpenAI's types have one shape for whole and piece; of its pieces the last has a reason."""

    finish_reason: str | None  # type: ignore[assignment]  # wider than the vendor's, see above


class Piece(Completion):
    choices: list[PieceChoice]  # type: ignore[assignment]  # see above


class PackedEmbedding(pydantic.BaseModel):
    """OpenAI's types know numbers only; its client unpacks before it makes them."""

    object: str
    index: int
    embedding: str


class Rerank(pydantic.BaseModel):
    """What clients of Jina's, Cohere's and vLLM's read; OpenAI has no such call."""

    class Result(pydantic.BaseModel):
        index: int
        relevance_score: float

    id: str
    model: str
    results: list[Result]


TYPES: dict[str, tuple[type[pydantic.BaseModel], ...]] = {
    CHAT: (ChatCompletion, ChatCompletionChunk),
    COMPLETIONS: (Completion, Piece),
    EMBEDDINGS: (CreateEmbeddingResponse,),
    RERANK: (Rerank,),
}


class Whole(msgspec.Struct):
    status: int
    body: object


class Case(msgspec.Struct, omit_defaults=True):
    """What is asked; the script or the very events that answer it; what the caller receives."""

    name: str
    request: dict[str, object]
    call: str = CHAT
    script: list[dict[str, object]] | None = None
    fails_after: int | None = None
    events: list[dict[str, object]] | None = None
    whole: Whole | None = None
    stream: list[object] | None = None

    @property
    def dialect(self) -> Dialect:
        return CALLS["POST", self.call]

    def read(self, **fields: object) -> Reading:
        body = msgspec.json.encode(self.request | fields)
        return self.dialect.read(body, request_id="req_0123", now=1_800_000_000)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_an_answer_is_written_as_it_was_recorded_whole_and_streamed(path: Path) -> None:
    case = _read(path)
    events = await _events(case)
    whole, stream = _whole(case, events), _stream(case, events)
    if RECORDING:
        case.whole, case.stream = whole, stream
        record(path, case)
    assert whole == case.whole
    assert stream == case.stream


@pytest.mark.parametrize("path", CHATS, ids=lambda path: path.stem)
async def test_what_an_upstream_said_in_the_same_words_is_told_no_otherwise(path: Path) -> None:
    case = _read(path)
    events = await _events(case)
    wholly, streamed = upstream.whole(events), upstream.streamed(events)
    for told in (upstream.bare(wholly), wholly):
        assert _holds(msgspec.to_builtins(_whole(case, told)), msgspec.to_builtins(case.whole))
    for told in (upstream.bare(streamed), streamed):
        assert _holds(_stream(case, told), case.stream)


async def test_what_an_upstream_adds_goes_on_and_its_envelope_does_not() -> None:
    case = _read(next(path for path in CHATS if path.stem == "two_tool_calls"))
    events = await _events(case)
    whole = msgspec.json.encode(_whole(case, upstream.whole(events)).body)
    assert whole.count(upstream.ADDED.encode()) == 1
    deltas = sum(isinstance(event, TextDelta | CallDelta) for event in events)
    stream = msgspec.json.encode(_stream(case, upstream.streamed(events)))
    assert stream.count(upstream.ADDED.encode()) == deltas
    assert b"theirs" not in whole + stream


def test_likelihoods_are_told_in_our_words() -> None:
    likely = (Likely("a", -0.5),)
    assert upstream.wires(upstream.streamed([TextDelta("a", likely=likely)])) == []
    assert len(upstream.wires(upstream.streamed([TextDelta("a")]))) == 1


@pytest.mark.parametrize("form", ["openai.chat.choices", "anthropic.block"])
def test_bytes_of_other_words_are_passed_over(form: str) -> None:
    case = _read(next(path for path in CHATS if path.stem == "plain_text"))
    streamer = case.read(stream=True).streamer
    assert streamer
    known = form == CHAT_CHOICES
    said = streamer.chunk(TextDelta("a", wire=Wire(form, b"[7]")))
    assert (b'"choices":[7]' in said) is known
    told_already = streamer.chunk(TextDelta("a", wire=Wire(form, b"")))
    assert (told_already == b"") is known
    end = [Started("m"), TextDelta("a"), Finished(Stop.END, Usage(), wire=Wire(form, b"[7]"))]
    assert b'"a"' in case.read().writer.whole(Reply.of(end))


@pytest.mark.parametrize("call", [CHAT, COMPLETIONS])
def test_tokens_that_make_no_words_send_nothing(call: str) -> None:
    words = {"messages": [{"role": "user", "content": "a"}]} if call == CHAT else {"prompt": "a"}
    reading = Case("end", {"model": "m", **words}, call).read(stream=True)
    assert reading.streamer
    assert reading.streamer.chunk(TextDelta("", tokens=1)) == b""
    assert reading.streamer.chunk(TextDelta("a")) != b""


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_recorded_has_every_field_that_openai_requires(path: Path) -> None:
    case = _read(path)
    assert case.whole
    whole, *streamed = TYPES[case.call]
    if case.request.get("encoding_format") == "base64":
        body = cast(dict[str, list[object]], case.whole.body)
        for packed in body["data"]:
            PackedEmbedding.model_validate(packed, strict=True)
    elif case.whole.status == 200:
        whole.model_validate(case.whole.body, strict=True)
    chunks = [sent for sent in case.stream or () if isinstance(sent, dict) and "error" not in sent]
    assert bool(chunks) == bool(streamed)
    for chunk in chunks:
        streamed[0].model_validate(chunk, strict=True)


def _read(path: Path) -> Case:
    return msgspec.json.decode(path.read_bytes(), type=Case)


async def _events(case: Case) -> list[Event]:
    if case.events is not None:
        return [made(told, EVENTS) for told in case.events]
    error = None
    if case.fails_after is not None:
        error = EngineFailed("m", why="its process ended")
    engine = Scripted(
        "m",
        window=64,
        script=[made(told, PARTS) for told in case.script or ()],
        error=error,
        fails_after=case.fails_after or 0,
    )
    ask = case.read().ask
    assert isinstance(ask, Ask)
    return [event async for event in engine.generate(ask)]


def _whole(case: Case, events: list[Event]) -> Whole:
    try:
        body = case.read().writer.whole(Reply.of(events))
    except SeedbedError as error:
        problem = case.dialect.problem(error, request_id="req_0123")
        return Whole(problem.status, msgspec.json.decode(problem.body))
    return Whole(200, msgspec.json.decode(body))


def _stream(case: Case, events: list[Event]) -> list[object] | None:
    streamer = case.read(stream=True).streamer
    if streamer is None:
        return None
    sent = b"".join(streamer.chunk(event) for event in events)
    return [
        "[DONE]" if data == b"[DONE]" else msgspec.json.decode(data) for data in Parser().feed(sent)
    ]


def _holds(told: object, recorded: object) -> bool:
    """Whether all that is recorded is told; more may be."""
    match told, recorded:
        case dict(), dict():
            more, less = cast(dict[str, object], told), cast(dict[str, object], recorded)
            return all(name in more and _holds(more[name], less[name]) for name in less)
        case list(), list():
            ours, theirs = cast(list[object], told), cast(list[object], recorded)
            return len(ours) == len(theirs) and all(map(_holds, ours, theirs))
        case _:
            return told == recorded
