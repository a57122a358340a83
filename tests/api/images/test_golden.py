"""Pictures as the vendors' clients read them, recorded in `golden/pictures`, whole and streamed.

`RECORD=1 pytest tests/api/images/test_golden.py` writes what is answered now into the files; read
the difference before you keep it. Recorded is of a picture how large it is, and of a link that
there is one.
"""

import base64
import json
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from openai.types import ImageEditStreamEvent, ImageGenStreamEvent, ImagesResponse
from pydantic import TypeAdapter, ValidationError

from seedbed.kit.sse import Parser
from tests.api.images.painting import size_of
from tests.api.recording import RECORDING, cases, record
from tests.api.running import House
from tests.kit.media.made import picture

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

CASES = cases("pictures")
ARK: Any = import_module("volcenginesdkarkruntime.types.images")
_REQUEST = re.compile(r"req_\w+")


class Case(msgspec.Struct, omit_defaults=True):
    """What is asked where; with `files` it is a form, in which each is a picture of that colour.
    What the caller receives.
    """

    name: str
    path: str
    request: dict[str, Any]
    files: dict[str, str] = {}
    agent: str = ""
    status: int = 200
    whole: object = None
    stream: list[tuple[str, object]] | None = None


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_pictures_are_told_as_it_was_recorded(path: Path, house: House) -> None:
    case = read(path)
    answer = await asked(case, house)
    whole, stream = None, None
    if answer.headers["content-type"].startswith("text/event-stream"):
        stream = streamed(answer)
    else:
        whole = plain(answer.json())
    if RECORDING:
        case.status, case.whole, case.stream = answer.status_code, whole, stream
        record(path, case)
    assert (answer.status_code, whole) == (case.status, case.whole)
    assert stream == case.stream


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_recorded_has_every_field_that_the_vendor_requires(path: Path) -> None:
    case = read(path)
    is_ark = case.path.startswith("/api/v3") and not case.agent
    if case.whole is not None and case.status == 200:
        kind: Any = ARK.ImagesResponse if is_ark else ImagesResponse
        wrong = faults(kind, case.whole)
        assert wrong == [] or (is_ark and set(wrong) == {"missing"}), "its client reads null there"
    kinds: Mapping[str, Any] = {
        "image_generation": ImageGenStreamEvent,
        "image_edit": ImageEditStreamEvent,
    }
    for name, event in case.stream or ():
        if isinstance(event, dict) and "error" not in event and not is_ark:
            TypeAdapter(kinds[name.partition(".")[0]]).validate_python(event)


def faults(kind: Any, told: object) -> list[str]:
    """What kinds of faults the vendor's type finds."""
    try:
        kind.model_validate(told)
    except ValidationError as error:
        return [one["type"] for one in error.errors()]
    return []


async def asked(case: Case, house: House) -> httpx2.Response:
    headers = {"user-agent": case.agent} if case.agent else {}
    async with house.client(**headers) as client:
        if case.files:
            files = {name: picture(colour=colour) for name, colour in case.files.items()}
            return await client.post(case.path, data=case.request, files=files)
        return await client.post(case.path, json=case.request)


def streamed(answer: httpx2.Response) -> list[tuple[str, object]]:
    """Each event: its name, where it has one, and what it says."""
    told: list[tuple[str, object]] = []
    for frame in answer.content.removesuffix(b"\n\n").split(b"\n\n"):
        name = frame.partition(b"\n")[0] if frame.startswith(b"event: ") else b""
        (data,) = Parser().feed(frame + b"\n\n")
        said = "[DONE]" if data == b"[DONE]" else plain(json.loads(data))
        told.append((name.removeprefix(b"event: ").decode(), said))
    return told


def plain(told: Any) -> Any:
    """What is told, without what is another each time."""
    if isinstance(told, list):
        return [plain(one) for one in told]
    if isinstance(told, str):
        return _REQUEST.sub("req_", told)
    if not isinstance(told, dict):
        return told
    said = {name: plain(value) for name, value in told.items()}
    if "b64_json" in told:
        width, height = size_of(base64.b64decode(told["b64_json"]))
        said["b64_json"] = f"a picture of {width}x{height}"
    if "url" in told:
        assert told["url"].startswith("http://house/")
        said["url"] = "a link"
    return said


def read(path: Path) -> Case:
    return msgspec.json.decode(path.read_bytes(), type=Case)
