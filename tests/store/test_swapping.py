"""A swap is all of it or nothing, wherever its program is killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.core.errors import BackupRefused
from seedbed.store.premises import locked
from seedbed.store.swapping import finish, swapping
from tests.store.furnished import NOW

REPOSITORY = Path(__file__).parents[2]


def _put(folder: Path, word: str, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(word)


def _read(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): path.read_text()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def test_what_is_gathered_takes_its_place_and_the_old_is_put_aside(home: Path) -> None:
    _put(home, "old", "seedbed.db", "seedbed.db-wal", "prices/a.toml", "logs/server.log")
    with swapping(home, now=NOW) as swap:
        _put(swap.folder, "new", "seedbed.db", "prices/b.toml", "admin.key")
        aside = swap.commit()
    assert aside
    assert aside == home / "before-restore-20270115T080000.000000Z"
    assert _read(aside) == dict.fromkeys(("prices/a.toml", "seedbed.db", "seedbed.db-wal"), "old")
    there = {name: word for name, word in _read(home).items() if not name.startswith("before-")}
    new = dict.fromkeys(("admin.key", "prices/b.toml", "seedbed.db"), "new")
    assert there == {**new, "logs/server.log": "old"}


def test_where_nothing_was_there_before_nothing_is_put_aside(home: Path) -> None:
    with swapping(home, now=NOW) as swap:
        _put(swap.folder, "new", "seedbed.db")
        assert swap.commit() is None
    assert _read(home) == {"seedbed.db": "new"}


def test_without_a_commit_nothing_comes_of_it(home: Path) -> None:
    _put(home, "old", "seedbed.db")
    with swapping(home, now=NOW) as swap:
        _put(swap.folder, "new", "seedbed.db")
    assert _read(home) == {"seedbed.db": "old"}


def test_what_is_ready_is_finished_by_the_next_program(home: Path) -> None:
    _put(home, "old", "prices/a.toml", "seedbed.db-wal")
    _put(home, "old", "before-restore-1/seedbed.db")  # moved already when its program was killed
    _put(home, "new", ".restored-1/seedbed.db", ".restored-1/prices/b.toml", "admin.key")
    assert finish(home)
    aside = {
        f"before-restore-1/{name}" for name in ("seedbed.db", "seedbed.db-wal", "prices/a.toml")
    }
    assert _read(home) == dict.fromkeys(aside, "old") | dict.fromkeys(
        ("admin.key", "prices/b.toml", "seedbed.db"), "new"
    )
    assert not finish(home)


def test_it_is_finished_before_another_is_begun(home: Path) -> None:
    _put(home, "first", ".restored-1/seedbed.db")
    _put(home, "half", ".restoring/seedbed.db")
    with swapping(home, now=NOW) as swap:
        assert list(swap.folder.iterdir()) == []
    assert _read(home) == {"seedbed.db": "first"}


def test_who_comes_while_another_swaps_is_told(home: Path) -> None:
    _put(home, "new", ".restored-1/seedbed.db")
    with locked(home), pytest.raises(BackupRefused, match="Another program is restoring"):
        finish(home)


def test_where_there_is_no_home_there_is_nothing_to_finish(home: Path) -> None:
    assert not finish(home)


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with (
        pytest.raises(BackupRefused, match="cannot be written"),
        swapping(tmp_path / "home", now=NOW),
    ):
        pass


@pytest.mark.slow
def test_killed_at_any_point_of_a_restore_there_is_the_old_house_or_the_new(
    tmp_path: Path,
) -> None:
    told = _die(tmp_path, "restore")
    assert {how for _, how in told} == {"old", "new"}
    assert len(told) >= 20


@pytest.mark.slow
def test_killed_at_any_point_of_a_backup_there_is_none_or_a_sound_one(tmp_path: Path) -> None:
    told = _die(tmp_path, "backup")
    assert {how for _, how in told} == {"none", "sound"}
    assert len(told) >= 20


def _die(folder: Path, what: str) -> list[tuple[int, str]]:
    """Kill the program at points drawn by chance, the last ones among them; what was there then."""
    words = [sys.executable, "-m", "tests.store.dying", what, str(folder)]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [(int(at), how) for at, how in map(str.split, done.stdout.splitlines())]
