"""An upgrade is tried on a copy, leaves a way back, and loses nothing where it fails."""

import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from seedbed.core.errors import BackupRefused, StoreUnusable
from seedbed.store import shape
from seedbed.store.database import open_database
from seedbed.store.ledger import Ledger
from seedbed.store.postgresql import Server
from seedbed.store.snapshot import Facts, read_facts
from seedbed.store.upgrading import go_back
from tests.store.furnished import NOW, downgrade_to_two, furnish, premises_of

pytestmark = pytest.mark.slow


@pytest.fixture
def older(home: Path) -> Path:
    """A database of the shape before the newest."""
    furnish(home)
    downgrade_to_two(home / "seedbed.db")
    return home / "seedbed.db"


def _names(older: Path) -> set[str]:
    return {path.name for path in older.parent.iterdir() if "seedbed.db" in path.name}


def _as_it_was(older: Path, before: Facts) -> None:
    assert read_facts(older) == before
    assert _names(older) <= {"seedbed.db", "seedbed.db-wal", "seedbed.db-shm"}


def test_the_database_from_before_is_kept_beside_it(older: Path) -> None:
    before = read_facts(older)
    database = open_database(older)
    assert len(Ledger(database).entries(last=99)) == 10
    database.close()
    kept = older.with_name("seedbed.db.before-0007")
    assert _names(older) == {"seedbed.db", kept.name}
    assert read_facts(kept) == before
    assert read_facts(older).shape == "0007"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_new_database_and_one_of_the_newest_shape_keep_no_copy(home: Path) -> None:
    for _ in range(2):
        open_database(home / "seedbed.db").close()
        assert _names(home / "seedbed.db") == {"seedbed.db"}


def test_what_a_killed_upgrade_left_does_not_hinder(older: Path) -> None:
    for word in ("copied", "tried", "tried-wal", "copied-journal"):
        older.with_name(f".seedbed.db.{word}").write_bytes(b"half")
    open_database(older).close()
    assert _names(older) == {"seedbed.db", "seedbed.db.before-0007"}


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("DELETE FROM keys", "keys would have 0 in place of 1"),
        ("UPDATE entries SET spent = 0 WHERE currency = 'EUR'", "EUR would have 0 in place of 7"),
        ("PRAGMA defer_foreign_keys = ON; DELETE FROM leases", "FOREIGN KEY constraint failed"),
        ("CREATE TABLE entries (door TEXT)", "table entries already exists"),
    ],
)
def test_an_upgrade_that_fails_or_loses_anything_leaves_all_as_it_was(
    older: Path, monkeypatch: pytest.MonkeyPatch, spoil: str, why: str
) -> None:
    before = read_facts(older)
    monkeypatch.setattr(shape, "upgrade", _spoiled(shape.upgrade, spoil))
    with pytest.raises(StoreUnusable, match="cannot be brought to the shape 0007") as caught:
        open_database(older)
    assert caught.value.what.endswith(f"{why}. It is as it was.")
    assert "Seedbed that wrote it" in caught.value.hint
    _as_it_was(older, before)


def _spoiled(upgrade: Callable[[Connection], None], spoil: str) -> Callable[[Connection], None]:
    def spoiled(connection: Connection) -> None:
        upgrade(connection)
        for statement in spoil.split(";"):
            connection.exec_driver_sql(statement)

    return spoiled


def test_a_disk_without_room_for_the_copies_is_told(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_facts(older)

    def full(_source: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StoreUnusable, match="No space left on device") as caught:
        open_database(older)
    assert "room" in caught.value.hint
    _as_it_was(older, before)


def test_a_damaged_older_database_is_told_and_left_as_it_is(older: Path) -> None:
    with closing(sqlite3.connect(older)) as file:
        (page,) = file.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_entries_began'"
        ).fetchone()
    content = bytearray(older.read_bytes())
    content[(page - 1) * 4096 + 100 : page * 4096] = b"\xff" * 3996
    older.write_bytes(content)
    with pytest.raises(StoreUnusable, match="cannot be brought to the shape 0007"):
        open_database(older)
    assert older.read_bytes() == bytes(content)


def test_after_an_upgrade_the_house_can_go_back(home: Path) -> None:
    house = furnish(home)
    downgrade_to_two(home / "seedbed.db")
    open_database(home / "seedbed.db").close()
    old = (home / "seedbed.db.before-0007").read_bytes()
    copy, aside = go_back(house.premises, now=NOW)
    assert copy == home / "seedbed.db.before-0007"
    assert (home / "seedbed.db").read_bytes() == copy.read_bytes() == old
    assert aside is not None
    with closing(sqlite3.connect(aside / "seedbed.db")) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchone() == ("0007",)


def test_where_there_was_no_upgrade_there_is_no_going_back(home: Path) -> None:
    for premises in (furnish(home).premises, premises_of(home, Server("postgresql://ada@/house"))):
        with pytest.raises(BackupRefused, match="There is no copy of"):
            go_back(premises, now=NOW)
