"""Every door of a vendor's is asked in the plainest way, and answers in the described shape."""

import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import httpx2
import jsonschema_rs
import pytest
from PIL import Image

from seedbed.api import schema
from seedbed.core.access import Scope
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from tests.api.audio import sounds
from tests.api.audio.sounds import AtHand, wav
from tests.api.films.filming import STEPS as FILMED
from tests.api.images.painting import painters
from tests.api.openai.test_moderations import judge, scores
from tests.api.running import WINDOW, House, alive, build, make_key
from tests.engines.drafting.editing.files import file_of

DOORS = cast("dict[str, Any]", schema.describe())
ARK = "/api/v3"
SAID = [{"role": "user", "content": "hi"}]
CHAT = {"model": "scripted", "messages": SAID}
MESSAGE = {**CHAT, "max_tokens": 5}
TEXTS = {"model": "scripted", "input": ["hi"]}
PARTS = {"model": "scripted", "input": [{"type": "text", "text": "hi"}]}
PNG = file_of(Image.new("RGB", (16, 16)))
PICTURE = {"model": "painter", "prompt": "a seed", "size": "16x16"}
SPEECH = {"model": "voice", "voice": "alloy", "input": "hi"}
ITEM = {"type": "message", "role": "user", "content": "hi"}
LINE = b'{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {}}'
FILE = {"file": ("a.jsonl", LINE)}
BATCH = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
CONSENT = {"who": "Ada", "kind": "face", "purpose": "a film", "uses": ["films"]}
UPLOAD = {"bytes": 2, "filename": "a", "mime_type": "text/plain", "purpose": "user_data"}
CLAUDE = {"anthropic-version": "2023-06-01"}

Step = tuple[str, dict[str, Any]]
"""What is asked, and how; a name in braces is the id that the step of that name was told."""
CALLS: list[Step] = [
    ("POST /v1/chat/completions", {"json": CHAT}),
    ("POST /v1/completions", {"json": {"model": "scripted", "prompt": "hi"}}),
    ("POST /v1/embeddings", {"json": TEXTS}),
    ("POST /v1/rerank", {"json": {"model": "scripted", "query": "hi", "documents": ["hi"]}}),
    ("POST /v1/images/generations", {"json": PICTURE}),
    ("POST /v1/images/edits", {"files": {"image": PNG}, "data": PICTURE}),
    ("POST /v1/audio/speech", {"json": SPEECH}),
    ("POST /v1/audio/transcriptions", {"files": {"file": wav()}, "data": {"model": "plain"}}),
    ("POST /v1/audio/translations", {"files": {"file": wav()}, "data": {"model": "plain"}}),
    ("POST /v1/responses/input_tokens", {"json": {"model": "scripted", "input": "hi"}}),
    ("POST /v1/messages", {"json": MESSAGE}),
    ("POST /v1/messages/count_tokens", {"json": CHAT}),
    (f"POST {ARK}/chat/completions", {"json": CHAT}),
    (f"POST {ARK}/bots/chat/completions", {"json": CHAT}),
    (f"POST {ARK}/batch/chat/completions", {"json": CHAT}),
    (f"POST {ARK}/context/create context", {"json": CHAT}),
    (f"POST {ARK}/context/chat/completions", {"json": {**CHAT, "context_id": "{context}"}}),
    (f"POST {ARK}/embeddings", {"json": TEXTS}),
    (f"POST {ARK}/batch/embeddings", {"json": TEXTS}),
    (f"POST {ARK}/embeddings/multimodal", {"json": PARTS}),
    (f"POST {ARK}/batch/embeddings/multimodal", {"json": PARTS}),
    (f"POST {ARK}/tokenization", {"json": {"model": "scripted", "text": "hi"}}),
    (f"POST {ARK}/images/generations", {"json": PICTURE}),
    ("GET /v1/models", {}),
    ("GET /v1/models/scripted", {}),
    ("GET /v1/models", {"headers": CLAUDE}),
    ("GET /v1/models/scripted", {"headers": CLAUDE}),
    (f"GET {ARK}/models", {}),
    (f"GET {ARK}/models/scripted", {}),
]
KEPT: list[Step] = [
    ("POST /v1/moderations", {"json": {"input": "hi"}}),
    (
        "POST /v1/chat/completions chat",
        {"json": {"model": "scripted", "messages": SAID, "store": True}},
    ),
    ("GET /v1/chat/completions", {}),
    ("GET /v1/chat/completions/{chat}", {}),
    ("POST /v1/chat/completions/{chat}", {"json": {"metadata": {"a": "b"}}}),
    ("GET /v1/chat/completions/{chat}/messages", {}),
    ("DELETE /v1/chat/completions/{chat}", {}),
    ("POST /v1/responses response", {"json": {"model": "scripted", "input": "hi"}}),
    ("GET /v1/responses/{response}", {}),
    ("GET /v1/responses/{response}/input_items", {}),
    ("DELETE /v1/responses/{response}", {}),
    (
        "POST /v1/responses behind",
        {"json": {"model": "scripted", "input": "hi", "background": True}},
    ),
    ("POST /v1/responses/{behind}/cancel", {}),
    ("POST /v1/conversations conversation", {"json": {"items": [ITEM]}}),
    ("GET /v1/conversations/{conversation}", {}),
    ("POST /v1/conversations/{conversation}", {"json": {"metadata": {"a": "b"}}}),
    ("POST /v1/conversations/{conversation}/items", {"json": {"items": [ITEM]}}),
    ("GET /v1/conversations/{conversation}/items item", {}),
    ("GET /v1/conversations/{conversation}/items/{item}", {}),
    ("DELETE /v1/conversations/{conversation}/items/{item}", {}),
    ("DELETE /v1/conversations/{conversation}", {}),
    ("POST /v1/files file", {"files": FILE, "data": {"purpose": "batch"}}),
    ("GET /v1/files", {}),
    ("GET /v1/files/{file}", {}),
    ("GET /v1/files/{file}/content", {}),
    ("POST /v1/batches batch", {"json": {**BATCH, "input_file_id": "{file}"}}),
    ("GET /v1/batches", {}),
    ("GET /v1/batches/{batch}", {}),
    ("POST /v1/batches/{batch}/cancel", {}),
    ("POST /v1/consents consent", {"json": {**CONSENT, "evidence": "{file}"}}),
    ("GET /v1/consents", {}),
    ("GET /v1/consents/{consent}", {}),
    ("POST /v1/consents/{consent}/withdraw", {}),
    ("DELETE /v1/files/{file}", {}),
    ("POST /v1/uploads upload", {"json": UPLOAD}),
    ("POST /v1/uploads/{upload}/parts part", {"files": {"data": b"hi"}}),
    ("POST /v1/uploads/{upload}/complete", {"json": {"part_ids": ["{part}"]}}),
    ("POST /v1/uploads upload", {"json": UPLOAD}),
    ("POST /v1/uploads/{upload}/cancel", {}),
    ("POST /v1/files file", {"files": FILE, "headers": CLAUDE}),
    ("GET /v1/files", {"headers": CLAUDE}),
    ("GET /v1/files/{file}", {"headers": CLAUDE}),
    ("GET /v1/files/{file}/content", {"headers": CLAUDE}),
    ("DELETE /v1/files/{file}", {"headers": CLAUDE}),
    (
        "POST /v1/messages/batches batch",
        {"json": {"requests": [{"custom_id": "a", "params": MESSAGE}]}},
    ),
    ("GET /v1/messages/batches", {}),
    ("GET /v1/messages/batches/{batch}", {}),
    ("POST /v1/messages/batches/{batch}/cancel", {}),
    ("GET /v1/messages/batches/{batch}/results", {}),
    ("DELETE /v1/messages/batches/{batch}", {}),
    (f"POST {ARK}/responses response", {"json": {"model": "scripted", "input": "hi"}}),
    (f"GET {ARK}/responses/{{response}}", {}),
    (f"GET {ARK}/responses/{{response}}/input_items", {}),
    (f"DELETE {ARK}/responses/{{response}}", {}),
    (f"POST {ARK}/files file", {"files": FILE, "data": {"purpose": "user_data"}}),
    (f"GET {ARK}/files", {}),
    (f"GET {ARK}/files/{{file}}", {}),
    (f"GET {ARK}/files/{{file}}/content", {}),
    (f"DELETE {ARK}/files/{{file}}", {}),
]

STORES = "/v1/vector_stores"
SHELVED: list[Step] = [
    ("POST /v1/files file", {"files": FILE, "data": {"purpose": "assistants"}}),
    (f"POST {STORES} store", {"json": {"name": "a"}}),
    (f"GET {STORES}", {}),
    (f"GET {STORES}/{{store}}", {}),
    (f"POST {STORES}/{{store}}", {"json": {"name": "b"}}),
    (f"POST {STORES}/{{store}}/files", {"json": {"file_id": "{file}"}}),
    (f"GET {STORES}/{{store}}/files", {}),
    (f"GET {STORES}/{{store}}/files/{{file}}", {}),
    (f"POST {STORES}/{{store}}/files/{{file}}", {"json": {"attributes": {"a": "b"}}}),
    (f"GET {STORES}/{{store}}/files/{{file}}/content", {}),
    (f"POST {STORES}/{{store}}/search", {"json": {"query": "a"}}),
    (f"POST {STORES}/{{store}}/file_batches batch", {"json": {"file_ids": ["{file}"]}}),
    (f"GET {STORES}/{{store}}/file_batches/{{batch}}", {}),
    (f"GET {STORES}/{{store}}/file_batches/{{batch}}/files", {}),
    (f"POST {STORES}/{{store}}/file_batches/{{batch}}/cancel", {}),
    (f"DELETE {STORES}/{{store}}/files/{{file}}", {}),
    (f"DELETE {STORES}/{{store}}", {}),
]


@pytest.fixture
async def painting(home: Path, clock: FakeClock) -> AsyncGenerator[House]:
    """A house that talks, paints, speaks and hears."""
    talks = {"scripted": Scripted("scripted", window=WINDOW)}
    judges = {"judge": judge(scores())}
    app = build(
        {**talks, **painters(), **judges, **sounds.engines()},
        home=home,
        clock=clock,
        judge="judge",
        workshop=AtHand(),
    )
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


async def told(house: House, steps: list[Step]) -> AsyncGenerator[tuple[str, httpx2.Response]]:
    """What each step is answered."""
    ids: dict[str, str] = {}
    async with house.client() as client:
        for ask, how in steps:
            method, path, *name = ask.split()
            answer = await client.request(method, _filled(path, ids), **_filled(how, ids))
            yield f"{method} {path}", answer
            if name:
                said = answer.json()
                ids[name[0]] = said["id"] if "id" in said else said["data"][0]["id"]


def _filled(value: Any, ids: dict[str, str]) -> Any:
    """The same with ids in the place of names."""
    match value:
        case str():
            return re.sub(r"{(\w+)}", lambda name: ids[name[1]], value)
        case dict():
            inner = cast("dict[str, Any]", value)
            return {name: _filled(one, ids) for name, one in inner.items()}
        case list():
            return [_filled(one, ids) for one in cast("list[Any]", value)]
        case _:
            return value


def door_of(ask: str) -> tuple[str, str]:
    """The path and the method of the door that was asked, whatever stands for a name."""
    method, path = ask.lower().split()[:2]
    plain = re.sub(r"{\w+}", "{}", path.replace("scripted", "{}"))
    (known,) = {known for known in DOORS["paths"] if re.sub(r"{\w+}", "{}", known) == plain}
    return known, method


def described(ask: str) -> dict[str, Any]:
    """What the description says of a door's answers."""
    path, method = door_of(ask)
    return cast("dict[str, Any]", DOORS["paths"][path][method]["responses"])


def hold(ask: str, answer: httpx2.Response) -> None:
    """Hold an answer to the description."""
    assert answer.status_code == 200, f"{ask}: {answer.text}"
    content = described(ask)["200"]["content"]
    if "application/json" in content:
        validate(content["application/json"]["schema"], answer)


def validate(shape: dict[str, Any], answer: httpx2.Response) -> None:
    jsonschema_rs.validate({"components": DOORS["components"], **shape}, answer.json())


@pytest.mark.anyio
async def test_calls_and_models_are_as_described(painting: House) -> None:
    async for ask, answer in told(painting, CALLS):
        hold(ask, answer)


@pytest.mark.anyio
async def test_what_is_kept_is_as_described(painting: House) -> None:
    async for ask, answer in told(painting, KEPT):
        hold(ask, answer)


@pytest.mark.anyio
async def test_stores_are_as_described(painting: House) -> None:
    async for ask, answer in told(painting, SHELVED):
        hold(ask, answer)


def test_every_door_of_a_vendors_was_asked() -> None:
    asked = {door_of(ask) for ask, _ in [*CALLS, *KEPT, *FILMED, *SHELVED]}
    ours = ("/seedbed", "/healthz", "/readyz")
    vendors = {path: doors for path, doors in DOORS["paths"].items() if not path.startswith(ours)}
    assert {(path, method) for path, doors in vendors.items() for method in doors} == asked


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("ask", "headers", "name"),
    [
        ("GET /v1/files/{id}", {}, "Problem"),
        ("GET /v1/files/{id}", CLAUDE, "AnthropicProblem"),
        ("GET /v1/messages/batches/{id}", {}, "AnthropicProblem"),
        ("GET /api/v3/files/{id}", {}, "ArkProblem"),
    ],
)
async def test_an_error_has_the_shape_of_its_vendor(
    house: House, ask: str, headers: dict[str, str], name: str
) -> None:
    method, path = ask.split()
    async with house.client(**headers) as client:
        answer = await client.request(method, path.replace("{id}", "nothing"))
    assert answer.status_code == 404
    validate(described(ask)["4XX"]["content"]["application/json"]["schema"], answer)
    validate({"$ref": f"#/components/schemas/{name}"}, answer)
