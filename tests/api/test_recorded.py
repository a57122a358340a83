"""Doors that answer by several requests or in several forms, recorded in `golden/doors`: what is
asked, step by step, and what the caller receives.

`RECORD=1 pytest tests/api/test_recorded.py` writes what is answered now into the files; read the
difference before you keep it. Recorded is of an id what it begins with, and of a sound how long its
text is.
"""

import json
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from openai.types import ModerationCreateResponse, VectorStoreSearchResponse, Video
from openai.types.audio import (
    TranscriptionStreamEvent,
    TranscriptionVerbose,
)
from openai.types.chat import ChatCompletion
from pydantic import TypeAdapter

from seedbed.core.access import Scope
from seedbed.core.message import Text
from seedbed.engines.scripted import Scripted
from seedbed.engines.scripted_filmmaker import ScriptedFilmmaker
from seedbed.kit.clock import FakeClock
from seedbed.kit.sse import Parser
from tests.api.audio import sounds
from tests.api.audio.sounds import AtHand, wav
from tests.api.openai.test_moderations import judge, scores
from tests.api.openai.vector_stores.reading import Reader, filled
from tests.api.recording import RECORDING, cases
from tests.api.running import House, alive, build, make_key
from tests.media.marked import Beside

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

CASES = cases("doors")
_ID = re.compile(r"\b([a-z]+[-_])[0-9a-f]{20,}")


class Step(msgspec.Struct, omit_defaults=True):
    """One request: `{0}` in its path is the id in the answer to the first. With `form` the body is
    one, of these fields and a sound.
    """

    ask: str
    json: object = None
    form: dict[str, str] | None = None
    status: int = 200
    answer: object = None
    stream: list[object] | None = None


class Case(msgspec.Struct):
    """Steps, which are taken in one house."""

    name: str
    steps: list[Step]


@pytest.fixture
async def house(home: Path, clock: FakeClock) -> AsyncGenerator[House]:
    engines = {
        **sounds.engines(),
        "m": Scripted("m", window=64, script=[Text("one two")]),
        "judge": judge(scores(violence=91)),
        "films": ScriptedFilmmaker("films", window=64),
        "reader": Reader("reader", window=512),
    }
    app = build(engines, home=home, clock=clock, workshop=AtHand(), judge="judge", studio=Beside())
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_door_answers_as_it_was_recorded(
    path: Path, house: House, home: Path, clock: FakeClock
) -> None:
    case = read(path)
    searches = any("{store}" in step.ask for step in case.steps)
    ids = [(await filled(home, clock)).id if searches else ""]
    async with house.client() as client:
        for step in case.steps:
            answer = await asked(client, step, ids)
            got = Step(step.ask, step.json, step.form, answer.status_code)
            if answer.headers["content-type"].startswith("text/event-stream"):
                got.stream = [plain(one) for one in streamed(answer)]
            else:
                got.answer = plain(answer.json())
                ids.append(str(answer.json().get("id", "")))
            if RECORDING:
                step.status, step.answer, step.stream = got.status, got.answer, got.stream
            assert got == step
    if RECORDING:
        record(path, case)


async def asked(client: httpx2.AsyncClient, step: Step, ids: list[str]) -> httpx2.Response:
    store, *made = ids
    method, path = step.ask.format(*made, store=store).split()
    if step.form is not None:
        file = ("a.wav", wav(), "audio/wav")
        return await client.request(method, path, data=step.form, files={"file": file})
    return await client.request(method, path, json=step.json)


def streamed(answer: httpx2.Response) -> list[object]:
    """What each event says."""
    return [
        "[DONE]" if data == b"[DONE]" else json.loads(data)
        for data in Parser().feed(answer.content)
    ]


def plain(told: Any) -> Any:
    """What is told, without what is another each time."""
    if isinstance(told, list):
        return [plain(one) for one in told]
    if isinstance(told, str):
        return _ID.sub(r"\1...", told)
    if not isinstance(told, dict):
        return told
    said = {name: plain(value) for name, value in told.items()}
    if isinstance(told.get("audio"), str):
        said["audio"] = f"{len(told['audio'])} letters of sound"
    return said


KINDS: dict[str, Any] = {
    "moderations": ModerationCreateResponse,
    "stored_completions": ChatCompletion,
    "transcription_streamed": TranscriptionStreamEvent,
    "transcription_verbose": TranscriptionVerbose,
    "vector_store_search": VectorStoreSearchResponse,
    "videos": Video,
}
"""What OpenAI's client takes each answer of a case for, or each in a list, or each event."""


@pytest.mark.parametrize("name", KINDS)
def test_what_is_recorded_has_every_field_that_the_vendor_requires(name: str) -> None:
    (path,) = (one for one in CASES if one.stem == name)
    for step in read(path).steps:
        for one in said_in(step):
            TypeAdapter(KINDS[name]).validate_python(one)


def read(path: Path) -> Case:
    return msgspec.json.decode(path.read_bytes(), type=Case)


def said_in(step: Step) -> list[Any]:
    """The things that an answer tells of; of one that was deleted there is its id alone."""
    answer: Any = step.answer or {}
    if step.stream is not None:
        return [one for one in step.stream if one != "[DONE]"]
    return [one for one in answer.get("data", [answer]) if "deleted" not in one]


def record(path: Path, case: Case) -> None:
    """Write JSON with one step, and one event, on each line, so that a difference can be read."""
    steps = ",\n".join(
        json.dumps(msgspec.to_builtins(one), ensure_ascii=False) for one in case.steps
    )
    path.write_text(f'{{\n"name": {json.dumps(case.name)},\n"steps": [\n{steps}\n]\n}}\n')
