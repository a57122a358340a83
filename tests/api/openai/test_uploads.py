"""Uploads in parts, by OpenAI's own client: completed, refused, cancelled, over after an hour."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types import Upload
from openai.types.uploads import UploadPart

from seedbed.core.errors import ObjectUnknown
from seedbed.core.object import Object
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.objects import Objects
from tests.api.files.doors import END, FORM, Doors, code, doors, part
from tests.api.running import served

ALL = b"0123456789"


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Doors]:
    with doors(home, clock) as opened:
        yield opened


def client_of(room: Doors, project: str = "p") -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url="http://house/v1",
        api_key=room.key(project),
        max_retries=0,
        http_client=room.client(project),
    )


async def begun(client: AsyncOpenAI, size: int = len(ALL)) -> Upload:
    return await client.uploads.create(
        bytes=size, filename="a/b.txt", mime_type="text/plain", purpose="user_data"
    )


def test_the_client_uploads_in_parts_by_itself(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "whole.jsonl"
    file.write_bytes(ALL * 100)
    with (
        doors(home, SystemClock()) as room,
        served(room.app) as url,
        OpenAI(base_url=f"{url}/v1", api_key=room.key("p"), max_retries=0) as client,
    ):
        done = client.uploads.upload_file_chunked(
            file=file, mime_type="jsonl", purpose="batch", part_size=300
        )
        assert done.file
        assert client.files.content(done.file.id).read() == ALL * 100
        assert done.file.filename == "whole.jsonl"
        assert done.file.expires_at == done.file.created_at + 30 * 86_400


@pytest.mark.anyio
async def test_parts_are_joined_in_the_order_of_the_end(room: Doors) -> None:
    async with client_of(room) as client:
        upload = await begun(client)
        second = await client.uploads.parts.create(upload.id, data=ALL[4:])
        first = await client.uploads.parts.create(upload.id, data=ALL[:4])
        done = await client.uploads.complete(
            upload.id, part_ids=[first.id, second.id], md5=hashlib.md5(ALL).hexdigest().upper()
        )
        assert done.file
        assert (await client.files.content(done.file.id)).read() == ALL
    Upload.model_validate(done.model_dump(), strict=True)
    UploadPart.model_validate(first.model_dump(), strict=True)
    assert (upload.status, upload.file, done.status) == ("pending", None, "completed")
    assert (done.file.filename, done.file.purpose) == ("b.txt", "user_data")
    assert upload.expires_at == upload.created_at + 3600


@pytest.mark.anyio
async def test_an_upload_of_nothing_is_a_file_of_nothing(room: Doors) -> None:
    async with client_of(room) as client:
        upload = await begun(client, 0)
        done = await client.uploads.complete(upload.id, part_ids=[])
        assert done.file
        assert done.file.bytes == 0


@pytest.mark.anyio
async def test_a_file_of_an_upload_ends_when_its_wish_says(room: Doors) -> None:
    async with client_of(room) as client:
        upload = await client.uploads.create(
            bytes=0,
            filename="a",
            mime_type="x",
            purpose="vision",
            expires_after={"anchor": "created_at", "seconds": 3600},
        )
        done = await client.uploads.complete(upload.id, part_ids=[])
    assert done.file
    assert done.file.expires_at == done.file.created_at + 3600


@pytest.mark.anyio
async def test_parts_that_are_not_as_announced_make_no_file(room: Doors) -> None:
    async with client_of(room) as client:
        upload, other = await begun(client), await begun(client)
        mine = await client.uploads.parts.create(upload.id, data=ALL)
        others = await client.uploads.parts.create(other.id, data=ALL)
        for parts, md5, said in (
            ([], None, "0 bytes together"),
            ([mine.id, mine.id], None, "20 bytes together"),
            ([others.id], None, "another upload's"),
            ([mine.id], "0" * 32, "MD5 of the parts"),
        ):
            with pytest.raises(openai.BadRequestError, match=said):
                await client.uploads.complete(upload.id, part_ids=parts, md5=md5 or openai.omit)
        with pytest.raises(openai.NotFoundError):
            await client.uploads.complete(upload.id, part_ids=["part_no"])
        assert [one async for one in client.files.list()] == []
        done = await client.uploads.complete(upload.id, part_ids=[mine.id])
        assert done.file
    assert await room.held() == {others.id, done.file.id}


@pytest.mark.anyio
async def test_an_upload_ends_once(room: Doors) -> None:
    async with client_of(room) as client:
        done, cancelled = await begun(client, 0), await begun(client)
        await client.uploads.complete(done.id, part_ids=[])
        assert (await client.uploads.cancel(cancelled.id)).status == "cancelled"
        for upload in (done, cancelled):
            with pytest.raises(openai.NotFoundError):
                await client.uploads.complete(upload.id, part_ids=[])
            with pytest.raises(openai.NotFoundError):
                await client.uploads.cancel(upload.id)
            with pytest.raises(openai.NotFoundError):
                await client.uploads.parts.create(upload.id, data=b"x")


@pytest.mark.anyio
async def test_who_completes_second_leaves_no_file(
    room: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = Objects.remove

    async def second(self: Objects, kind: str, id_: str, project: str) -> Object:
        if kind == "upload":
            raise ObjectUnknown(kind, id_)
        return await remove(self, kind, id_, project)

    monkeypatch.setattr(Objects, "remove", second)
    async with client_of(room) as client:
        upload = await begun(client, 0)
        with pytest.raises(openai.NotFoundError):
            await client.uploads.complete(upload.id, part_ids=[])
        assert [one async for one in client.files.list()] == []
    assert await room.held() == set()


@pytest.mark.anyio
async def test_after_an_hour_it_is_over_and_so_are_its_parts(room: Doors, clock: FakeClock) -> None:
    async with client_of(room) as client:
        upload = await begun(client)
        await client.uploads.parts.create(upload.id, data=ALL)
        await clock.advance(3600)
        with pytest.raises(openai.NotFoundError):
            await client.uploads.cancel(upload.id)
    await room.artifacts.sweep()
    assert await room.held() == set()


@pytest.mark.anyio
async def test_another_projects_upload_is_unknown(room: Doors) -> None:
    async with client_of(room) as client, client_of(room, "q") as stranger:
        upload = await begun(client)
        mine = await client.uploads.parts.create(upload.id, data=ALL)
        theirs = await begun(stranger)
        with pytest.raises(openai.NotFoundError):
            await stranger.uploads.parts.create(upload.id, data=ALL)
        with pytest.raises(openai.NotFoundError):
            await stranger.uploads.complete(theirs.id, part_ids=[mine.id])


@pytest.mark.anyio
async def test_what_is_too_long_is_refused_before_and_as_it_comes(room: Doors) -> None:
    async with client_of(room) as client, room.client() as plain:
        with pytest.raises(openai.APIStatusError, match="longer than"):
            await begun(client, room.longest + 1)
        upload = await begun(client, 3)
        with pytest.raises(openai.APIStatusError, match="longer than"):
            await client.uploads.parts.create(upload.id, data=ALL)
        told = await plain.post(
            f"/v1/uploads/{upload.id}/parts", content=part("file", b"x") + END, headers=FORM
        )
    assert code(told) == (400, "request_malformed")
    assert told.json()["error"]["param"] == "data"
    assert await room.held() == set()
