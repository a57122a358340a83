"""What only a file can have: permissions, damage, a disk that is full."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from seedbed.core.access import Scope
from seedbed.core.errors import StoreUnusable
from seedbed.store import sqlite
from seedbed.store.database import Database, open_database
from seedbed.store.keys import Keys
from tests.conftest import Prepare
from tests.store.books import count_leases, put_leases

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    opened = open_database(home / "seedbed.db")
    yield opened
    opened.close()


def _pragma(database: Database, name: str) -> object:
    return database.read_now(lambda c: c.execute(text(f"PRAGMA {name}")).scalar_one())


def test_a_write_that_returned_survives_a_pulled_plug(
    home: Path, not_hasty: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_prepare", not_hasty)
    with closing(open_database(home / "seedbed.db")) as database:
        assert _pragma(database, "journal_mode") == "wal"
        assert _pragma(database, "synchronous") == 2  # FULL


async def test_a_full_disk_keeps_nothing_and_heals_once_there_is_room(database: Database) -> None:
    await database.write(lambda c: put_leases(c, "before"))
    pages = _pragma(database, "page_count")
    await database.write(lambda c: c.execute(text(f"PRAGMA max_page_count = {pages}")))

    with pytest.raises(StoreUnusable, match="full") as caught:
        await database.write(lambda c: put_leases(c, *(f"lease_{n:05}" for n in range(2_000))))
    assert "room" in caught.value.hint
    assert await database.read(count_leases) == 1

    await database.write(lambda c: c.execute(text("PRAGMA max_page_count = 100000")))
    await database.write(lambda c: put_leases(c, *(f"lease_{n:05}" for n in range(2_000))))
    assert await database.read(count_leases) == 2_001


async def test_a_database_that_another_writes_to_for_long_is_told_and_heals(home: Path) -> None:
    database = open_database(home / "seedbed.db", busy_ms=1)
    other = sqlite3.connect(home / "seedbed.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnusable, match="locked") as caught:
        await database.write(lambda c: put_leases(c, "a"))
    assert "Another program" in caught.value.hint
    assert await database.read(count_leases) == 0  # who reads need not wait
    other.execute("COMMIT")
    other.close()
    await database.write(lambda c: put_leases(c, "a"))
    assert await database.read(count_leases) == 1
    database.close()


async def test_a_database_that_may_not_be_written_is_told_and_heals(database: Database) -> None:
    database.read_now(lambda c: c.execute(text("PRAGMA query_only = ON")))
    with pytest.raises(StoreUnusable, match="readonly") as caught:
        await database.write(lambda c: put_leases(c, "a"))
    assert "can be written by you" in caught.value.hint
    database.read_now(lambda c: c.execute(text("PRAGMA query_only = OFF")))
    await database.write(lambda c: put_leases(c, "a"))


def test_nobody_else_on_the_machine_may_read_the_files(home: Path) -> None:
    home.mkdir(mode=0o755)
    database = open_database(home / "seedbed.db")
    database.write_now(lambda c: put_leases(c, "a"))
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert "seedbed.db-wal" in files
    assert set(files.values()) == {0o600}
    database.close()


def test_a_folder_that_we_make_is_its_owners_alone(home: Path) -> None:
    open_database(home / "seedbed.db").close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "seedbed.db"
    path.write_bytes(b"Dear diary, " * 1_000)
    with pytest.raises(StoreUnusable, match="not a database") as caught:
        open_database(path)
    assert "damaged" in caught.value.hint
    assert path.read_bytes() == b"Dear diary, " * 1_000


def test_a_damaged_database_is_refused(home: Path) -> None:
    path = home / "seedbed.db"
    open_database(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    with pytest.raises(StoreUnusable) as caught:
        open_database(path)
    assert "damaged" in caught.value.hint


def test_a_place_where_no_folder_can_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    with pytest.raises(StoreUnusable, match=r"home/seedbed\.db cannot be used: .+") as caught:
        open_database(tmp_path / "home" / "seedbed.db")
    assert "folder can be written" in caught.value.hint


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "seedbed.db").mkdir()
    with pytest.raises(StoreUnusable, match="unable to open"):
        open_database(tmp_path / "seedbed.db")


def test_a_database_of_somebody_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "seedbed.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE keys (door TEXT)")
    other.commit()
    with pytest.raises(StoreUnusable, match="already exists"):
        open_database(path)
    tables = other.execute("SELECT name FROM sqlite_master").fetchall()
    other.close()
    assert tables == [("keys",)]


def test_a_migration_that_fails_leaves_no_half_of_a_shape(home: Path) -> None:
    home.mkdir()
    other = sqlite3.connect(home / "seedbed.db")
    other.execute("CREATE TABLE entries (door TEXT)")  # the third table that is made
    other.commit()
    with pytest.raises(StoreUnusable):
        open_database(home / "seedbed.db")
    other.execute("DROP TABLE entries")
    other.close()
    database = open_database(home / "seedbed.db")
    Keys(database).create("k", user="ada", project="p", scopes=frozenset({Scope.MODELS}), now=0)
    database.close()
