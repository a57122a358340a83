"""Answers as OpenAI's clients read them, recorded in `golden/openai`, whole and streamed.

`RECORD=1 pytest tests/api/test_golden.py` writes what is answered now into the files; read the
difference before you keep it.
"""

import json
import os
from pathlib import Path
from typing import TypeVar, cast

import msgspec
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from seedbed.api.dialect import Reading
from seedbed.api.openai.routes import Chat
from seedbed.core.errors import EngineFailed, SeedbedError
from seedbed.core.event import (
    CallDelta,
    Event,
    Finished,
    ReasoningDelta,
    Reply,
    Started,
    TextDelta,
    UsageNow,
)
from seedbed.core.message import Call, Part, Reasoning, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.sse import Parser

pytestmark = pytest.mark.anyio

CASES = sorted((Path(__file__).parent / "golden" / "openai").glob("*.json"))
T = TypeVar("T")
RECORDING = "RECORD" in os.environ
PARTS: dict[str, type[Part]] = {kind.__name__: kind for kind in (Text, Reasoning, Call)}
EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (Started, TextDelta, ReasoningDelta, CallDelta, UsageNow, Finished)
}


class Whole(msgspec.Struct):
    status: int
    body: object


class Case(msgspec.Struct, omit_defaults=True):
    """What is asked; the script or the very events that answer it; what the caller receives."""

    name: str
    request: dict[str, object]
    script: list[dict[str, object]] | None = None
    fails_after: int | None = None
    events: list[dict[str, object]] | None = None
    whole: Whole | None = None
    stream: list[object] | None = None


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_an_answer_is_written_as_it_was_recorded_whole_and_streamed(path: Path) -> None:
    case = _read(path)
    body = msgspec.json.encode(case.request)
    reading = Chat().read(body, request_id="req_0123", now=1_800_000_000)
    events = await _events(case, reading)
    whole, stream = _whole(reading, events), _stream(reading, events)
    if RECORDING:
        case.whole, case.stream = whole, stream
        _record(path, case)
    assert whole == case.whole
    assert stream == case.stream


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_recorded_has_every_field_that_openai_requires(path: Path) -> None:
    case = _read(path)
    assert case.whole
    if case.whole.status == 200:
        ChatCompletion.model_validate(case.whole.body, strict=True)
    chunks = [sent for sent in case.stream or () if isinstance(sent, dict) and "error" not in sent]
    assert chunks
    for chunk in chunks:
        ChatCompletionChunk.model_validate(chunk, strict=True)


def _read(path: Path) -> Case:
    return msgspec.json.decode(path.read_bytes(), type=Case)


async def _events(case: Case, reading: Reading) -> list[Event]:
    if case.events is not None:
        return [_made(told, EVENTS) for told in case.events]
    error = None
    if case.fails_after is not None:
        error = EngineFailed("m", why="its process ended")
    engine = Scripted(
        "m",
        window=64,
        script=[_made(told, PARTS) for told in case.script or ()],
        error=error,
        fails_after=case.fails_after or 0,
    )
    return [event async for event in engine.generate(reading.ask)]


def _made(told: dict[str, object], kinds: dict[str, type[T]]) -> T:
    fields = {name: value for name, value in told.items() if name != "is"}
    return msgspec.convert(fields, kinds[str(told["is"])])


def _whole(reading: Reading, events: list[Event]) -> Whole:
    try:
        body = reading.writer.whole(Reply.of(events))
    except SeedbedError as error:
        problem = Chat().problem(error)
        return Whole(problem.status, msgspec.json.decode(problem.body))
    return Whole(200, msgspec.json.decode(body))


def _stream(reading: Reading, events: list[Event]) -> list[object]:
    sent = b"".join(reading.writer.chunk(event) for event in events)
    return [
        "[DONE]" if data == b"[DONE]" else msgspec.json.decode(data) for data in Parser().feed(sent)
    ]


def _record(path: Path, case: Case) -> None:
    """Write JSON with one item of a list on each line, so that a difference can be read."""
    fields: dict[str, object] = msgspec.to_builtins(case)
    lines = ",\n".join(f'"{name}": {_lines(value)}' for name, value in fields.items())
    path.write_text(f"{{\n{lines}\n}}\n")


def _lines(value: object) -> str:
    if isinstance(value, list):
        items = [json.dumps(item, ensure_ascii=False) for item in cast(list[object], value)]
        return "[\n  " + ",\n  ".join(items) + "\n]"
    return json.dumps(value, ensure_ascii=False)
