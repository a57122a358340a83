"""A rehearsal tells whether everything of a backup would be there."""

import sqlite3
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

import pytest
from msgspec.structs import replace

from seedbed.core.errors import BackupRefused
from seedbed.store.backup import take
from seedbed.store.manifest import read_manifest, seen, write_manifest
from seedbed.store.postgresql import Server
from seedbed.store.premises import nothing_told
from seedbed.store.rehearsal import Check, rehearse
from tests.store.furnished import NOW, Furnished, downgrade_to_two, furnish

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def house(home: Path, where: Path | Server) -> Furnished:
    return furnish(home, where)


@pytest.fixture
def backup(home: Path, tmp_path: Path) -> Path:
    """That of a house on SQLite."""
    return _taken(furnish(home), tmp_path / "backup")


def _taken(house: Furnished, target: Path) -> Path:
    take(house.premises, target, now=NOW, told=nothing_told)
    return target


def _rehearsed(backup: Path) -> list[Check]:
    return rehearse(backup, now=NOW, told=nothing_told)


def _amiss(backup: Path) -> list[tuple[str, str]]:
    return [(check.what, check.found) for check in _rehearsed(backup) if not check.is_right]


def _change(backup: Path, statement: str) -> None:
    """Change the rows, and have the files' list agree, as if the house had been like that."""
    with closing(sqlite3.connect(backup / "seedbed.db")) as file:
        file.execute(statement)
        file.commit()
    manifest = read_manifest(backup)
    files = manifest.files | {"seedbed.db": seen(backup / "seedbed.db")}
    write_manifest(backup, replace(manifest, files=files))


def test_a_sound_backup_of_either_database_has_all_of_it(house: Furnished, tmp_path: Path) -> None:
    checks = _rehearsed(_taken(house, tmp_path / "backup"))
    assert all(check.is_right for check in checks)
    found = {check.what: check.found for check in checks}
    assert (found["rows of entries"], found["spent in USD"], found["spent in EUR"]) == (
        ("10", "36", "7")
    )
    assert found["database"] == "whole, and no row points to none"
    assert found["entries"] == "10 can be read"
    assert found["jobs"] == "2 can be read, with 1 steps"
    assert found["keys"] == "1 can be read, with 0 budgets"
    assert found["cards"] == "1 can be read, with 1 prices"
    assert found["artifacts"] == "2, each as its SHA-256"
    assert found["shape"] == "0007"


def test_nothing_of_a_rehearsal_is_left(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = sorted(path.stat().st_mtime_ns for path in backup.rglob("*"))
    assert _amiss(backup) == []
    assert list(scratch.iterdir()) == []
    assert sorted(path.stat().st_mtime_ns for path in backup.rglob("*")) == before


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("DELETE FROM steps", {("rows of steps", "0 of 1")}),
        (
            "DELETE FROM entries WHERE request_id = 'req_8'",
            {("rows of entries", "9 of 10"), ("spent in USD", "28 of 36")},
        ),
        ("UPDATE entries SET spent = spent + 1 WHERE id = 1", {("spent in USD", "37 of 36")}),
        (
            "UPDATE jobs SET state = 'lost'",
            {("jobs", "cannot be read: 'lost' is not a valid State")},
        ),
        (
            "UPDATE steps SET result = '{'",
            {
                (
                    "jobs",
                    "cannot be read: Expecting property name enclosed in double quotes: "
                    "line 1 column 2 (char 1)",
                )
            },
        ),
    ],
)
def test_each_row_that_is_not_as_it_was_is_told(
    backup: Path, statement: str, wrong: set[tuple[str, str]]
) -> None:
    _change(backup, statement)
    assert set(_amiss(backup)) == wrong


def test_a_damaged_file_is_told_as_what_is_amiss(backup: Path) -> None:
    (backup / "admin.key").write_text("another")
    ((what, found),) = _amiss(backup)
    assert what == "restore"
    assert "admin.key is 7 bytes" in found


def test_an_artifact_that_the_house_had_lost_is_amiss(home: Path, tmp_path: Path) -> None:
    house = furnish(home)
    gone = house.artifacts[0].hash
    (home / "artifacts" / gone[:2] / gone[2:]).unlink()
    assert _amiss(_taken(house, tmp_path / "backup")) == [
        (f"artifact {gone[:12]}", "its bytes are gone")
    ]


def test_an_older_backup_is_brought_to_the_newest_shape(home: Path, tmp_path: Path) -> None:
    house = furnish(home)
    downgrade_to_two(home / "seedbed.db")
    checks = _rehearsed(_taken(house, tmp_path / "backup"))
    assert all(check.is_right for check in checks)
    assert Check("shape", "0002, brought to 0007") in checks


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="is no backup"):
        _rehearsed(tmp_path)


@contextmanager
def _writer(where: Path | Server) -> Generator[Iterator[str]]:
    """A program that writes entries all the while, by their ids."""
    words = [sys.executable, "-m", "tests.store.writer", str(where), "one"]
    with subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        yield (line.strip() for line in program.stdout)
        assert program.poll() is None
        program.kill()


def _requests(backup: Path) -> set[str]:
    with closing(sqlite3.connect(backup / "seedbed.db")) as file:
        return {row[0] for row in file.execute("SELECT request_id FROM entries")}


@pytest.mark.slow
def test_a_backup_that_is_taken_under_load_is_sound(
    home: Path, where: Path | Server, tmp_path: Path
) -> None:
    house = furnish(home, where)
    with _writer(where) as written:
        for number in range(5):
            before = list(islice(written, 50))
            taken = take(house.premises, tmp_path / f"b{number}", now=NOW, told=nothing_told)
            there = _requests(tmp_path / f"b{number}")
            assert there >= set(before)
            assert len(there) == taken.rows["entries"]
            assert list(islice(written, 1))  # it goes on writing
    assert _amiss(tmp_path / "b4") == []
