"""The folder of saved prefixes: what is found there, what is not, and what goes first."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from seedbed.core.ask import Ask
from seedbed.core.message import Message, Role, Text
from seedbed.core.prefix import Link, chain
from seedbed.kit.clock import FakeClock
from seedbed.store.kv import SavedPrefixes
from seedbed.store.notes import Found, Prefix, ends_of, sealed

pytestmark = pytest.mark.anyio

BODY = b"k" * 1000


def links(text: str) -> tuple[Link, ...]:
    return chain(Ask("m", (Message(Role.USER, (Text(text),)),)))


ONE, OTHER = links("a" * 3000), links("b" * 3000)


def prefix(of: tuple[Link, ...] = ONE, *, owner: str = "", seconds: float = 2.0) -> Prefix:
    return Prefix("maker", owner, ends_of(of), tokens=700, seconds=seconds)


@pytest.fixture
def shelf(tmp_path: Path, clock: FakeClock) -> SavedPrefixes:
    return opened(tmp_path, clock)


def opened(
    tmp_path: Path, clock: FakeClock, *, most: int = 10_000, secret: bytes = b"ours"
) -> SavedPrefixes:
    return SavedPrefixes(tmp_path / "kv", most_bytes=most, secret=secret, clock=clock)


def put(shelf: SavedPrefixes, what: Prefix, body: bytes = BODY) -> bool:
    part = shelf.part("x")
    (shelf.folder / part).write_bytes(body)
    return shelf.keep(part, what, size=len(body))


def names(shelf: SavedPrefixes) -> set[str]:
    return {path.name for path in shelf.folder.iterdir()}


def found(shelf: SavedPrefixes, of: tuple[Link, ...] = ONE, owner: str = "") -> Found | None:
    return shelf.find("maker", owner, of)


def test_what_was_kept_is_found_whole_by_any_program(
    shelf: SavedPrefixes, tmp_path: Path, clock: FakeClock
) -> None:
    other = opened(tmp_path, clock)
    assert found(other) is None
    assert put(shelf, prefix())
    there = found(other)
    assert there
    assert there.end == ONE[-1].end == there.prefix.end
    assert other.check(there)
    assert (other.folder / there.file).read_bytes() == BODY
    assert (shelf.folder / there.file).stat().st_mode & 0o077 == 0


def test_it_is_found_by_the_longest_link_that_two_prompts_share(
    shelf: SavedPrefixes,
) -> None:
    put(shelf, prefix())
    begun = found(shelf, links("a" * 1500 + "b" * 1500))
    assert begun
    assert begun.end == 1024
    assert found(shelf, OTHER) is None


@pytest.mark.parametrize(("maker", "owner"), [("another", ""), ("maker", "somebody")])
def test_it_is_nobody_elses(shelf: SavedPrefixes, maker: str, owner: str) -> None:
    put(shelf, prefix())
    assert shelf.find(maker, owner, ONE) is None


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, 999)


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
def test_a_damaged_body_is_taken_away_before_any_engine_reads_it(
    shelf: SavedPrefixes, harm: Callable[[Path], None]
) -> None:
    put(shelf, prefix())
    there = found(shelf)
    assert there
    harm(shelf.folder / there.file)
    with capture_logs() as said:
        assert not shelf.check(there)
    assert [event["event"] for event in said] == ["kv.dropped"]
    assert found(shelf) is None
    assert names(shelf) == set()


@pytest.mark.parametrize("note", [b"", b"garbage", sealed(prefix(), b"theirs")])
def test_a_note_among_ours_that_is_not_sealed_by_us_is_taken_away(
    shelf: SavedPrefixes, note: bytes
) -> None:
    (shelf.folder / f"{prefix().name}.note").write_bytes(note)
    (shelf.folder / f"{prefix().name}.kv").write_bytes(BODY)
    with capture_logs() as said:
        assert found(shelf) is None
        assert found(shelf) is None
    assert [event["event"] for event in said] == ["kv.dropped"]
    assert names(shelf) == set()


async def test_two_houses_in_one_folder_find_and_take_away_nothing_of_each_other(
    tmp_path: Path, clock: FakeClock
) -> None:
    ours, theirs = (opened(tmp_path, clock, secret=secret) for secret in (b"ours", b"theirs"))
    assert put(ours, prefix())
    assert found(theirs) is None
    for text in "cdefghijkl":
        assert put(theirs, prefix(links(text * 3000)), BODY * 9)
    assert put(theirs, prefix(), BODY[::-1])
    await clock.advance(7 * 86_400)
    for each in (ours, theirs, opened(tmp_path, clock, secret=b"ours")):
        there = found(each)
        assert there
        assert each.check(there)
    assert (ours.folder / there.file).read_bytes() == BODY


def test_a_note_under_the_name_of_another_prefix_is_taken_away(shelf: SavedPrefixes) -> None:
    put(shelf, prefix())
    (note,) = shelf.folder.glob("*.note")
    note.rename(note.with_stem("another"))
    assert found(shelf) is None


def test_what_is_not_what_the_engine_told_is_not_kept(shelf: SavedPrefixes) -> None:
    part = shelf.part("x")
    (shelf.folder / part).write_bytes(BODY)
    assert not shelf.keep(part, prefix(), size=999)
    assert not put(shelf, prefix(), b"")
    assert not put(shelf, prefix(), BODY * 11)
    assert names(shelf) == set()


def test_a_longer_prefix_takes_the_place_of_what_it_holds_all_of(shelf: SavedPrefixes) -> None:
    put(shelf, prefix(ONE[:4]))
    put(shelf, prefix(OTHER[:4]))
    put(shelf, prefix(ONE[:4], owner="somebody"))
    put(shelf, prefix())
    assert len(list(shelf.folder.glob("*.kv"))) == 3
    assert found(shelf, ONE[:4])


async def test_what_is_cheapest_to_compute_for_its_bytes_goes_first(
    tmp_path: Path, clock: FakeClock
) -> None:
    shelf = opened(tmp_path, clock, most=2500)
    put(shelf, prefix(seconds=9))
    put(shelf, prefix(OTHER, seconds=1))
    put(shelf, prefix(links("c" * 3000), seconds=3))
    assert found(shelf)
    assert not found(shelf, OTHER)


async def test_what_nobody_wanted_for_long_goes_first_too(tmp_path: Path, clock: FakeClock) -> None:
    shelf = opened(tmp_path, clock, most=2500)
    put(shelf, prefix(seconds=3))
    put(shelf, prefix(OTHER))
    await clock.advance(3600)
    there = found(shelf, OTHER)
    assert there
    assert shelf.check(there)
    put(shelf, prefix(links("c" * 3000)))
    assert not found(shelf)
    assert found(shelf, OTHER)


def test_what_another_program_took_away_weighs_nothing(tmp_path: Path, clock: FakeClock) -> None:
    shelf = opened(tmp_path, clock, most=1500)
    put(shelf, prefix(seconds=99))
    (body,) = shelf.folder.glob("*.kv")
    body.unlink()
    put(shelf, prefix(OTHER))
    assert found(shelf, OTHER)
    assert not found(shelf)


async def test_what_killed_programs_left_is_swept_after_an_hour(
    tmp_path: Path, clock: FakeClock
) -> None:
    shelf = opened(tmp_path, clock)
    put(shelf, prefix())
    whole = names(shelf)
    for name in ("half.part", "noteless.kv"):
        (shelf.folder / name).write_bytes(BODY)
        os.utime(shelf.folder / name, (clock.wall(), clock.wall()))
    opened(tmp_path, clock)
    assert len(names(shelf)) == 4
    await clock.advance(3601)
    opened(tmp_path, clock)
    assert names(shelf) == whole


def test_a_folder_that_is_gone_or_a_file_is_told_of_once_and_counts_as_empty(
    tmp_path: Path, clock: FakeClock
) -> None:
    (tmp_path / "kv").write_bytes(b"")
    with capture_logs() as said:
        shelf = opened(tmp_path, clock)
        assert found(shelf) is None
        assert not shelf.keep("x.part", prefix(), size=1)
        shelf.drop(Found(prefix(), 64), why="tried")
    assert [event["event"] for event in said] == ["kv.unusable", "kv.dropped"]
    (tmp_path / "kv").unlink()
    (tmp_path / "kv").mkdir()
    assert put(shelf, prefix())
    assert found(shelf)


def point_at_itself(path: Path) -> None:
    path.symlink_to(path)


def point_at_zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("place", [Path.mkdir, os.mkfifo, point_at_itself])
def test_what_is_no_file_blinds_nobody_to_what_is_there(
    shelf: SavedPrefixes, tmp_path: Path, clock: FakeClock, place: Callable[[Path], object]
) -> None:
    put(shelf, prefix())
    for name in ("y.note", "y.part", "y.kv"):
        place(shelf.folder / name)
        os.utime(shelf.folder / name, (0, 0), follow_symlinks=False)
    assert put(shelf, prefix(OTHER))
    for one in (shelf, opened(tmp_path, clock)):
        assert found(one)
        assert found(one, OTHER)


@pytest.mark.parametrize("place", [os.mkfifo, point_at_zeros])
def test_a_body_without_an_end_is_not_read(
    shelf: SavedPrefixes, place: Callable[[Path], object]
) -> None:
    put(shelf, prefix())
    there = found(shelf)
    assert there
    (shelf.folder / there.file).unlink()
    place(shelf.folder / there.file)
    assert not shelf.check(there)
    assert names(shelf) == set()


def test_of_a_long_note_only_so_much_is_read_as_ours_can_have(shelf: SavedPrefixes) -> None:
    put(shelf, prefix())
    with (shelf.folder / "x.note").open("wb") as file:
        file.truncate(1 << 40)
    assert found(shelf)
    assert "x.note" not in names(shelf)


def test_what_the_disk_has_no_room_to_note_is_not_left_there(
    shelf: SavedPrefixes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    part = shelf.part("x")
    (shelf.folder / part).write_bytes(BODY)
    monkeypatch.setattr(Path, "write_bytes", full)
    assert not shelf.keep(part, prefix(), size=len(BODY))
    assert names(shelf) == set()


def test_a_folder_that_was_deleted_is_made_again_for_what_is_saved_next(
    shelf: SavedPrefixes,
) -> None:
    shutil.rmtree(shelf.folder)
    assert put(shelf, prefix())
    assert found(shelf)
