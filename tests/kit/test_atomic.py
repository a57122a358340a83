import stat
from pathlib import Path

import pytest

from seedbed.kit import atomic


def test_a_written_file_is_there_whole_and_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    atomic.write(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_is_replaced_without_touching_what_readers_hold(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write(path, b"old")
    with path.open("rb") as reader:
        atomic.write(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


def test_a_secret_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "key"
    atomic.write(path, b"secret", mode=0o600)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    (taken / "inner").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        atomic.write(taken, b"content")
    assert list(tmp_path.iterdir()) == [taken]


def test_a_moved_file_takes_the_place_of_the_old(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    atomic.move(source, target)
    assert target.read_bytes() == b"new"
    assert not source.exists()
