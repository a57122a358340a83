"""The files of saved prefixes: what is one, and what is swept away beside them."""

import os
from pathlib import Path

import pytest

from seedbed.store.bodies import digest, size, sweep

HOUR, MONTH = 3600.0, 30 * 86_400.0
NOW = 1_800_000_000.0
OURS, THEIRS = "0123456789abcdef", "fedcba9876543210"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / OURS).mkdir()
    return tmp_path / OURS


def put(path: Path, *, age: float) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"content")
    os.utime(path, (NOW - age, NOW - age))
    return path


def left(folder: Path) -> set[str]:
    return {str(path.relative_to(folder.parent)) for path in folder.parent.rglob("*.*")}


def test_only_a_file_has_bytes(folder: Path) -> None:
    assert size(put(folder / "x.kv", age=0)) == 7
    (folder / "y.kv").symlink_to("/dev/zero")
    os.mkfifo(folder / "z.kv")
    assert [size(folder / name) for name in ("y.kv", "z.kv", "none.kv")] == [None] * 3
    assert digest(folder / "none.kv") == ""
    assert len(digest(folder / "x.kv")) == 64


def test_of_our_own_what_is_half_written_goes_after_an_hour(folder: Path) -> None:
    for name in ("whole.kv", "whole.note", "old.kv", "old.part"):
        put(folder / name, age=HOUR + 1)
    for name in ("young.kv", "young.part"):
        put(folder / name, age=HOUR - 1)
    sweep(folder, NOW)
    assert left(folder) == {
        f"{OURS}/{name}" for name in ("whole.kv", "whole.note", "young.kv", "young.part")
    }


def test_what_lies_in_no_houses_folder_goes_after_an_hour(folder: Path) -> None:
    for name in ("old.kv", "old.note", "young.note", "of_the_operator.txt"):
        put(folder.parent / name, age=9 if name == "young.note" else HOUR + 1)
    sweep(folder, NOW)
    assert left(folder) == {"young.note", "of_the_operator.txt"}


def test_what_another_house_keeps_stays_as_long_as_it_uses_any_of_it(folder: Path) -> None:
    other = folder.parent / THEIRS
    put(other / "used.kv", age=MONTH - 1)
    for name in ("used.note", "unused.kv", "garbage.note", "half.part"):
        put(other / name, age=2 * MONTH)
    before = left(folder)
    sweep(folder, NOW)
    assert left(folder) == before
    sweep(folder, NOW + 2)
    assert left(folder) == set()
    sweep(folder, NOW + 2)


def test_what_is_no_houses_folder_is_not_looked_into(folder: Path) -> None:
    put(folder.parent / "of_the_operator" / "x.kv", age=2 * MONTH)
    put(folder.parent / "abcdefabcdefabcd", age=2 * MONTH)
    (folder.parent / THEIRS).symlink_to(folder.parent / "of_the_operator")
    sweep(folder, NOW)
    assert left(folder) == {"of_the_operator/x.kv"}
