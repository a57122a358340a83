"""What lies in the folder of a house, as its programs see it."""

import errno
from pathlib import Path

import pytest

from seedbed.core.prefix import Link
from seedbed.kit.clock import FakeClock
from seedbed.store.near_store import NearStore
from seedbed.store.notes import Prefix, ends_of, mark

ONE = Prefix("maker", "owner", ends_of([Link(b"a", 64)]), 40, seconds=1.5, size=7, sha256="0")


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> NearStore:
    return opened(tmp_path, clock)


def opened(tmp_path: Path, clock: FakeClock) -> NearStore:
    store = NearStore(tmp_path / "deep" / "kv", secret=b"ours", clock=clock)
    store.make()
    return store


def put(store: NearStore, prefix: Prefix = ONE) -> None:
    part = store.folder / "x.part"
    part.write_bytes(b"content")
    store.put(part, prefix)


def test_it_is_a_houses_own_and_its_owners_alone(store: NearStore) -> None:
    assert store.folder.name == mark(b"ours")
    assert {path.stat().st_mode & 0o77 for path in (store.folder, store.folder.parent)} == {0}


def test_what_one_program_puts_and_removes_another_sees_when_it_looks(
    store: NearStore, tmp_path: Path, clock: FakeClock
) -> None:
    other = opened(tmp_path, clock)
    put(store)
    assert other.listing.all == {}
    other.look()
    assert other.listing.all == {ONE.name: ONE}
    other.remove(ONE.name)
    store.look()
    assert store.listing.all == {}
    assert list(store.folder.iterdir()) == []


@pytest.mark.anyio
async def test_what_was_touched_is_worth_more_and_what_has_no_body_is_worth_nothing(
    store: NearStore, clock: FakeClock
) -> None:
    put(store)
    fresh = store.worth(ONE)
    await clock.advance(600)
    assert store.worth(ONE) < fresh
    store.touch(ONE.name)
    assert store.worth(ONE) == fresh
    (store.folder / f"{ONE.name}.kv").unlink()
    assert store.worth(ONE) == 0


def test_a_body_that_could_not_be_noted_is_seen_by_nobody(
    store: NearStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    (store.folder / "x.part").write_bytes(b"content")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        store.put(store.folder / "x.part", ONE)
    store.look()
    assert store.listing.all == {}
