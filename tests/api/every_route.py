"""Every route of the whole house, with something of each kind behind it to ask for."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from starlette.routing import Route
from starlette.types import ASGIApp

from seedbed.api import unserved
from seedbed.app.doors import Doors, Parts, doors_of
from seedbed.app.server import build_app
from seedbed.core.access import Scope, private
from seedbed.kit import ids
from seedbed.kit.clock import SystemClock
from seedbed.settings import read_settings
from seedbed.store.database import Database
from seedbed.store.keys import Keys
from tests.api.running import CHAT, alive

ANTHROPIC = {"anthropic-version": "2023-06-01"}
OURS = "name:path"
"""What paths have that name what is the house's own, and every project's."""
PROJECTS = {
    "ours": "ours",
    "theirs": "theirs",
    "private": private("ours", ids.fresh("private")),
    "another private": private("ours", ids.fresh("private")),
}
"""Who asks, and in which project: two of them in private ones within ours."""
SAID = [{"role": "user", "content": "hi"}]
MODEL = "scripted"
FILMMAKER = "scripted-filmmaker"
LONGEST_FILE = 1 << 20
_WITHIN = {"item": ("conversation", "item"), "file": ("store", "file"), "batch": ("store", "lot")}
"""What a path names within another thing: what that is, and what is in it."""


@dataclass
class Whole:
    """The whole house, and those who ask there: by the names in `PROJECTS`."""

    app: ASGIApp
    doors: Doors
    keys: Mapping[str, str]

    def client(self, who: str, **headers: str) -> httpx2.AsyncClient:
        """A client with one's key."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app),
            base_url="http://house",
            headers={"authorization": f"Bearer {self.keys[who]}"} | headers,
        )

    @property
    def routes(self) -> Iterator[tuple[str, str]]:
        """Each route of the site that answers anything: its method and its path."""
        for route in self.doors.routes:
            if route.endpoint is not unserved.refuse:
                for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                    yield method, _path(route)

    @property
    def named(self) -> list[tuple[str, str]]:
        """Those that name something of a project's."""
        return sorted({(m, p) for m, p in self.routes if "{" in p and OURS not in p})


def put_together(home: Path) -> tuple[ASGIApp, Doors]:
    """A house as it is put together in earnest, with the fake model that ships, and its doors."""
    told: list[Doors] = []

    def noted(parts: Parts) -> Doors:
        told.append(doors_of(parts))
        return told[-1]

    settings = read_settings(
        {
            "SEEDBED_HOME": str(home),
            "SEEDBED_MODELS": f"{MODEL},{FILMMAKER}",
            "SEEDBED_ARTIFACT_BYTES": str(LONGEST_FILE),
            "SEEDBED_LOG_REQUESTS": "false",
            "SEEDBED_PLACES": "256",
        }
    )[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seedbed.app.server.doors_of", noted)
        app = build_app(settings, clock=SystemClock())
    return app, told[0]


@asynccontextmanager
async def whole(home: Path, database: Database) -> AsyncGenerator[Whole]:
    """That house, while it runs."""
    app, doors = put_together(home)
    keys = {
        who: Keys(database).create(
            who, user=who, project=project, scopes=frozenset({Scope.MODELS}), now=1
        )[1]
        for who, project in PROJECTS.items()
    }
    async with alive(app):
        yield Whole(app, doors, keys)


async def furnished(client: httpx2.AsyncClient) -> dict[str, str]:
    """One thing of each kind that a project can have, made at its door: kinds and ids."""
    asks = b'{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{}}'
    file = await _file(client, asks, "batch")
    batch = {"input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
    theirs: object = {"model": MODEL, "max_tokens": 9, "messages": SAID}
    messages = {"requests": [{"custom_id": "a", "params": theirs}]}
    talk = await _made(client, "/v1/conversations", {"items": SAID})
    items = (await client.get(f"/v1/conversations/{talk}/items")).json()["data"]
    upload = {"filename": "a", "purpose": "batch", "bytes": 9, "mime_type": "text/plain"}
    store = await _made(client, "/v1/vector_stores", {"file_ids": [file]})
    lot = {"file_ids": [file]}
    film: dict[str, object] = {"model": FILMMAKER, "prompt": "a"}
    task = {"model": FILMMAKER, "content": [{"type": "text", "text": "a"}]}
    stored = await client.post("/seedbed/artifacts", content=b"bytes")
    context = {"model": MODEL, "messages": SAID, "mode": "session"}
    consent = {"who": "Ada", "kind": "face", "purpose": "a film", "uses": ["films"]}
    consent |= {"evidence": file}
    job = {"kind": "batch", "input": {"file": stored.json()["id"], "url": "/v1/embeddings"}}
    return {
        "file": file,
        "picture": await _file(client, b"\x89PNG\r\n\x1a\n", "vision"),
        "response": await _made(client, "/v1/responses", {"model": MODEL, "input": "hi"}),
        "chat": await _made(client, CHAT, {"model": MODEL, "messages": SAID, "store": True}),
        "store": store,
        "lot": await _made(client, f"/v1/vector_stores/{store}/file_batches", lot),
        "film": await _made(client, "/v1/videos", film),
        "task": await _made(client, "/api/v3/contents/generations/tasks", task),
        "conversation": talk,
        "item": items[0]["id"],
        "upload": await _made(client, "/v1/uploads", upload),
        "batch": await _made(client, "/v1/batches", batch),
        "messages": await _made(client, "/v1/messages/batches", messages),
        "context": await _made(client, "/api/v3/context/create", context),
        "artifact": stored.json()["id"],
        "job": await _made(client, "/seedbed/jobs", job),
        "consent": await _made(client, "/v1/consents", consent),
    }


def filled(path: str, ids: Mapping[str, str]) -> Sequence[str]:
    """A path with each of the ids where it names something; what is in another thing, in that."""
    for inner, (outer, kind) in _WITHIN.items():
        if f"{{{inner}}}" in path:
            return [path.replace("{id}", ids[outer]).replace(f"{{{inner}}}", ids[kind])]
    head, _, rest = path.partition("{")
    return [head + id_ + rest.partition("}")[2] for id_ in ids.values()]


def is_told(answer: httpx2.Response, path: str) -> bool:
    """Whether an error is told in the shape of the door that it comes from."""
    said: Any = msgspec.json.decode(answer.content)
    if "/messages" in path and "/v1/chat" not in path:
        return said["type"] == "error" and {"type", "message"} <= said["error"].keys()
    if path == "/mcp":
        return said["jsonrpc"] == "2.0" and {"code", "message"} <= said["error"].keys()
    return said["error"].keys() == {"message", "type", "param", "code"}


async def _made(client: httpx2.AsyncClient, path: str, body: object) -> str:
    answer = await client.post(path, json=body)
    assert answer.status_code in {200, 201, 202}, f"{path}: {answer.text}"
    return answer.json()["id"]


async def _file(client: httpx2.AsyncClient, content: bytes, purpose: str) -> str:
    answer = await client.post("/v1/files", files={"file": content}, data={"purpose": purpose})
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


def _path(route: Route) -> str:
    return route.path
