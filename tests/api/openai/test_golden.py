"""Responses as OpenAI's clients read them, recorded in `tests/api/golden/responses`.

`RECORD=1 pytest tests/api/openai/test_golden.py` writes what is answered now into the files; read
the difference before you keep it.
"""

import json
from pathlib import Path

import msgspec
import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from seedbed.core.errors import EngineFailed
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    Fold,
    Likely,
    ReasoningDelta,
    Started,
    Stop,
    TextDelta,
    ToolRan,
    ToolsListed,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.store.database import Database
from tests.api.openai.asking import decoded, past_of, read, whole
from tests.api.recording import RECORDING, cases, made, record

pytestmark = pytest.mark.anyio

CASES = cases("responses")
EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind for kind in (TextDelta, ReasoningDelta, CallDelta, ToolsListed, ToolRan)
}
EVENT: TypeAdapter[object] = TypeAdapter(ResponseStreamEvent)


class Case(msgspec.Struct, omit_defaults=True):
    """What is asked, which deltas answer it and how that ends, and what the caller receives."""

    name: str
    request: dict[str, object]
    deltas: list[dict[str, object]]
    ends: str = "end"
    whole: object = None
    stream: list[dict[str, object]] = []

    @property
    def events(self) -> list[Event]:
        used = Usage(2, 2, 1, 2, 1)
        deltas = [made(one, EVENTS) for one in self.deltas]
        failed = Failed(EngineFailed("m", why="its process ended"))
        end = failed if self.ends == "failed" else Finished(Stop(self.ends), used)
        return [Started("m"), UsageNow(used), *deltas, end]


def _read(path: Path) -> Case:
    return msgspec.json.decode(path.read_bytes(), type=Case)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_response_is_written_as_it_was_recorded(path: Path, database: Database) -> None:
    case = _read(path)
    past, events = past_of(database), case.events
    asked = case.request | {"store": False}
    streaming = read(past, asked | {"stream": True})
    told, sent = await whole(streaming, events)
    assert told == events
    stream = decoded(sent)
    reading = read(past, asked)
    await whole(reading, events)
    body = None
    if case.ends != "failed":
        fold = Fold()
        for event in events:
            fold.take(event)
        body = msgspec.json.decode(reading.writer.whole(fold.reply()))
    if RECORDING:
        case.whole, case.stream = body, stream
        record(path, case)
    assert body == case.whole
    assert stream == case.stream


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_what_is_recorded_has_every_field_that_openai_requires(path: Path) -> None:
    case = _read(path)
    if case.whole is not None:
        Response.model_validate(case.whole, strict=True)
    for at, event in enumerate(case.stream):
        assert event["sequence_number"] == at
        assert not event.get("error"), "the vendor's client would end here"
        EVENT.validate_python(event, strict=True)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_stream_ends_in_what_is_told_whole(path: Path) -> None:
    case = _read(path)
    last = case.stream[-1]
    if case.whole is None:
        assert last["type"] == "response.failed"
    else:
        assert last["response"] == case.whole


async def test_each_event_is_named_and_none_has_an_id(database: Database) -> None:
    reading = read(past_of(database), {"input": "a", "stream": True, "store": False})
    _, sent = await whole(reading, [Started("m"), TextDelta("b"), Finished(Stop.END, Usage())])
    for event in sent.split(b"\n\n")[:-1]:
        name, data = event.split(b"\n")
        assert name.removeprefix(b"event: ").decode() == json.loads(data[6:])["type"]


async def test_likelihoods_are_told_with_the_words(database: Database) -> None:
    asked = {"input": "a", "stream": True, "store": False}
    reading = read(past_of(database), asked | {"include": ["message.output_text.logprobs"]})
    likely = Likely("b", -0.5, (Likely("c", -1.0),))
    events = [Started("m"), TextDelta("b", likely=(likely,)), Finished(Stop.END, Usage())]
    _, sent = await whole(reading, events)
    stream = decoded(sent)
    for event in stream:
        EVENT.validate_python(event, strict=True)
    (delta,) = [one for one in stream if one["type"] == "response.output_text.delta"]
    top = {"token": "c", "logprob": -1.0, "bytes": [99]}
    assert delta["logprobs"] == [
        {"token": "b", "logprob": -0.5, "bytes": [98], "top_logprobs": [top]}
    ]
