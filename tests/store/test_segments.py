"""Entries are there whole or not at all, whoever writes them and whatever is killed."""

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import StoreUnusable
from seedbed.store import segments
from seedbed.store.segments import Segments


@pytest.fixture
def folder(home: Path) -> Path:
    return home / "indexes"


def told(of: Segments) -> dict[str, bytes]:
    return {name: bytes(content) for name, content in of.read("vs").items()}


def test_what_is_put_is_read_by_everybody(folder: Path) -> None:
    mine, theirs = Segments(folder), Segments(folder)
    mine.put("vs", "a", b"one")
    assert told(theirs) == {"a": b"one"}
    theirs.put("vs", "b", b"")
    mine.put("vs", "a", b"two")
    assert told(mine) == told(theirs) == told(Segments(folder)) == {"a": b"two", "b": b""}


def test_what_is_dropped_is_gone_and_what_is_not_there_is_none(folder: Path) -> None:
    mine = Segments(folder)
    assert (mine.read("vs"), mine.stores()) == ({}, [])
    mine.put("vs", "a", b"one")
    mine.drop("vs", "a")
    mine.drop("vs", "b")
    assert told(Segments(folder)) == {}
    mine.remove("vs")
    mine.remove("vs")
    assert mine.stores() == []


def test_a_file_of_which_nothing_was_written_has_nothing(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "vs.index").touch()
    assert Segments(folder).read("vs") == {}


def test_what_was_read_stays_readable(folder: Path) -> None:
    mine = Segments(folder)
    mine.put("vs", "a", b"one")
    was = mine.read("vs")
    mine.remove("vs")
    assert bytes(was["a"]) == b"one"


@pytest.mark.parametrize("kept", range(0, 56, 5))
def test_an_entry_that_was_not_written_to_its_end_never_was(folder: Path, kept: int) -> None:
    Segments(folder).put("vs", "a", b"one")
    path = folder / "vs.index"
    sound = path.read_bytes()
    Segments(folder).put("vs", "b", b"x" * 24)
    whole = path.read_bytes()
    assert len(whole) - len(sound) == 56
    path.write_bytes(whole[: len(sound) + kept])
    mine = Segments(folder)
    assert told(mine) == {"a": b"one"}
    mine.put("vs", "c", b"three")
    assert told(Segments(folder)) == {"a": b"one", "c": b"three"}


@given(st.integers(40, 95), st.integers(1, 255))
def test_an_entry_with_a_wrong_byte_is_none(tmp_path_factory: object, at: int, by: int) -> None:
    folder = Path(tmp_path_factory.mktemp("indexes"))  # type: ignore[attr-defined]
    Segments(folder).put("vs", "a", b"one")
    Segments(folder).put("vs", "b", b"x" * 24)
    data = bytearray((folder / "vs.index").read_bytes())
    data[at] ^= by
    (folder / "vs.index").write_bytes(data)
    found = told(Segments(folder))
    assert found["a"] == b"one"
    assert found.get("b", b"x" * 24) == b"x" * 24


def test_a_file_that_is_mostly_waste_is_written_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "_WASTE", 100)
    mine, theirs = Segments(folder), Segments(folder)
    mine.put("vs", "b", b"kept")
    assert told(theirs) == {"b": b"kept"}
    for number in range(20):
        mine.put("vs", "a", b"%d" % number * 50)
    assert (folder / "vs.index").stat().st_size < 600
    assert told(mine) == told(theirs) == {"b": b"kept", "a": b"19" * 50}
    assert sorted(path.name for path in folder.iterdir()) == ["lock", "vs.index"]


def test_no_more_files_are_held_open_than_some(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "_MOST_OPEN", 2)
    mine = Segments(folder)
    for store in ("a", "b", "c"):
        mine.put(store, "x", store.encode())
    assert len(mine._opened) == 2  # pyright: ignore[reportPrivateUsage]
    assert [bytes(mine.read(store)["x"]) for store in ("a", "b", "c")] == [b"a", b"b", b"c"]


def test_a_disk_that_refuses_is_told(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_bytes(b"no folder")
    for work in (lambda: Segments(folder).put("vs", "a", b""), lambda: Segments(folder).read("vs")):
        with pytest.raises(StoreUnusable, match="cannot be used"):
            work()


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_what_was_whole(folder: Path) -> None:
    """A process writes until it is killed; whatever it told of as written is there."""
    mine = Segments(folder)
    read, write = os.pipe()
    if not (child := os.fork()):
        for number in range(10_000):
            Segments(folder).put("vs", str(number), os.urandom(4_000))
            os.write(write, b".")
        os._exit(0)
    count = 0
    while count < 25:
        count += len(os.read(read, 1))
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(write)
    while rest := os.read(read, 100):
        count += len(rest)
    os.close(read)
    assert len(mine.read("vs")) in {count, count + 1}
    with (folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the killed one holds it no more
    mine.put("vs", "mine", b"one")
    assert bytes(Segments(folder).read("vs")["mine"]) == b"one"
