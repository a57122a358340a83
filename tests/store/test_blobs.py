"""Blobs in a folder and in a bucket: there whole or not at all, and what goes wrong is told."""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path

import obstore
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from obstore.exceptions import GenericError

from seedbed.core.errors import DiskFull, SettingRefused, StoreUnusable
from seedbed.kit import atomic
from seedbed.store import blobs as blobs_module
from seedbed.store.blobs import Blobs, open_blobs
from tests.store import bucket
from tests.store.bucket import Bucket

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def shelf() -> Iterator[Bucket]:
    with bucket.lent() as lent:
        yield lent


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, home: Path) -> Blobs:
    if request.param == "folder":
        return open_blobs("", home, {})
    shelf: Bucket = request.getfixturevalue("shelf")
    return open_blobs("s3://shelf/a/prefix", home, shelf.environment)


async def stream(*pieces: bytes) -> AsyncGenerator[bytes]:
    for piece in pieces:
        yield piece


async def broken(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    raise LookupError("the caller has left")


async def content(blobs: Blobs, key: str, start: int, stop: int) -> bytes:
    return b"".join([piece async for piece in blobs.read(key, start, stop)])


async def keys(blobs: Blobs) -> set[str]:
    return {blob.key async for page in blobs.all() for blob in page}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    pieces=st.lists(st.binary(max_size=9), max_size=5), ends=st.tuples(*[st.integers(0, 45)] * 2)
)
async def test_what_was_put_is_read_whole_and_in_every_part(
    blobs: Blobs, pieces: list[bytes], ends: tuple[int, int]
) -> None:
    whole = b"".join(pieces)
    start, stop = sorted(min(end, len(whole)) for end in ends)
    await blobs.put("ab/cd", stream(*pieces))
    assert await content(blobs, "ab/cd", 0, len(whole)) == whole
    assert await content(blobs, "ab/cd", start, stop) == whole[start:stop]


async def test_a_long_one_comes_in_pieces(blobs: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    for length in ("PIECE", "FAR_PIECE"):
        monkeypatch.setattr(blobs_module, length, 4)
    await blobs.put("ab/cd", stream(b"0123456789"))
    assert [piece async for piece in blobs.read("ab/cd", 1, 10)] == [b"1234", b"5678", b"9"]


async def test_one_of_many_parts_is_whole(blobs: Blobs) -> None:
    part = os.urandom(1 << 20)
    await blobs.put("ab/cd", stream(*[part] * 12))
    assert await content(blobs, "ab/cd", 0, 12 << 20) == part * 12


async def test_an_upload_that_breaks_leaves_nothing_and_says_why(blobs: Blobs) -> None:
    with pytest.raises(LookupError, match="the caller has left"):
        await blobs.put("ab/cd", broken(b"x" * (6 << 20)))
    assert await keys(blobs) == set()
    assert await blobs.find("ab/cd") is None


async def test_a_copy_takes_the_place_of_what_is_there(blobs: Blobs) -> None:
    await blobs.put("in/1", stream(b"new"))
    await blobs.put("ab/cd", stream(b"older"))
    await blobs.copy("in/1", "ab/cd")
    assert await content(blobs, "ab/cd", 0, 3) == b"new"
    found = await blobs.find("ab/cd")
    assert found
    assert (found.key, found.size) == ("ab/cd", 3)
    assert await keys(blobs) == {"in/1", "ab/cd"}


async def test_what_is_deleted_is_gone_and_may_be_deleted_again(blobs: Blobs) -> None:
    await blobs.put("ab/cd", stream(b"x"))
    for _ in range(2):
        await blobs.delete("ab/cd")
        assert await keys(blobs) == set()
    with pytest.raises(FileNotFoundError):
        await content(blobs, "ab/cd", 0, 1)


async def test_more_bytes_than_there_are_cannot_be_read(blobs: Blobs) -> None:
    await blobs.put("ab/cd", stream(b"abc"))
    with pytest.raises(FileNotFoundError, match="ab/cd"):
        await content(blobs, "ab/cd", 2, 4)


async def test_in_a_folder_the_bytes_reach_the_disk_before_anybody_relies_on_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(atomic, "flush", flushed.append)
    blobs = open_blobs("", home, {})
    await blobs.put("in/1", stream(b"x"))
    await blobs.copy("in/1", "ab/cd")
    folder = home / "artifacts"
    assert flushed == [folder / "in/1", folder / "in", folder / "ab/cd", folder / "ab"]


async def test_in_a_folder_what_was_half_written_is_found_by_its_age(home: Path) -> None:
    blobs = open_blobs("", home, {})
    await blobs.put("ab/cd", stream(b"x"))
    old, young = home / "artifacts/in/1#1", home / "artifacts/ab/cd#0"
    old.parent.mkdir()
    for path, at in ((old, 100), (young, 300)):
        path.write_bytes(b"rest")
        os.utime(path, (at, at))
    assert blobs.sweep(200 * 10**6) == 4
    assert (old.exists(), young.exists()) == (False, True)
    assert await keys(blobs) == {"ab/cd"}


async def test_a_bucket_looks_after_its_half_written_ones_itself(home: Path, shelf: Bucket) -> None:
    assert open_blobs("s3://shelf", home, shelf.environment).sweep(1) == 0
    assert shelf.asked == []


async def test_a_bucket_is_asked_below_its_prefix_alone(home: Path, shelf: Bucket) -> None:
    blobs = open_blobs("s3://shelf/a/prefix", home, shelf.environment)
    shelf.objects["else/x"] = (b"", bucket.datetime.now(bucket.UTC))
    await blobs.put("ab/cd", stream(b"x"))
    assert set(shelf.objects) == {"else/x", "a/prefix/ab/cd"}
    assert await keys(blobs) == {"ab/cd"}


async def test_what_a_bucket_refuses_is_told_without_a_secret(home: Path, shelf: Bucket) -> None:
    blobs = open_blobs("s3://shelf", home, shelf.environment)
    shelf.refuses = 403
    with pytest.raises(StoreUnusable, match="artifacts in s3://shelf cannot be used") as refused:
        await blobs.put("ab/cd", stream(b"x"))
    assert bucket.SECRET not in f"{refused.value!r} {refused.value.__cause__}"


@pytest.mark.parametrize("number", [28, 122])
async def test_a_full_disk_is_told_with_its_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    blobs = open_blobs("", home, {})

    async def full(*_: object, **__: object) -> None:
        raise GenericError(f"Generic error: cannot write: no room (os error {number})\n\nDebug")

    monkeypatch.setattr(obstore, "put_async", full)
    with pytest.raises(DiskFull, match=str(home / "artifacts")):
        await blobs.put("ab/cd", stream(b"x"))


def test_a_folder_of_artifacts_is_its_owners_alone(home: Path) -> None:
    home.mkdir(mode=0o755)
    open_blobs("", home, {})
    assert (home / "artifacts").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_told(home: Path) -> None:
    home.write_text("no folder")
    with pytest.raises(StoreUnusable, match="artifacts"):
        open_blobs("", home, {})


def test_a_bucket_without_access_is_told_and_no_secret_is(home: Path) -> None:
    with pytest.raises(SettingRefused, match="'artifacts' is 's3://shelf'") as refused:
        open_blobs("s3://shelf", home, {"AWS_SECRET_ACCESS_KEY": "secret", "AWS_NOPE": "x"})
    assert "secret" not in refused.value.what
    assert refused.value.__cause__ is None
