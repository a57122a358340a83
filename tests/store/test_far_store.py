"""What lies in the bucket: what is believed, what is deleted, and what is let be."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.errors import StoreUnusable
from seedbed.core.prefix import Link
from seedbed.kit.clock import FakeClock
from seedbed.store.blobs import open_bucket
from seedbed.store.far_store import FarStore
from seedbed.store.notes import LONGEST, Prefix, ends_of, sealed
from tests.store import bucket
from tests.store.bucket import Bucket

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CONTENT = os.urandom(1000)
HASH = hashlib.sha256(CONTENT).hexdigest()
ENDS = ends_of([Link(b"a", 64), Link(b"b", 128)])
ONE = Prefix("maker", "owner", ENDS, tokens=40, seconds=1.5, size=1000, sha256=HASH)
NOTE_KEY, BODY_KEY = f"{ONE.name}.note", f"{ONE.name}.{HASH}.kv"


@pytest.fixture
def shelf(clock: FakeClock) -> Iterator[Bucket]:
    with bucket.lent() as lent:
        lent.wall = clock.wall
        yield lent


@pytest.fixture
def store(shelf: Bucket, clock: FakeClock) -> FarStore:
    blobs = open_bucket("s3://shelf/mark", shelf.environment, setting="prefix_store")
    return FarStore(blobs, secret=b"ours", clock=clock)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "one.kv"
    path.write_bytes(CONTENT)
    return path


def lay(shelf: Bucket, key: str, content: bytes) -> None:
    shelf.objects[f"mark/{key}"] = (content, shelf.now)


async def test_what_was_put_is_seen_by_whoever_looks_and_read_once(
    store: FarStore, file: Path, shelf: Bucket, clock: FakeClock
) -> None:
    await store.put(ONE, file)
    await store.look()
    assert store.all[ONE.name].prefix == ONE
    assert store.all[ONE.name].used == clock.wall()
    assert b"".join([piece async for piece in store.read(ONE)]) == CONTENT
    shelf.asked.clear()
    await store.look()
    assert shelf.asked == ["GET "]
    await store.delete(ONE)
    assert (store.all, shelf.objects) == ({}, {})


@pytest.mark.parametrize(
    "note",
    [
        sealed(ONE, b"theirs"),
        sealed(replace(ONE, owner="another"), b"ours"),
        sealed(ONE, b"ours") + b" ",
        b"",
        bytes(LONGEST + 1),
    ],
)
async def test_a_note_that_stands_where_ours_do_and_is_none_is_deleted(
    store: FarStore, shelf: Bucket, note: bytes
) -> None:
    lay(shelf, NOTE_KEY, note)
    await store.look()
    assert (store.all, shelf.objects) == ({}, {})


async def test_keys_that_are_not_ours_are_neither_read_nor_deleted(
    store: FarStore, shelf: Bucket, clock: FakeClock
) -> None:
    strange = ("x.note", "x.kv", f"{ONE.name}.kv", f"deep/{NOTE_KEY}", "of the operator")
    for key in strange:
        lay(shelf, key, sealed(ONE, b"ours"))
    shelf.objects[f"another/{NOTE_KEY}"] = (b"theirs", shelf.now)
    await clock.advance(9999)
    await store.look()
    assert store.all == {}
    assert set(shelf.objects) == {f"another/{NOTE_KEY}", *(f"mark/{key}" for key in strange)}
    assert shelf.asked == ["GET "]


async def test_a_body_without_a_note_goes_after_an_hour(
    store: FarStore, file: Path, shelf: Bucket, clock: FakeClock
) -> None:
    await store.put(ONE, file)
    lay(shelf, f"{ONE.name}.{'0' * 64}.kv", b"of a program that was killed")
    await store.look()
    assert len(shelf.objects) == 3
    assert store.half_bytes == len(b"of a program that was killed")
    await clock.advance(3601)
    await store.look()
    assert store.half_bytes == 0
    assert set(shelf.objects) == {f"mark/{NOTE_KEY}", f"mark/{BODY_KEY}"}


async def test_a_note_that_goes_while_it_is_read_is_none(store: FarStore, shelf: Bucket) -> None:
    lay(shelf, NOTE_KEY, sealed(ONE, b"ours"))
    shelf.heard = lambda line: line.startswith("HEAD") and shelf.objects.clear()
    await store.look()
    assert store.all == {}


def other(path: Path) -> None:
    path.write_bytes(CONTENT[::-1])


def cut(path: Path) -> None:
    path.write_bytes(CONTENT[:-1])


def link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("change", [other, cut, link, Path.unlink])
async def test_what_has_changed_since_it_was_kept_is_not_noted(
    store: FarStore, file: Path, shelf: Bucket, change: Callable[[Path], None]
) -> None:
    change(file)
    await store.put(ONE, file)
    assert (store.all, shelf.objects) == ({}, {})


async def test_a_bucket_that_refuses_is_told(store: FarStore, shelf: Bucket, file: Path) -> None:
    shelf.refuses = 403
    with pytest.raises(StoreUnusable):
        await store.look()
    with pytest.raises(StoreUnusable):
        await store.put(ONE, file)
