"""Files, whichever door they come by: bounded in memory, and nothing left of what breaks off."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterable
from pathlib import Path

import pytest
from starlette.types import Message, Scope

from seedbed.api.files.files import File
from seedbed.core.errors import ArtifactUnknown, ObjectUnknown, StoreUnusable
from seedbed.core.object import Object
from seedbed.kit.clock import FakeClock
from seedbed.store.blobs import Blobs
from seedbed.store.objects import Objects, Wish
from tests.api.files.doors import END, FORM, Doors, doors, part, pieces

pytestmark = pytest.mark.anyio

PIECE = 64 << 10


class Sending:
    """A caller who sends a body piece by piece, and may leave before its end."""

    def __init__(self, room: Doors, body: list[bytes] | AsyncGenerator[bytes]) -> None:
        self.status, self.sent = 0, 0
        self._room, self._body = room, pieces(*body) if isinstance(body, list) else body
        self._key = room.key("p")
        self.leaves = False

    async def post(self, path: str = "/v1/files") -> None:
        headers = {"authorization": f"Bearer {self._key}", **FORM}
        scope: Scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), told.encode()) for name, told in headers.items()],
        }
        await self._room.app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        piece = await anext(self._body, None)
        if piece is None and self.leaves:
            return {"type": "http.disconnect"}
        self.sent += len(piece or b"")
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def _send(self, message: Message) -> None:
        self.status = message.get("status", self.status)


@pytest.mark.parametrize("leaves", [True, False])
@pytest.mark.parametrize("room_for_more", [0, 5])
async def test_a_body_that_is_cut_off_leaves_nothing(
    room: Doors, room_for_more: int, *, leaves: bool
) -> None:
    whole = part("purpose", b"batch") + part("file", b"x" * 1000, file="a") + END
    cut = whole[: -len(END) - 500 + 100 * room_for_more]
    caller = Sending(room, [cut[:300], cut[300:]])
    caller.leaves = leaves
    await caller.post()
    assert caller.status == 400
    assert await room.held() == set()
    page = await room.files.page("p", Wish())
    assert page == ([], False)
    assert not any((room.home / "artifacts" / "incoming").iterdir())


async def test_a_hundred_megabytes_pass_through_and_few_pieces_are_held(
    home: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has come and is not yet with the store is counted, at each piece that comes."""
    total, taken, most = 100 << 20, 0, 0
    put = Blobs.put

    async def counted(stream: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
        nonlocal taken
        async for piece in stream:
            taken += len(piece)
            yield piece

    async def slow_put(self: Blobs, key: str, stream: AsyncIterable[bytes]) -> None:
        await put(self, key, counted(stream))

    async def sent() -> AsyncGenerator[bytes]:
        nonlocal most
        yield part("purpose", b"user_data") + part("file", file="a")[:-2]
        for _ in range(total // PIECE):
            most = max(most, caller.sent - taken)
            yield b"x" * PIECE
        yield b"\r\n" + END

    monkeypatch.setattr(Blobs, "put", slow_put)
    with doors(home, clock, longest=total) as room:
        caller = Sending(room, sent())
        await caller.post()
        ((file,), _) = await room.files.page("p", Wish())
    assert caller.status == 200
    assert file.size == total
    assert most < 3 * PIECE
    digest = hashlib.sha256()
    for _ in range(total // PIECE):
        digest.update(b"x" * PIECE)
    assert file.hash == digest.hexdigest()


async def test_a_row_that_cannot_be_written_lets_go_of_the_bytes(
    room: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Object) -> None:
        raise StoreUnusable("no", hint="no", reason="no")

    monkeypatch.setattr(Objects, "put", refuse)
    with pytest.raises(StoreUnusable):
        await room.files.write(pieces(b"x"), _file("file-1"))
    assert await room.held() == set()


async def test_what_a_stream_raises_passes_and_nothing_is_kept(room: Doors) -> None:
    async def broken() -> AsyncGenerator[bytes]:
        yield b"x"
        raise ArtifactUnknown("gone")

    with pytest.raises(ArtifactUnknown):
        await room.files.write(broken(), _file("file-1"))
    assert await room.held() == set()


async def test_a_page_goes_on_from_a_file_in_either_direction(room: Doors) -> None:
    for n in range(5):
        await room.files.write(pieces(b"%d" % n), _file(f"file-{n}"))
    for wish, ids, more in (
        (Wish(2), "43", True),
        (Wish(2, after="file_3"), "21", True),
        (Wish(9, after="file-3"), "210", False),
        (Wish(2, before="file_1"), "32", True),
        (Wish(9, before="file-1"), "432", False),
        (Wish(9, before="file-4"), "", False),
        (Wish(2, newest_first=False), "01", True),
    ):
        files, has_more = await room.files.page("p", wish)
        assert (([file.id[-1] for file in files]), has_more) == (list(ids), more)


async def test_a_page_of_few_among_many_is_found(
    room: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.api.files.files.MOST_LISTED", 2)
    for n in range(7):
        purpose = "batch" if n % 3 == 0 else "vision"
        await room.files.write(pieces(b"x"), _file(f"file-{n}", purpose))
    for wish, ids, more in (
        (Wish(2), "63", True),
        (Wish(3), "630", False),
        (Wish(1, before="file-0"), "3", True),
        (Wish(5, before="file-0"), "63", False),
    ):
        files, has_more = await room.files.page("p", wish, "batch".__eq__)
        assert (([file.id[-1] for file in files]), has_more) == (list(ids), more)


async def test_who_deletes_second_finds_none(room: Doors) -> None:
    file = await room.files.write(pieces(b"x"), _file("file-1"))
    await room.files.remove(file)
    with pytest.raises(ObjectUnknown):
        await room.files.remove(file)
    assert await room.held() == set()


async def test_a_file_is_read_back_as_it_was_put(room: Doors) -> None:
    told = {"hash": hashlib.sha256(b"x").hexdigest(), "size": 1, "until": room.files.now + 10**6}
    file = await room.files.write(pieces(b"x"), _file("file-1", until=told["until"]))
    found = await room.files.find("file_1", "p")
    assert {name: getattr(found, name) for name in told} == told
    assert (found.id, found.more) == (file.id, {})


def _file(id_: str, purpose: str = "user_data", until: object = None) -> File:
    return File(id_, "p", 1, "", 0, "a", "text/plain", purpose, until)  # type: ignore[arg-type]
