"""Files by OpenAI's own client, over HTTP and in process; the wire where a client would not go."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types import FileObject

from seedbed.core.access import Scope
from seedbed.core.errors import ObjectUnknown
from seedbed.kit.clock import FakeClock, SystemClock
from tests.api.files.doors import END, FORM, Doors, code, doors, part
from tests.api.running import served

A_MONTH = 30 * 86_400


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Doors]:
    with doors(home, clock) as opened:
        yield opened


def client_of(room: Doors, project: str = "p") -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url="http://house/v1", api_key="k", max_retries=0, http_client=room.client(project)
    ).with_options(api_key=room.key(project))


def test_the_client_puts_finds_reads_lists_and_deletes(home: Path) -> None:
    with doors(home, SystemClock()) as room, served(room.app) as url:
        client = OpenAI(base_url=f"{url}/v1", api_key=room.key("p"), max_retries=0)
        with client:
            made = client.files.create(file=("a.jsonl", b"{}\n"), purpose="batch")
            again = client.files.create(file=b"", purpose="user_data")
            assert client.files.retrieve(made.id) == made
            assert client.files.content(made.id).read() == b"{}\n"
            assert client.files.content(again.id).read() == b""
            assert [one.id for one in client.files.list()] == [again.id, made.id]
            assert client.files.wait_for_processing(made.id).status == "processed"
            gone = client.files.delete(made.id)
            assert (gone.id, gone.deleted, gone.object) == (made.id, True, "file")
            with pytest.raises(openai.NotFoundError, match="no file"):
                client.files.content(made.id)
            with pytest.raises(openai.AuthenticationError):
                client.with_options(api_key="sk-no").files.list()


@pytest.mark.anyio
async def test_a_file_is_told_as_its_type_says(room: Doors) -> None:
    async with client_of(room) as client:
        ends: dict[str, object] = {"anchor": "created_at", "seconds": 3600}
        made = await client.files.create(
            file=("../../etc/a.pdf", b"%PDF", "application/pdf"),
            purpose="user_data",
            expires_after=ends,  # type: ignore[arg-type]  # a plain dictionary
        )
        told = FileObject.model_validate(made.model_dump(), strict=True)
    now = int(room.clock.wall())
    assert (told.filename, told.bytes, told.purpose) == ("a.pdf", 4, "user_data")
    assert (told.created_at, told.expires_at) == (now, now + 3600)
    assert (told.status, told.object) == ("processed", "file")


@pytest.mark.anyio
async def test_a_file_of_asks_ends_after_a_month_and_another_does_not(room: Doors) -> None:
    async with client_of(room) as client:
        asks = await client.files.create(file=b"{}", purpose="batch")
        other = await client.files.create(file=b"{}", purpose="assistants")
    assert asks.expires_at == int(room.clock.wall()) + A_MONTH
    assert other.expires_at is None


@pytest.mark.anyio
async def test_a_file_is_over_at_its_end_and_its_bytes_are_swept(
    room: Doors, clock: FakeClock
) -> None:
    async with client_of(room) as client:
        made = await client.files.create(file=b"{}", purpose="batch")
        await clock.advance(A_MONTH - 1)
        assert (await client.files.content(made.id)).read() == b"{}"
        await clock.advance(1)
        with pytest.raises(openai.NotFoundError):
            await client.files.retrieve(made.id)
        assert [one async for one in client.files.list()] == []
    assert (await room.artifacts.sweep()).artifacts == 1


@pytest.mark.anyio
async def test_another_projects_files_are_as_unknown_as_none(room: Doors) -> None:
    async with client_of(room) as ours, client_of(room, "q") as theirs:
        made = await ours.files.create(file=b"{}", purpose="batch")
        for ask in (theirs.files.retrieve, theirs.files.content, theirs.files.delete):
            with pytest.raises(openai.NotFoundError, match="There is no file"):
                await ask(made.id)
        with pytest.raises(openai.NotFoundError):
            _ = [one async for one in theirs.files.list(after=made.id)]
        assert [one async for one in theirs.files.list()] == []
        assert (await ours.files.retrieve(made.id)).id == made.id


@pytest.mark.anyio
async def test_a_message_finds_a_files_bytes_by_either_form_of_its_id(room: Doors) -> None:
    async with client_of(room) as client:
        made = await client.files.create(file=b"{}", purpose="batch")
    for id_ in (made.id, made.id.replace("file-", "file_")):
        hash_ = await room.files.hash_of(id_, "p")
        assert (await room.artifacts.find(hash_, "p")).size == 2
    with pytest.raises(ObjectUnknown):
        await room.files.hash_of(made.id, "q")


@pytest.mark.anyio
async def test_a_list_is_paged_in_either_order_and_by_purpose(room: Doors) -> None:
    async with client_of(room) as client:
        made = [
            (await client.files.create(file=b"%d" % n, purpose=purpose)).id
            for n in range(4)
            for purpose in ("batch", "user_data")
        ]
        newest = [one.id async for one in client.files.list(limit=3)]
        oldest = [one.id async for one in client.files.list(limit=1, order="asc")]
        asks = [one.id async for one in client.files.list(limit=1, purpose="batch")]
        page = await client.files.list(limit=3)
        others = await client.files.list(purpose="user_data")
    assert newest == made[::-1]
    assert oldest == made
    assert asks == made[::-1][1::2]
    assert (len(page.data), page.has_more) == (3, True)
    assert [one.id for one in others.data] == made[::-1][::2]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "10001"}, {"limit": "x"}, {"order": "up"}]
)
async def test_a_list_that_cannot_be_is_refused_by_name(room: Doors, query: dict[str, str]) -> None:
    async with room.client() as client:
        told = await client.get("/v1/files", params=query)
    assert code(told) == (400, "request_malformed")
    assert told.json()["error"]["param"] == next(iter(query))


@pytest.mark.anyio
@pytest.mark.parametrize("id_", ["nope", "a b", "file-" + "a" * 90, "%00", "é"])
async def test_what_is_no_id_is_unknown(room: Doors, id_: str) -> None:
    async with room.client() as client:
        for told in (
            await client.get(f"/v1/files/{id_}"),
            await client.delete(f"/v1/files/{id_}"),
            await client.get("/v1/files", params={"after": id_}),
        ):
            assert code(told) == (404, "object_unknown")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (part("purpose", b"batch"), "file"),
        (part("file", b"x", file="a"), None),
        (part("file", b"x", file="a") + part("purpose", b"dessert"), "purpose"),
        (
            part("file", b"x", file="a")
            + part("purpose", b"batch")
            + part("expires_after[anchor]", b"created_at")
            + part("expires_after[seconds]", b"60"),
            "expires_after.seconds",
        ),
    ],
)
async def test_a_form_that_is_refused_leaves_nothing_behind(
    room: Doors, sent: bytes, field: str | None
) -> None:
    async with room.client() as client:
        told = await client.post("/v1/files", content=sent + END, headers=FORM)
        assert code(told) == (400, "request_malformed")
        assert told.json()["error"]["param"] == field
        assert (await client.get("/v1/files")).json()["data"] == []
    assert await room.held() == set()


@pytest.mark.anyio
async def test_fields_may_stand_behind_the_file(room: Doors) -> None:
    sent = part("file", b"x", file="a", media="TEXT/PLAIN") + part("purpose", b"batch") + END
    async with room.client() as client:
        made = (await client.post("/v1/files", content=sent, headers=FORM)).json()
        read = await client.get(f"/v1/files/{made['id']}/content")
    assert (read.content, read.headers["content-type"]) == (b"x", "text/plain")


@pytest.mark.anyio
async def test_the_same_bytes_under_two_names_are_two_files(room: Doors) -> None:
    async with client_of(room) as client:
        for name in ("a.txt", "b.txt"):
            await client.files.create(file=(name, b"same", "text/plain"), purpose="user_data")
        second, first = [one async for one in client.files.list()]
        assert [first.filename, second.filename] == ["a.txt", "b.txt"]
        await client.files.delete(first.id)
        content = await client.files.content(second.id)
        assert content.read() == b"same"
        assert "b.txt" in content.response.headers["content-disposition"]


@pytest.mark.anyio
async def test_content_is_handed_out_in_parts_and_never_runs(room: Doors) -> None:
    async with client_of(room) as client, room.client() as plain:
        made = await client.files.create(file=("a.html", b"<b>0", "text/html"), purpose="user_data")
        url = f"/v1/files/{made.id}/content"
        some = await plain.get(url, headers={"range": "bytes=1-2"})
        assert (some.status_code, some.content) == (206, b"b>")
        assert some.headers["content-disposition"].startswith("attachment")
        assert some.headers["etag"] == f'"{hashlib.sha256(b"<b>0").hexdigest()}"'


@pytest.mark.anyio
async def test_a_key_without_the_right_is_refused(room: Doors) -> None:
    key = room.key("p", Scope.METRICS)
    async with room.client() as client:
        told = await client.get("/v1/files", headers={"authorization": f"Bearer {key}"})
        wrong = await client.put("/v1/files")
    assert code(told) == (403, "scope_missing")
    assert wrong.status_code == 405


@pytest.mark.anyio
async def test_who_was_deleted_by_another_meanwhile_is_unknown(room: Doors) -> None:
    async with client_of(room) as client:
        made = await client.files.create(file=b"x", purpose="batch")
    file = await room.files.find(made.id, "p")
    await room.artifacts.release(file.hash, file.id)
    await room.files.remove(file)
    assert await room.held() == set()


@pytest.mark.anyio
async def test_a_file_that_is_too_long_is_refused_whether_or_not_it_says_so(room: Doors) -> None:
    sent = part("purpose", b"batch") + part("file", b"x" * (room.longest + 1), file="a") + END

    async def unsaid() -> object:
        yield sent

    async with room.client() as client:
        told = await client.post("/v1/files", content=sent, headers=FORM)
        longer = await client.post("/v1/files", content=sent + sent, headers=FORM)
        chunked = await client.post("/v1/files", content=unsaid(), headers=FORM)  # type: ignore[arg-type]
    assert code(told) == code(longer) == code(chunked) == (413, "request_too_large")
    assert await room.held() == set()
