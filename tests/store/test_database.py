import signal
import sqlite3
import stat
import subprocess
import sys
from itertools import islice
from pathlib import Path

import anyio
import pytest
from alembic import command
from sqlalchemy import Connection, func, select, text

from seedbed.core.access import Scope
from seedbed.core.errors import StoreUnusable
from seedbed.core.money import Modality
from seedbed.store import shape
from seedbed.store.database import Database, open_database
from seedbed.store.keys import Keys
from seedbed.store.leases import open_leases
from seedbed.store.ledger import Ledger
from seedbed.store.tables import LEASES
from tests.store.books import entry, handed_in, opened

pytestmark = pytest.mark.anyio

REPOSITORY = Path(__file__).parents[2]


def _lease(name: str) -> dict[str, object]:
    books = {"currency": "USD", "granted": 1, "spent": 0, "renewed": 0, "state": "open"}
    return {"id": name, **books}


def _put(connection: Connection, *names: str) -> None:
    connection.execute(LEASES.insert(), [_lease(name) for name in names])


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(LEASES)).scalar_one()


def _pragma(database: Database, name: str) -> object:
    return database.read_now(lambda c: c.execute(text(f"PRAGMA {name}")).scalar_one())


async def test_what_is_written_is_read_by_the_next_who_opens_it(home: Path) -> None:
    first = open_database(home / "seedbed.db")
    await first.write(lambda c: _put(c, "a", "b"))
    first.close()
    second = open_database(home / "seedbed.db")
    assert await second.read(_count) == 2
    second.close()


def test_a_write_that_returned_survives_a_pulled_plug(database: Database) -> None:
    assert _pragma(database, "journal_mode") == "wal"
    assert _pragma(database, "synchronous") == 2  # FULL


async def test_a_write_that_fails_half_way_keeps_nothing(database: Database) -> None:
    def half(connection: Connection) -> None:
        _put(connection, "a")
        raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        await database.write(half)
    assert database.read_now(_count) == 0


async def test_what_the_database_refuses_is_told_in_our_words(database: Database) -> None:
    with pytest.raises(StoreUnusable, match="UNIQUE constraint failed") as caught:
        await database.write(lambda c: _put(c, "a", "a"))
    assert str(caught.value.facts["path"]).endswith("seedbed.db")
    assert await database.read(_count) == 0


def test_readers_see_whole_transactions_only(database: Database) -> None:
    def write(connection: Connection) -> int:
        _put(connection, "a")
        return database.read_now(_count)

    assert database.write_now(write) == 0
    assert database.read_now(_count) == 1


async def test_two_that_write_to_one_file_at_once_lose_nothing(home: Path) -> None:
    databases = [open_database(home / "seedbed.db") for _ in range(2)]
    ledgers = [Ledger(database) for database in databases]
    leases = [await opened(ledger, 10**6, now=0) for ledger in ledgers]

    async def spend(which: int, number: int) -> None:
        request = entry(f"req_{which}_{number}", 1)
        await handed_in(ledgers[which], leases[which], [request], now=0)

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            for which in range(2):
                tasks.start_soon(spend, which, number)
    for ledger in ledgers:
        (total,) = ledger.sums(())
        assert (total.requests, total.spent.micros) == (40, 40)
    for database in databases:
        database.close()


async def test_a_write_that_looks_first_finds_what_it_saw_still_true(home: Path) -> None:
    databases = [open_database(home / "seedbed.db") for _ in range(2)]
    await databases[0].write(lambda c: _put(c, "a"))

    def add_one(connection: Connection) -> None:
        seen = connection.execute(select(LEASES.c.spent)).scalar_one()
        connection.execute(LEASES.update().values(spent=seen + 1))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            for database in databases:
                tasks.start_soon(database.write, add_one)
    assert databases[0].read_now(lambda c: c.execute(select(LEASES.c.spent)).scalar_one()) == 40
    for database in databases:
        database.close()


@pytest.mark.slow
def test_what_a_killed_process_had_written_is_there(home: Path) -> None:
    path = home / "seedbed.db"
    open_database(path).close()
    command = [sys.executable, "-m", "tests.store.writer", str(path)]
    written: list[str] = []
    writers = [
        subprocess.Popen([*command, name], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdout
        written += [line.strip() for line in islice(writer.stdout, 10)]
        writer.send_signal(signal.SIGKILL)
        written += [line.strip() for line in writer.stdout if line.endswith("\n")]
        writer.stdout.close()
        writer.wait()
    database = open_database(path)
    there = {entry.request_id for entry in Ledger(database).entries(last=10**6)}
    assert len(written) >= 20
    assert there >= set(written)
    assert _pragma(database, "integrity_check") == "ok"
    database.close()


async def test_a_full_disk_keeps_nothing_and_heals_once_there_is_room(database: Database) -> None:
    await database.write(lambda c: _put(c, "before"))
    pages = _pragma(database, "page_count")
    await database.write(lambda c: c.execute(text(f"PRAGMA max_page_count = {pages}")))

    with pytest.raises(StoreUnusable, match="full") as caught:
        await database.write(lambda c: _put(c, *(f"lease_{n:05}" for n in range(2_000))))
    assert "room" in caught.value.hint
    assert await database.read(_count) == 1

    await database.write(lambda c: c.execute(text("PRAGMA max_page_count = 100000")))
    await database.write(lambda c: _put(c, *(f"lease_{n:05}" for n in range(2_000))))
    assert await database.read(_count) == 2_001


async def test_a_database_that_another_writes_to_for_long_is_told_and_heals(home: Path) -> None:
    database = open_database(home / "seedbed.db", busy_ms=1)
    other = sqlite3.connect(home / "seedbed.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnusable, match="locked") as caught:
        await database.write(lambda c: _put(c, "a"))
    assert "Another program" in caught.value.hint
    assert await database.read(_count) == 0  # who reads need not wait
    other.execute("COMMIT")
    other.close()
    await database.write(lambda c: _put(c, "a"))
    assert await database.read(_count) == 1
    database.close()


async def test_a_database_that_may_not_be_written_is_told_and_heals(database: Database) -> None:
    database.read_now(lambda c: c.execute(text("PRAGMA query_only = ON")))
    with pytest.raises(StoreUnusable, match="readonly") as caught:
        await database.write(lambda c: _put(c, "a"))
    assert "can be written by you" in caught.value.hint
    database.read_now(lambda c: c.execute(text("PRAGMA query_only = OFF")))
    await database.write(lambda c: _put(c, "a"))


def test_nobody_else_on_the_machine_may_read_the_files(home: Path) -> None:
    home.mkdir(mode=0o755)
    database = open_database(home / "seedbed.db")
    database.write_now(lambda c: _put(c, "a"))
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


def test_a_newer_shape_is_refused_with_what_to_do(home: Path) -> None:
    database = open_database(home / "seedbed.db")
    database.write_now(lambda c: c.execute(text("UPDATE alembic_version SET version_num='9999'")))
    database.close()
    with pytest.raises(StoreUnusable, match="has the shape 9999; this program knows") as caught:
        open_database(home / "seedbed.db")
    assert "newer Seedbed" in caught.value.hint


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


def test_an_older_database_is_brought_to_the_newest_shape_with_all_that_lies_in_it(
    home: Path,
) -> None:
    path = home / "seedbed.db"
    database = open_database(path)
    database.write_now(lambda c: command.downgrade(shape.config(c), "0001"))
    database.write_now(_fill_the_first_shape)
    database.close()
    database = open_database(path)
    ledger = Ledger(database)
    (old,) = ledger.entries(last=9)
    assert (old.request_id, old.spent.micros, old.modality) == ("req_1", 40, Modality.TEXT)
    assert (old.shadow, old.first) == (None, None)
    (key,) = Keys(database).all()
    assert (key.name, key.revoked) == ("laptop", None)
    assert database.read_now(open_leases) == {"lease_1": 5}
    lost = anyio.run(lambda: ledger.reconcile({"lease_1": 5}, now=9))
    assert [amount.micros for amount in lost] == [60]
    assert ledger.sums(())[0].spent.micros == 100
    database.close()


def _fill_the_first_shape(connection: Connection) -> None:
    key = "('key_1', 'laptop', 'digest', 'sb-abcd...', 'ada', 'web', 'models', 1)"
    connection.exec_driver_sql(f"INSERT INTO keys VALUES {key}")
    lease = "('lease_1', 'USD', 100, 40, 5, 'open')"
    connection.exec_driver_sql(f"INSERT INTO leases VALUES {lease}")
    who = "1, 'req_1', 'lease_1', 'ada', 'web', 'key_1', 'm', 'm@here'"
    used = "1, 2, 3, 4, 5, 6, 50, 40, 'USD', 7, 8, 'end'"
    connection.exec_driver_sql(f"INSERT INTO entries VALUES ({who}, {used})")


def test_a_database_that_has_its_shape_is_opened_without_alembic(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database(home / "seedbed.db").close()
    monkeypatch.delitem(sys.modules, "seedbed.store.shape")
    open_database(home / "seedbed.db").close()
    assert "seedbed.store.shape" not in sys.modules
