"""A batch of each path that one may ask, answered at the doors by a worker."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from seedbed.api.openai.moderations import CATEGORIES
from seedbed.core.access import Scope
from seedbed.core.message import Text
from seedbed.engines.scripted import Scripted
from seedbed.engines.scripted_painter import ScriptedPainter
from seedbed.jobs.batch import PATHS, REFUSED, Batch
from seedbed.jobs.door import Door
from seedbed.kit.clock import SystemClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from seedbed.store.database import Database
from tests.api.running import House, alive, build, make_key
from tests.jobs.houses import job_house

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

SAID = [{"role": "user", "content": "hi"}]
SCORES = json.dumps({"results": [dict.fromkeys(CATEGORIES, 0)]}, separators=(",", ":"))
LINES: dict[str, tuple[dict[str, object], str]] = {
    "/v1/chat/completions": ({"model": "m", "messages": SAID}, "choices"),
    "/v1/completions": ({"model": "m", "prompt": "a"}, "choices"),
    "/v1/embeddings": ({"model": "m", "input": "a"}, "data"),
    "/v1/rerank": ({"model": "m", "query": "a", "documents": ["a", "b"]}, "results"),
    "/v1/responses": ({"model": "m", "input": "a"}, "output"),
    "/v1/messages": ({"model": "m", "max_tokens": 9, "messages": SAID}, "content"),
    "/v1/moderations": ({"input": "a"}, "results"),
    "/v1/images/generations": ({"model": "painter", "prompt": "a", "size": "64x64"}, "data"),
}
"""What a line of each path asks, and what its answer has."""


@asynccontextmanager
async def worked(home: Path, database: Database) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of a house with fakes, where a worker answers batches."""
    clock, jobs = SystemClock(), job_house(database)
    engines = {
        "m": Scripted("m", window=4096),
        "judge": Scripted("judge", window=4096, script=[Text(SCORES)]),
        "painter": ScriptedPainter("painter", window=4096),
    }
    app = build(engines, home=home, clock=clock, judge="judge")
    house = House(app, make_key(home, Scope.MODELS), home, clock)

    async def as_owner(request: httpx2.Request) -> None:
        request.headers["authorization"] = f"Bearer {house.key}"

    shelf = Artifacts(database, lambda: open_blobs("", home, {}), clock=clock)
    async with alive(app), house.client() as client, house.client() as inner:
        inner.event_hooks = {"request": [as_owner]}
        door = Door(lambda: "http://house", inner, clock=clock)
        async with jobs.worker(Batch(shelf, jobs.jobs, door).kind):
            yield client


async def begun(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    """A batch of one line."""
    line = {"custom_id": "a", "method": "POST", "url": url, "body": LINES.get(url, ({},))[0]}
    files = {"file": json.dumps(line).encode()}
    file = (await client.post("/v1/files", files=files, data={"purpose": "batch"})).json()["id"]
    asked = {"input_file_id": file, "endpoint": url, "completion_window": "24h"}
    return (await client.post("/v1/batches", json=asked)).json()


@pytest.mark.parametrize("url", PATHS)
async def test_a_line_of_each_path_is_answered_as_its_door_does(
    home: Path, database: Database, url: str
) -> None:
    async with worked(home, database) as client:
        batch = await begun(client, url)
        with anyio.fail_after(60):
            while batch["status"] not in {"completed", "failed"}:
                await anyio.sleep(0.01)
                batch = (await client.get(f"/v1/batches/{batch['id']}")).json()
        assert (batch["errors"], batch["error_file_id"]) == (None, None)
        told = (await client.get(f"/v1/files/{batch['output_file_id']}/content")).json()
    assert told["response"]["status_code"] == 200
    assert told["response"]["body"][LINES[url][1]]


@pytest.mark.parametrize("url", [*REFUSED, "/v1/models"])
async def test_a_path_that_no_batch_asks_is_refused_by_name(
    home: Path, database: Database, url: str
) -> None:
    async with worked(home, database) as client:
        error = (await begun(client, url))["error"]
    assert error["param"] == "endpoint"
    assert repr(url) in error["message"]
    assert REFUSED.get(url, "no batch does") in error["message"]
