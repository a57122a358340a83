import asyncio
import signal
import subprocess
import sys
import threading
from itertools import islice
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from alembic import command
from sqlalchemy import Connection, select, text

from seedbed.core.errors import StoreUnusable
from seedbed.core.money import Modality
from seedbed.store import shape
from seedbed.store.database import Database, open_database
from seedbed.store.keys import Keys
from seedbed.store.leases import open_leases
from seedbed.store.ledger import Ledger
from seedbed.store.postgresql import Server
from seedbed.store.tables import LEASES
from tests.store.books import count_leases, entry, handed_in, opened, put_leases

pytestmark = pytest.mark.anyio

REPOSITORY = Path(__file__).parents[2]


async def test_what_is_written_is_read_by_the_next_who_opens_it(where: Path | Server) -> None:
    first = open_database(where)
    await first.write(lambda c: put_leases(c, "a", "b"))
    first.close()
    second = open_database(where)
    assert await second.read(count_leases) == 2
    second.close()


async def test_a_write_that_fails_half_way_keeps_nothing(database: Database) -> None:
    def half(connection: Connection) -> None:
        put_leases(connection, "a")
        raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        await database.write(half)
    assert database.read_now(count_leases) == 0


async def test_what_the_database_refuses_is_told_in_our_words(
    database: Database, where: Path | Server
) -> None:
    with pytest.raises(StoreUnusable, match=r"(?i)unique constraint") as caught:
        await database.write(lambda c: put_leases(c, "a", "a"))
    assert caught.value.facts["path"] == str(where)
    assert await database.read(count_leases) == 0


def test_readers_see_whole_transactions_only(database: Database) -> None:
    def write(connection: Connection) -> int:
        put_leases(connection, "a")
        return database.read_now(count_leases)

    assert database.write_now(write) == 0
    assert database.read_now(count_leases) == 1


async def test_two_that_write_to_one_database_at_once_lose_nothing(where: Path | Server) -> None:
    databases = [open_database(where) for _ in range(2)]
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


async def test_a_write_that_looks_first_finds_what_it_saw_still_true(where: Path | Server) -> None:
    databases = [open_database(where) for _ in range(2)]
    await databases[0].write(lambda c: put_leases(c, "a"))

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


@pytest.mark.parametrize("times", [0, 1, 2])
async def test_a_write_whose_caller_is_cancelled_is_known_before_the_cancellation_is_met(
    database: Database, times: int
) -> None:
    begun, go_on, seen = threading.Event(), threading.Event(), list[str]()

    def write(connection: Connection) -> str:
        begun.set()
        go_on.wait()
        put_leases(connection, "a")
        return "written"

    async def call() -> None:
        seen.append(await database.write(write))
        await asyncio.sleep(0)
        seen.append("went on")

    caller = asyncio.create_task(call())
    await anyio.to_thread.run_sync(begun.wait)
    for _ in range(times):
        caller.cancel()
        await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait([caller])
    assert (caller.cancelled(), caller.cancelling()) == (times > 0, times)
    assert seen == ["written", "went on"][: 1 if times else 2]
    assert database.read_now(count_leases) == 1


@pytest.mark.slow
def test_what_a_killed_process_had_written_is_there(where: Path | Server) -> None:
    open_database(where).close()
    command = [sys.executable, "-m", "tests.store.writer", str(where)]
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
    database = open_database(where)
    there = {entry.request_id for entry in Ledger(database).entries(last=10**6)}
    assert len(written) >= 20
    assert there >= set(written)
    database.close()


def test_a_newer_shape_is_refused_with_what_to_do(where: Path | Server) -> None:
    database = open_database(where)
    database.write_now(lambda c: c.execute(text("UPDATE alembic_version SET version_num='9999'")))
    database.close()
    with pytest.raises(StoreUnusable, match="has the shape 9999; this program knows") as caught:
        open_database(where)
    assert "newer Seedbed" in caught.value.hint


@pytest.mark.slow
def test_an_older_database_is_brought_to_the_newest_shape_with_all_that_lies_in_it(
    where: Path | Server,
) -> None:
    database = open_database(where)
    database.write_now(lambda c: command.downgrade(shape.config(c), "0001"))
    database.write_now(_fill_the_first_shape)
    database.close()
    database = open_database(where)
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
    who = "0, 'req_1', 'lease_1', 'ada', 'web', 'key_1', 'm', 'm@here'"
    used = "1, 2, 3, 4, 5, 6, 50, 40, 'USD', 7, 8, 'end'"
    connection.exec_driver_sql(f"INSERT INTO entries VALUES ({who}, {used})")


def test_a_database_that_has_its_shape_is_opened_without_alembic(
    where: Path | Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_database(where).close()
    monkeypatch.delitem(sys.modules, "seedbed.store.shape")
    open_database(where).close()
    assert "seedbed.store.shape" not in sys.modules
