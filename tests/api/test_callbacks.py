"""Callers name who is told of a job's end, and learn how to know our word."""

import base64

import httpx2
import pytest

from seedbed.core.job import Callback
from seedbed.jobs.callback import key_of
from seedbed.store.database import open_database
from seedbed.store.jobs import Jobs
from seedbed.store.secrets import Secrets
from tests.api.running import House

pytestmark = pytest.mark.anyio

URL = "https://a.example/hook?job=1"


async def submitted(client: httpx2.AsyncClient, url: object) -> httpx2.Response:
    return await client.post("/seedbed/jobs", json={"kind": "work", "callback": url})


async def test_a_job_keeps_whom_to_tell(house: House) -> None:
    async with house.client() as client:
        job = (await submitted(client, URL)).json()["id"]
        none = (await submitted(client, None)).json()["id"]
    database = open_database(house.home / "seedbed.db")
    jobs = Jobs(database, currency="USD")
    assert (await jobs.find(job)).callback == Callback(URL)
    assert (await jobs.find(none)).callback is None
    database.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a.example/",
        "https://user:secret@a.example/",
        "https:///path",
        "https://a.example/ b",
        "https://a.example/" + "x" * 2_000,
        "file:///etc/passwd",
    ],
)
async def test_what_is_no_address_is_refused(house: House, url: str) -> None:
    async with house.client() as client:
        answer = await submitted(client, url)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == "callback"
    assert "secret" not in error["message"]


async def test_each_project_is_told_its_own_secret(house: House) -> None:
    async with house.client() as client:
        answer = await client.get("/seedbed/callbacks/secret")
    database = open_database(house.home / "seedbed.db")
    key = key_of(await Secrets(database).get("callbacks"), "p")
    database.close()
    assert base64.b64decode(answer.json()["secret"].removeprefix("whsec_")) == key
    assert answer.headers["cache-control"] == "no-store"
    async with house.client(authorization="") as stranger:
        assert (await stranger.get("/seedbed/callbacks/secret")).status_code == 401
