"""Consents are recorded, listed, shown and withdrawn by whoever has a key of their project."""

from typing import Any

import httpx2
import pytest

from seedbed.core.consent import Made
from seedbed.core.job import Draft, Owner, State
from seedbed.store.consents import Consents
from seedbed.store.database import open_database
from seedbed.store.jobs import Jobs
from tests.api.running import House

pytestmark = pytest.mark.anyio

PATH = "/v1/consents"
ASK: dict[str, Any] = {
    "who": "Ada",
    "kind": "face",
    "purpose": "a film for her jubilee",
    "uses": ["films", "pictures", "films"],
}


async def evidence(client: httpx2.AsyncClient) -> str:
    put = await client.post("/seedbed/artifacts", content=b"I agree. Ada")
    return put.json()["id"]


async def recorded(client: httpx2.AsyncClient, **more: object) -> dict[str, Any]:
    answer = await client.post(PATH, json=ASK | {"evidence": await evidence(client)} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_one_is_recorded_with_its_evidence(house: House) -> None:
    async with house.client() as client:
        one = await recorded(client, until=4_000_000_000)
        id_, hash_ = one["id"], one["evidence"]
        shown = (await client.get(f"{PATH}/{id_}")).json()
    assert id_.startswith("consent_")
    assert one == {
        **ASK,
        "id": id_,
        "object": "consent",
        "uses": ["films", "pictures"],
        "evidence": hash_,
        "created_at": one["created_at"],
        "until": 4_000_000_000,
        "withdrawn_at": None,
    }
    assert shown == one | {"made": []}


async def test_a_file_is_evidence_by_its_id_and_outlives_the_file(house: House) -> None:
    async with house.client() as client:
        sent = {"files": {"file": ("a.txt", b"I agree")}, "data": {"purpose": "user_data"}}
        file = (await client.post("/v1/files", **sent)).json()["id"]  # type: ignore[arg-type]  # as the client takes it
        one = await recorded(client, evidence=file)
        await client.delete(f"/v1/files/{file}")
        read = await client.get(f"/seedbed/artifacts/{one['evidence']}")
    assert read.content == b"I agree"


async def test_they_are_listed_in_pages_the_newest_first(house: House) -> None:
    async with house.client() as client:
        made = [(await recorded(client))["id"] for _ in range(3)]
        first = (await client.get(PATH, params={"limit": 2})).json()
        last = first["data"][-1]["id"]
        rest = (await client.get(PATH, params={"limit": 2, "after": last})).json()
    ids = [one["id"] for one in (*first["data"], *rest["data"])]
    assert sorted(ids) == sorted(made)
    assert (first["object"], first["has_more"], rest["has_more"]) == ("list", True, False)


async def test_one_that_is_withdrawn_tells_what_was_made_and_ends_what_waits(house: House) -> None:
    database = open_database(house.home / "seedbed.db")
    jobs = Jobs(database, currency="USD")
    async with house.client() as client:
        id_ = (await recorded(client))["id"]
        draft = Draft("film", {"ask": {"consent": id_}}, Owner("u", "p", "key_1"))
        job = await jobs.submit(draft, now=1)
        await Consents(database).note(Made(id_, "a" * 64, "", 5_000_000))
        answer = await client.post(f"{PATH}/{id_}/withdraw")
        again = await client.post(f"{PATH}/{id_}/withdraw")
    assert answer.status_code == 200
    told = answer.json()
    assert told["cancelled"] == [job.id]
    assert told["made"] == [{"artifact": "a" * 64, "job": None, "created_at": 5}]
    assert told["withdrawn_at"] is not None
    assert again.json() == told | {"cancelled": []}
    assert (await jobs.find(job.id)).state is State.CANCELLED
    database.close()


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"who": ""}, 400, "who"),
        ({"kind": "hand"}, 400, "kind"),
        ({"uses": []}, 400, "uses"),
        ({"uses": ["wars"]}, 400, "uses[0]"),
        ({"until": -1}, 400, "until"),
        ({"withdrawn": 1}, 400, None),
        ({"evidence": "0" * 64}, 404, None),
        ({"evidence": "file-ab12"}, 404, None),
        ({"evidence": "no file"}, 404, None),
    ],
)
async def test_what_is_no_consent_is_refused(
    house: House, more: dict[str, object], status: int, field: str | None
) -> None:
    async with house.client() as client:
        answer = await client.post(PATH, json=ASK | {"evidence": await evidence(client)} | more)
        assert (await client.get(PATH)).json()["data"] == []
    assert answer.status_code == status
    assert answer.json()["error"]["param"] == field


async def test_without_a_key_nobody_learns_of_any(house: House) -> None:
    async with house.client(authorization="") as client:
        for method, path in (("GET", PATH), ("POST", PATH), ("GET", f"{PATH}/consent_1")):
            assert (await client.request(method, path)).status_code == 401
