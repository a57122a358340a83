"""A medium's bytes are had from wherever it says that they are, once."""

import base64

import pytest

from seedbed.core.errors import ArtifactUnknown
from seedbed.core.message import Media, MediaKind
from seedbed.kit.clock import FakeClock
from seedbed.kit.media.errors import MediumFault
from seedbed.serving.media.sources import ArtifactShelf, Sources, called
from seedbed.store.database import Database
from tests.kit.http.serving import each, serving, whole
from tests.serving.media.shops import HASH, WITHIN, Kept
from tests.store import shelves

pytestmark = pytest.mark.anyio


def medium(source: str | bytes) -> Media:
    return Media(MediaKind.IMAGE, source)


def sources(shelf: Kept | None = None, *, most: int = 9) -> Sources:
    return Sources(WITHIN, shelf or Kept(b"kept"), "default", most)


async def test_bytes_are_had_from_where_they_are() -> None:
    uri = f"data:image/png;base64,{base64.b64encode(b'written').decode()}"
    kept = (HASH, b"kept"), ("file-ab12", b"kept"), ("file_ab12", b"kept")
    for source, data in ((b"given", b"given"), (uri, b"written"), *kept):
        assert await sources().bytes_of(medium(source)) == data


async def test_the_same_address_is_fetched_once() -> None:
    async with serving(each(whole(b"fetched"))) as server:
        found = sources()
        for _ in range(3):
            assert await found.bytes_of(medium(server.url.upper())) == b"fetched"
    assert server.opened == 1


@pytest.mark.parametrize("source", ["", "cat.png", "file:///etc/passwd", "ab" * 31])
async def test_what_is_no_address_is_refused(source: str) -> None:
    with pytest.raises(MediumFault, match="neither an http or https address nor a data URI"):
        await sources().bytes_of(medium(source))


async def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(MediumFault, match="more than 3 bytes"):
        await sources(most=3).bytes_of(medium(b"four"))


async def test_an_artifact_of_another_project_is_as_unknown_as_any() -> None:
    with pytest.raises(ArtifactUnknown):
        await sources(Kept(b"kept", "other")).bytes_of(medium(HASH))


async def test_the_shelf_of_a_house_reads_what_a_project_holds(
    database: Database, home: object, clock: FakeClock
) -> None:
    artifacts = shelves.build(database, home, clock)  # type: ignore[arg-type]
    kept = await shelves.put(artifacts, b"kept")

    async def hash_of(id_: str, project: str) -> str:
        assert (id_, project) == ("file-ab12", "p")
        return kept.hash

    shelf = ArtifactShelf(artifacts, hash_of)
    assert await shelf.read(kept.hash, "p", most=4) == b"kept"
    assert await shelf.read("file-ab12", "p", most=4) == b"kept"
    with pytest.raises(MediumFault, match="it has 4 bytes, and 3 is the most"):
        await shelf.read(kept.hash, "p", most=3)
    with pytest.raises(ArtifactUnknown):
        await shelf.read(kept.hash, "q", most=4)


def test_a_medium_is_called_by_its_address_without_its_secrets() -> None:
    assert called(medium("https://user:word@host/cat?token=1")) == "at 'host/cat'"
    for source in (b"x", "data:image/png;base64,x", "DATA:image/png;base64,x"):
        assert called(medium(source)) == "that was sent along"
