"""Messages as Anthropic's SDK reads them, recorded in `golden/anthropic`, whole and streamed.

`RECORD=1 pytest tests/api/anthropic/test_golden.py` writes what is answered now into the files;
read the difference before you keep it.
"""

import json
from pathlib import Path
from typing import TypeVar, cast

import msgspec
import pydantic
import pytest
from anthropic.types import Message, MessageTokensCount, RawMessageStreamEvent
from anthropic.types.beta import BetaMessage, BetaRawMessageStreamEvent
from pydantic import TypeAdapter

from seedbed.api.anthropic.ran import Heard
from seedbed.api.anthropic.routes import calls
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.dialect import Dialect, Reading
from seedbed.core import event as events
from seedbed.core import message as parts
from seedbed.core.ask import Ask
from seedbed.core.errors import EngineFailed, SeedbedError
from seedbed.core.event import Event, Reply
from seedbed.core.message import Part
from seedbed.engines.scripted import Scripted
from tests.api.recording import RECORDING, cases, made, record

pytestmark = pytest.mark.anyio

T = TypeVar("T")
MESSAGES = "/v1/messages"
CALLS = calls(Sealer(b"secret"))
CASES = cases("anthropic")
EVENTS, PARTS = vars(events), vars(parts)
STREAMED: TypeAdapter[object] = TypeAdapter(RawMessageStreamEvent)
SERVED: TypeAdapter[object] = TypeAdapter(BetaRawMessageStreamEvent)


class Whole(msgspec.Struct):
    status: int
    body: object


class Case(msgspec.Struct, omit_defaults=True):
    """What is asked; the script or the very events that answer it; what the caller receives."""

    name: str
    request: dict[str, object]
    call: str = MESSAGES
    script: list[dict[str, object]] | None = None
    fails_after: int | None = None
    events: list[dict[str, object]] | None = None
    whole: Whole | None = None
    stream: list[tuple[str, object]] | None = None

    @property
    def dialect(self) -> Dialect:
        return CALLS["POST", self.call]

    def read(self, **fields: object) -> Reading:
        body = msgspec.json.encode(self.request | fields)
        return self.dialect.read(body, request_id="req_0123", now=1_800_000_000)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_an_answer_is_written_as_it_was_recorded_whole_and_streamed(path: Path) -> None:
    case = read(path)
    told = await answer(case)
    whole, stream = wholly(case, told), streamed(case, told)
    if RECORDING:
        case.whole, case.stream = whole, stream
        record(path, case)
    assert whole == case.whole
    assert stream == case.stream


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_recorded_has_every_field_that_anthropic_requires(path: Path) -> None:
    case = read(path)
    assert case.whole
    if case.whole.status == 200:
        kind: type[pydantic.BaseModel] = MessageTokensCount
        if case.call == MESSAGES:
            kind = BetaMessage if "mcp_servers" in case.request else Message
        kind.model_validate(case.whole.body, strict=True)
    for name, event in case.stream or ():
        assert cast(dict[str, object], event)["type"] == name
        if name != "error":
            (SERVED if "mcp_servers" in case.request else STREAMED).validate_python(event)


def read(path: Path) -> Case:
    return msgspec.json.decode(path.read_bytes(), type=Case)


async def answer(case: Case) -> list[Event]:
    if case.events is not None:
        return [made(told, EVENTS) for told in case.events]
    error = None
    if case.fails_after is not None:
        error = EngineFailed("m", why="its process ended")
    script: list[Part] = [made(told, PARTS) for told in case.script or ()]
    engine = Scripted("m", window=64, script=script, error=error, fails_after=case.fails_after or 0)
    ask = case.read().ask
    assert isinstance(ask, Ask)
    return [event async for event in engine.generate(ask)]


def wholly(case: Case, told: list[Event]) -> Whole:
    reading = case.read()
    if isinstance(reading.way, Heard):
        for event in told:
            reading.way.hear(event)
    try:
        body = reading.writer.whole(Reply.of(told))
    except SeedbedError as error:
        problem = case.dialect.problem(error, request_id="req_0123")
        return Whole(problem.status, msgspec.json.decode(problem.body))
    return Whole(200, msgspec.json.decode(body))


def streamed(case: Case, told: list[Event]) -> list[tuple[str, object]] | None:
    streamer = case.read(stream=True).streamer
    if streamer is None:
        return None
    sent = b"".join(streamer.chunk(event) for event in told).decode()
    return [named(frame) for frame in sent.removesuffix("\n\n").split("\n\n")]


def named(frame: str) -> tuple[str, object]:
    """One event: its name and what it says, in two lines."""
    name, data = frame.split("\n")
    assert name.startswith("event: ")
    assert data.startswith("data: ")
    return name[7:], json.loads(data[6:])
