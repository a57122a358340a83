"""Files by Anthropic's own client, beside those of other vendors at the same path."""

from collections.abc import Iterator
from pathlib import Path

import anthropic
import httpx2
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import FileMetadata

from seedbed.api.anthropic.files import shown
from seedbed.kit.clock import FakeClock, SystemClock
from tests.api.files.doors import END, FORM, Doors, doors, part
from tests.api.running import served

VERSION = {"anthropic-version": "2023-06-01"}


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Doors]:
    with doors(home, clock) as opened:
        yield opened


def client_of(room: Doors, project: str = "p") -> AsyncAnthropic:
    return AsyncAnthropic(
        base_url="http://house",
        auth_token=room.key(project),
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=httpx2.ASGITransport(room.app)),
    )


async def ids(listed: object) -> list[str]:
    return [one.id async for one in listed]  # type: ignore[attr-defined]  # a page of the SDK's


def test_the_client_puts_finds_downloads_lists_and_deletes(home: Path) -> None:
    with (
        doors(home, SystemClock()) as room,
        served(room.app) as url,
        Anthropic(base_url=url, auth_token=room.key("p"), max_retries=0) as client,
    ):
        made = client.files.upload(file=("a.pdf", b"%PDF", "application/pdf"))
        assert client.files.retrieve_metadata(made.id) == made
        assert client.files.download(made.id).read() == b"%PDF"
        assert [one.id for one in client.files.list()] == [made.id]
        gone = client.files.delete(made.id)
        assert (gone.id, gone.type) == (made.id, "file_deleted")
        with pytest.raises(anthropic.NotFoundError, match="There is no file") as caught:
            client.files.download(made.id)
    assert caught.value.request_id
    assert caught.value.type == "not_found_error"


@pytest.mark.anyio
async def test_a_file_is_told_as_its_type_says(room: Doors) -> None:
    async with client_of(room) as client:
        made = await client.files.upload(file=("../a.txt", b"", "text/plain"))
        ends = await client.files.upload(file=b"x", expires_in_seconds=3600)
    told = FileMetadata.model_validate(made.model_dump(), strict=True)
    assert (told.filename, told.mime_type, told.size_bytes) == ("a.txt", "text/plain", 0)
    assert (told.type, told.downloadable, told.expires_at) == ("file", True, None)
    assert told.created_at.timestamp() == room.clock.wall()
    assert ends.expires_at
    assert (ends.expires_at - ends.created_at).total_seconds() == 3600


@pytest.mark.anyio
async def test_a_list_goes_on_page_by_page(room: Doors) -> None:
    async with client_of(room) as client, client_of(room, "q") as stranger:
        made = [(await client.files.upload(file=b"%d" % n)).id for n in range(5)]
        assert await ids(client.files.list(limit=2)) == made[::-1]
        named = await client.files.list(ids=[made[3], "file_no", made[1], made[3]])
        assert [one.id for one in named.data] == [made[3], made[1]]
        assert named.next_page is None
        assert await ids(stranger.files.list()) == []
        with pytest.raises(anthropic.NotFoundError):
            await stranger.files.list(page=f"page_{made[0]}")
        with pytest.raises(anthropic.BadRequestError, match="page 'x' is none"):
            await client.files.list(page="x")
        with pytest.raises(anthropic.BadRequestError, match="names 101 files"):
            await client.files.list(ids=[f"file_{n}" for n in range(101)])


@pytest.mark.anyio
async def test_older_clients_go_on_by_ids_and_show_their_key_in_their_own_header(
    room: Doors,
) -> None:
    """As releases up to 0.121 do."""
    headers = {"x-api-key": room.key("p"), **VERSION}
    transport = httpx2.ASGITransport(room.app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://house", headers=headers
    ) as client:
        sent = part("file", b"x", file="a") + END
        made = [
            (await client.post("/v1/files?beta=true", content=sent, headers=FORM)).json()["id"]
            for _ in range(4)
        ]
        for query, wanted, more in (
            ({"limit": 2}, made[:1:-1], True),
            ({"limit": 2, "after_id": made[2]}, made[1::-1], False),
            ({"limit": 2, "before_id": made[0]}, made[2:0:-1], True),
        ):
            told = (await client.get("/v1/files", params=query)).json()
            assert [one["id"] for one in told["data"]] == wanted
            assert (told["first_id"], told["last_id"]) == (wanted[0], wanted[-1])
            assert (told["has_more"], told["next_page"] is not None) == (more, more)


@pytest.mark.anyio
async def test_a_file_is_one_behind_every_door(room: Doors) -> None:
    async with room.client() as openai, client_of(room) as client:
        sent = part("purpose", b"batch") + part("file", b"x", file="a.txt") + END
        made = (await openai.post("/v1/files", content=sent, headers=FORM)).json()["id"]
        mine = (await client.files.upload(file=b"y")).id
        assert (await client.files.retrieve_metadata(made)).id == made.replace("-", "_")
        found = (await openai.get(f"/v1/files/{mine}")).json()
        ark = (await openai.get(f"/api/v3/files/{mine}")).json()
        listed = (await openai.get("/v1/files")).json()
    assert found["object"] == "file"
    assert found["id"] == ark["id"] == mine.replace("_", "-")
    assert [one["id"] for one in listed["data"]] == [found["id"], made]


@pytest.mark.anyio
async def test_another_projects_file_is_unknown(room: Doors) -> None:
    async with client_of(room) as client, client_of(room, "q") as stranger:
        made = await client.files.upload(file=b"x")
        files = stranger.files
        for ask in (files.retrieve_metadata, files.download, files.delete):
            with pytest.raises(anthropic.NotFoundError):
                await ask(made.id)


@pytest.mark.anyio
async def test_what_is_out_of_range_is_refused_and_leaves_nothing(room: Doors) -> None:
    async with client_of(room) as client:
        with pytest.raises(anthropic.BadRequestError, match="expires_in_seconds"):
            await client.files.upload(file=b"x", expires_in_seconds=60)
        with pytest.raises(anthropic.APIStatusError, match="longer than") as caught:
            await client.files.upload(file=b"x" * (room.longest + 1))
        with pytest.raises(anthropic.BadRequestError, match="limit"):
            await client.files.list(limit=1001)
    assert caught.value.status_code == 413
    assert await room.held() == set()


def test_only_our_own_ids_have_two_forms() -> None:
    assert shown("other") == "other"
