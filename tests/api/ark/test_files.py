"""Files by Ark's own clients, Volcengine's and BytePlus's, and by OpenAI's pointed at its root."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import AsyncOpenAI

from seedbed.kit.clock import FakeClock, SystemClock
from tests.api.ark.vendor import BYTEPLUS, RAISED, TYPES, VOLCENGINE
from tests.api.files.doors import END, FORM, Doors, doors, part
from tests.api.running import served

A_WEEK = 7 * 86_400
ROOT = "/api/v3"


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Doors]:
    with doors(home, clock) as opened:
        yield opened


def client_of(room: Doors, project: str = "p") -> Any:
    return VOLCENGINE.AsyncArk(
        base_url=f"http://house{ROOT}",
        api_key=room.key(project),
        max_retries=0,
        http_client=httpx.AsyncClient(transport=httpx.ASGITransport(room.app)),
    )


@pytest.mark.parametrize("sdk", [VOLCENGINE, BYTEPLUS])
@pytest.mark.parametrize("root", [ROOT, "/api/coding/v3", "/api/plan/v3"])
def test_the_client_puts_finds_waits_lists_and_deletes(home: Path, sdk: Any, root: str) -> None:
    with doors(home, SystemClock()) as room, served(room.app) as url:
        client = sdk.Ark(base_url=f"{url}{root}", api_key=room.key("p"), max_retries=0)
        with client:
            made = client.files.create(file=("a.mp4", b"film", "video/mp4"), purpose="user_data")
            assert client.files.wait_for_processing(made.id).status == "active"
            assert client.files.retrieve(made.id) == made
            assert [one.id for one in client.files.list()] == [made.id]
            gone = client.files.delete(made.id)
            assert (gone.id, gone.deleted, gone.object) == (made.id, True, "file")
            with pytest.raises(Exception, match="There is no file") as caught:
                client.files.retrieve(made.id)
    assert type(caught.value).__name__ == "ArkNotFoundError"


@pytest.mark.anyio
async def test_a_file_is_told_as_its_type_says(room: Doors) -> None:
    async with client_of(room) as client:
        made = await client.files.create(
            file=("a.mp4", b"film", "video/mp4"),
            purpose="agent",
            preprocess_configs={"video": {"fps": 0.5, "model": "m", "max_video_tokens": 10_240}},
        )
        plain = await client.files.create(file=("", b"", "x"), purpose="user_data")
    told = TYPES.file_object.FileObject.model_validate(made.model_dump(), strict=True)
    now = int(room.clock.wall())
    assert (told.bytes, told.filename, told.mime_type) == (4, "a.mp4", "video/mp4")
    assert (told.created_at, told.expire_at) == (now, now + A_WEEK)
    assert (told.purpose, told.status, told.error) == ("agent", "active", None)
    assert told.preprocess_configs == {
        "video": {"fps": 0.5, "model": "m", "max_video_tokens": 10_240}
    }
    assert (plain.bytes, plain.preprocess_configs) == (0, None)


@pytest.mark.anyio
@pytest.mark.parametrize("shape", ["seconds", "zoned", "plain"])
async def test_a_file_ends_when_its_caller_says(room: Doors, shape: str) -> None:
    end = int(room.clock.wall()) + 60
    zoned = datetime.fromtimestamp(end, UTC)
    said = {"seconds": str(end), "zoned": str(zoned), "plain": str(zoned.replace(tzinfo=None))}
    sent = part("purpose", b"agent") + part("expire_at", said[shape].encode())
    async with room.client() as client:
        sent += part("file", b"x", file="a") + END
        told = (await client.post(f"{ROOT}/files", content=sent, headers=FORM)).json()
    assert told["expire_at"] == end


@pytest.mark.anyio
@pytest.mark.parametrize("moment", ["1", "soon", "0", str(10**15), "99999999999999999999999"])
async def test_an_end_that_is_none_is_refused_and_leaves_nothing(room: Doors, moment: str) -> None:
    sent = part("purpose", b"agent") + part("expire_at", moment.encode())
    async with room.client() as client:
        sent += part("file", b"x", file="a") + END
        told = await client.post(f"{ROOT}/files", content=sent, headers=FORM)
    assert told.status_code == 400
    assert told.json()["error"]["param"] == "expire_at"
    assert await room.held() == set()


@pytest.mark.anyio
@pytest.mark.parametrize("fps", ["0", "inf", "nan", "many"])
async def test_what_is_said_of_videos_is_read_as_it_is_typed(room: Doors, fps: str) -> None:
    sent = part("purpose", b"agent") + part("preprocess_configs[video][fps]", fps.encode())
    async with room.client() as client:
        sent += part("file", b"x", file="a") + END
        told = await client.post(f"{ROOT}/files", content=sent, headers=FORM)
    assert told.status_code == 400
    assert told.json()["error"]["param"] == "preprocess_configs.video.fps"


@pytest.mark.anyio
async def test_a_file_from_elsewhere_is_refused_by_name(room: Doors) -> None:
    async with client_of(room) as client:
        for more in ({"url": "http://x/y"}, {"tos": {"bucket": "b", "prefix": "p"}}):
            with pytest.raises(
                RAISED.ArkBadRequestError, match=f"'{next(iter(more))}'.*not served"
            ):
                await client.files.create(purpose="user_data", **more)
        with pytest.raises(RAISED.ArkBadRequestError, match="'file' is missing"):
            await client.files.create(purpose="user_data")
    assert await room.held() == set()


@pytest.mark.anyio
async def test_a_list_is_paged_by_purpose_and_order_and_stays_in_its_project(room: Doors) -> None:
    async with client_of(room) as client, client_of(room, "q") as stranger:
        made = [
            (await client.files.create(file=b"%d" % n, purpose=purpose)).id
            for n in range(3)
            for purpose in ("user_data", "agent")
        ]
        assert [one.id async for one in await client.files.list(limit=2)] == made[::-1]
        assert [one.id async for one in await client.files.list(limit=1, order="asc")] == made
        agents = [one.id async for one in await client.files.list(limit=1, purpose="agent")]
        others = await client.files.list(purpose="user_data")
        assert (agents, [one.id for one in others.data]) == (made[::-1][::2], made[::-1][1::2])
        assert [one async for one in await stranger.files.list()] == []
        for ask in (stranger.files.retrieve, stranger.files.delete):
            with pytest.raises(RAISED.ArkNotFoundError):
                await ask(made[0])


@pytest.mark.anyio
async def test_a_delete_with_a_body_is_taken(room: Doors) -> None:
    async with client_of(room) as client, room.client() as plain:
        made = await client.files.create(file=b"x", purpose="agent")
        told = await plain.request("DELETE", f"{ROOT}/files/{made.id}", json={})
    assert told.json() == {"id": made.id, "object": "file", "deleted": True}


@pytest.mark.anyio
async def test_what_other_doors_were_told_is_told_in_arks_words(room: Doors) -> None:
    async with room.client() as client:
        sent = part("purpose", b"assistants") + part("file", b"x", file="a.txt") + END
        made = (await client.post("/v1/files", content=sent, headers=FORM)).json()["id"]
        told = (await client.get(f"{ROOT}/files/{made}")).json()
        agent = part("purpose", b"agent") + part("file", b"y", file="b") + END
        mine = (await client.post(f"{ROOT}/files", content=agent, headers=FORM)).json()["id"]
        as_openai = (await client.get(f"/v1/files/{mine}")).json()
        found = (await client.get("/v1/files", params={"purpose": "user_data"})).json()["data"]
        theirs = (await client.get(f"{ROOT}/files", params={"purpose": "user_data"})).json()["data"]
    assert (told["purpose"], told["expire_at"]) == ("user_data", 253_402_300_799)
    assert as_openai["purpose"] == "user_data"
    assert [one["id"] for one in found] == [mine]
    assert [one["id"] for one in theirs] == [made]


@pytest.mark.anyio
async def test_openais_client_pointed_here_puts_and_reads(room: Doors) -> None:
    async with AsyncOpenAI(
        base_url=f"http://house{ROOT}", api_key="k", max_retries=0, http_client=room.client()
    ) as client:
        client.api_key = room.key("p")
        made = await client.files.create(file=b"x", purpose="user_data")
        assert (await client.files.content(made.id)).read() == b"x"
