"""Responses as Ark's clients read them, recorded in `tests/api/golden/ark_responses`.

`RECORD=1 pytest tests/api/ark/test_responses_golden.py` writes what is answered now into the files;
read the difference before you keep it.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from seedbed.api.ark.responses import Responses
from seedbed.api.dialect import Reading
from seedbed.core.event import CallDelta, Event, Finished, Fold, Started, Stop, TextDelta
from seedbed.core.usage import Usage
from seedbed.serving.account import Order
from seedbed.store.database import Database
from tests.api.ark.vendor import BYTEPLUS_RESPONSES, RESPONSES
from tests.api.openai.asking import NOW, WHO, decoded, past_of, whole
from tests.api.openai.test_golden import Case
from tests.api.recording import RECORDING, cases, record
from tests.tools.servers import HERE, tool_server

pytestmark = pytest.mark.anyio

CASES = cases("ark_responses")
READERS: Mapping[str, TypeAdapter[object]] = {
    "volcengine": TypeAdapter(RESPONSES.ResponseStreamEvent),
    "byteplus": TypeAdapter(BYTEPLUS_RESPONSES.ResponseStreamEvent),
    "openai": TypeAdapter(ResponseStreamEvent),
}
"""Whose types read the events."""
LACKING = {"schema": "byteplus", "failure_in_mid_stream": "openai"}
"""Whose types have no schemas in answers, and whose no codes of errors but their own."""


def _read(path: Path) -> Case:
    return msgspec.json.decode(path.read_bytes(), type=Case)


def read(database: Database, asked: dict[str, object]) -> Reading:
    body = msgspec.json.encode({"model": "m", **asked})
    return Responses(past_of(database)).read(body, request_id="req_0123", now=NOW)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_response_is_written_as_it_was_recorded(path: Path, database: Database) -> None:
    case = _read(path)
    asked, events = case.request | {"store": False}, case.events
    told, sent = await whole(read(database, asked | {"stream": True}), events)
    assert told == events
    stream = decoded(sent)
    reading = read(database, asked)
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
def test_what_is_recorded_has_every_field_that_its_readers_require(path: Path) -> None:
    case = _read(path)
    if case.whole is not None:
        RESPONSES.response.Response.model_validate(case.whole, strict=True)
    for at, event in enumerate(case.stream):
        assert event["sequence_number"] == at
        assert not event.get("error"), "the vendor's client would end here"
        for name, reader in READERS.items():
            if LACKING.get(path.stem) == name:
                continue
            told = cast(Any, reader.validate_python(event, strict=True))
            assert told.type == event["type"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_stream_ends_in_what_is_told_whole(path: Path) -> None:
    case = _read(path)
    last = case.stream[-1]
    if case.whole is None:
        assert last["type"] == "response.failed"
    else:
        assert last["response"] == case.whole


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_no_thought_is_told_as_such(path: Path) -> None:
    assert b"reasoning_text" not in path.read_bytes()


async def test_each_event_is_named_and_none_has_an_id(database: Database) -> None:
    reading = read(database, {"input": "a", "stream": True, "store": False})
    _, sent = await whole(reading, [Started("m"), TextDelta("b"), Finished(Stop.END, Usage())])
    for event in sent.split(b"\n\n")[:-1]:
        name, data = event.split(b"\n")
        assert name.removeprefix(b"event: ").decode() == json.loads(data[6:])["type"]


@pytest.mark.parametrize("stop", [Stop.LENGTH, Stop.END])
async def test_a_prefix_that_is_read_is_answered_with_nothing(
    database: Database, stop: Stop
) -> None:
    caching = {"type": "enabled", "prefix": True}
    reading = read(database, {"input": "a", "caching": caching})
    events: list[Event] = [Started("m"), TextDelta("b"), Finished(stop, Usage(1, 2))]
    await whole(reading, events)
    fold = Fold()
    for event in events:
        fold.take(event)
    body = msgspec.json.decode(reading.writer.whole(fold.reply()))
    assert (body["status"], body["output"], body["incomplete_details"]) == ("completed", [], None)
    assert body["caching"] == caching
    turn = await past_of(database).turn("resp_0123", "p")
    assert turn.response == body


async def test_tools_of_servers_are_told_in_events_that_each_reader_knows(
    database: Database,
) -> None:
    turns: list[list[Event]] = [
        [
            Started("m"),
            CallDelta(0, '{"a": 1, "b": 2}', id="call_1", name="add"),
            Finished(Stop.CALL, Usage(1)),
        ],
        [Started("m"), TextDelta("3"), Finished(Stop.END, Usage(2))],
    ]

    async def generate(_: Order) -> AsyncGenerator[Event]:
        for event in turns.pop(0):
            yield event

    with tool_server() as url:
        server = {"type": "mcp", "server_label": "adder", "server_url": url}
        asked = {"model": "m", "input": "a", "stream": True, "store": False}
        body = msgspec.json.encode(asked | {"tools": [server | {"require_approval": "never"}]})
        dialect = Responses(past_of(database), HERE)
        reading = dialect.read(body, request_id="req_0123", now=NOW)
        assert reading.way
        assert reading.streamer
        events = reading.way.generate(Order(reading.ask, WHO, "req_0123"), generate)
        sent = b"".join([reading.streamer.chunk(event) async for event in events])
    stream = decoded(sent)
    for event in stream:
        for reader in READERS.values():
            assert cast(Any, reader.validate_python(event)).type == event["type"]
    last = cast(dict[str, Any], stream[-1]["response"])
    assert [item["type"] for item in last["output"]] == ["mcp_list_tools", "mcp_call", "message"]
    assert last["output"][1]["output"] == "3"
