"""What only a server can do to us: be out of reach, be slow, cut us off, ask for a password."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import Connection

from seedbed.core.access import Scope
from seedbed.core.errors import StoreUnusable
from seedbed.store.database import Database, execute, open_database
from seedbed.store.keys import Keys
from seedbed.store.postgresql import Server
from tests.store.books import count_leases, put_leases
from tests.store.servers import PostgreSQL, running

slow = pytest.mark.slow
IMPATIENT = 2_000
"""Milliseconds: longer than a busy machine takes between two statements."""


@pytest.fixture
def where(postgresql: PostgreSQL, shaped: str) -> Iterator[Server]:
    """A database that has its tables."""
    with postgresql.lent(like=shaped) as server:
        yield server


def _said(database: Database, question: str) -> object:
    return database.write_now(lambda c: execute(c, f"SELECT {question} AS it").fetchone()["it"])


@slow
@pytest.mark.parametrize(
    ("asked", "kept"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")]
)
def test_a_write_that_returned_is_on_the_disk_whatever_the_server_is_told(
    postgresql: PostgreSQL, where: Server, asked: str, kept: str
) -> None:
    (name,) = (row[0] for row in postgresql.do("SELECT current_database()", where))
    postgresql.do(f"ALTER DATABASE {name} SET synchronous_commit = {asked}")
    database = open_database(where)
    assert _said(database, "current_setting('synchronous_commit')") == kept
    database.close()


@slow
def test_who_reads_cannot_write(database: Database) -> None:
    with pytest.raises(StoreUnusable, match="read-only transaction") as caught:
        database.read_now(lambda c: put_leases(c, "a"))
    assert "refuse writes" in caught.value.hint


@slow
def test_a_database_that_another_writes_to_for_long_is_told_and_heals(where: Server) -> None:
    other, database = open_database(where), open_database(where, busy_ms=IMPATIENT)

    def refused(connection: Connection) -> None:
        put_leases(connection, "a")
        with pytest.raises(StoreUnusable, match="lock timeout") as caught:
            database.write_now(lambda c: put_leases(c, "b"))
        assert "Another program" in caught.value.hint
        assert database.read_now(count_leases) == 0  # who reads need not wait

    other.write_now(refused)
    database.write_now(lambda c: put_leases(c, "b"))
    assert database.read_now(count_leases) == 2
    database.close()
    other.close()


@slow
def test_who_is_frozen_in_a_write_loses_it_and_holds_nobody_up(where: Server) -> None:
    other, frozen = open_database(where), open_database(where, busy_ms=IMPATIENT)
    begun, thawed = threading.Event(), threading.Event()

    def freeze(connection: Connection) -> None:
        put_leases(connection, "frozen")
        begun.set()
        thawed.wait()
        put_leases(connection, "thawed")

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(frozen.write_now, freeze)
        begun.wait()
        other.write_now(lambda c: put_leases(c, "a"))
        thawed.set()
        assert isinstance(writing.exception(), StoreUnusable)
    assert other.read_now(count_leases) == 1
    frozen.write_now(lambda c: put_leases(c, "b"))
    assert frozen.read_now(count_leases) == 2
    frozen.close()
    other.close()


@slow
@pytest.mark.parametrize("by", ["statement", "table"])
def test_a_line_that_breaks_in_a_write_is_told_and_the_next_has_another(
    postgresql: PostgreSQL, database: Database, by: str
) -> None:
    def cut(connection: Connection) -> None:
        put_leases(connection, "a")
        row = execute(connection, "SELECT pg_backend_pid() AS me").fetchone()
        postgresql.do(f"SELECT pg_terminate_backend({row['me']}, 10000)")
        if by == "table":
            put_leases(connection, "b")
        else:
            execute(connection, "SELECT 1")

    with pytest.raises(StoreUnusable, match=r"terminat|lost"):
        database.write_now(cut)
    assert database.read_now(count_leases) == 0
    database.write_now(lambda c: put_leases(c, "a"))
    assert database.read_now(count_leases) == 1


@slow
def test_a_line_that_broke_while_nobody_spoke_is_not_even_noticed(
    postgresql: PostgreSQL, where: Server, database: Database
) -> None:
    database.write_now(lambda c: put_leases(c, "a"))
    mine = "datname = current_database() AND pid <> pg_backend_pid()"
    cut = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {mine}"
    assert postgresql.do(cut, where) == [(True,)]
    assert database.read_now(count_leases) == 1


@slow
def test_more_than_may_be_connected_wait_for_one_another(where: Server) -> None:
    open_database(where).close()
    database = open_database(where, busy_ms=IMPATIENT)
    with ThreadPoolExecutor(30) as threads:
        reading = [threads.submit(database.read_now, count_leases) for _ in range(60)]
        assert {one.result() for one in reading} == {0}
    with ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(database.reading())
        with pytest.raises(StoreUnusable, match="limit of size 10") as caught:
            database.read_now(count_leases)
        assert "in use" in caught.value.hint
    assert database.read_now(count_leases) == 0
    database.close()


@slow
def test_a_sum_is_a_whole_number_and_a_percent_sign_is_one(database: Database) -> None:
    database.write_now(lambda c: put_leases(c, "a%", "b%"))
    sql = "SELECT sum(granted) AS all_, max(id) AS last FROM leases WHERE id LIKE '%\\%' AND id > ?"
    row = database.read_now(lambda c: execute(c, sql, ("",)).fetchone())
    assert dict(row) == {"all_": 2, "last": "b%"}
    assert isinstance(row["all_"], int)


@slow
def test_rows_are_counted_in_64_bits(database: Database) -> None:
    sql = """
        SELECT table_name AS name FROM information_schema.columns
        WHERE column_default LIKE 'nextval%' AND data_type = ?
    """
    rows = database.read_now(lambda c: execute(c, sql, ("bigint",)).fetchall())
    assert {row["name"] for row in rows} >= {"entries", "audit"}


@slow
def test_a_migration_that_fails_leaves_no_half_of_a_shape(postgresql: PostgreSQL) -> None:
    with postgresql.lent() as where:
        postgresql.do("CREATE TABLE entries (door TEXT)", where)  # the third table that is made
        with pytest.raises(StoreUnusable, match="already exists"):
            open_database(where)
        postgresql.do("DROP TABLE entries", where)
        database = open_database(where)
        Keys(database).create("k", user="ada", project="p", scopes=frozenset({Scope.MODELS}), now=0)
        database.close()


@slow
def test_a_server_that_is_not_there_is_told(postgresql: PostgreSQL) -> None:
    server = postgresql.server()
    with pytest.raises(StoreUnusable, match="No such file") as caught:
        open_database(Server(f"{server.url}/elsewhere"))
    assert "whether the server runs" in caught.value.hint
    with pytest.raises(StoreUnusable, match='"nowhere" does not exist') as caught:
        open_database(postgresql.server("nowhere"))
    assert "Make the user and the database" in caught.value.hint


@slow
def test_a_server_that_crashes_keeps_what_was_written_and_is_spoken_to_again() -> None:
    with running() as server:
        database = open_database(server.server())
        database.write_now(lambda c: put_leases(c, "a"))
        server.end("immediate")
        for _ in range(2):
            with pytest.raises(StoreUnusable) as caught:
                database.write_now(lambda c: put_leases(c, "b"))
            assert "whether the server runs" in caught.value.hint
        server.begin()
        assert database.read_now(count_leases) == 1
        database.write_now(lambda c: put_leases(c, "b"))
        database.close()


@slow
def test_a_password_is_given_and_never_told(postgresql: PostgreSQL, where: Server) -> None:
    postgresql.do("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 's3cret/@:?'")
    url = where.url.replace("ada@", "guarded@")
    for password in ("", "gu3ss"):
        with pytest.raises(StoreUnusable, match="password") as caught:
            open_database(Server(url, password))
        assert "`database_password`" in caught.value.hint
        assert "gu3ss" not in f"{caught.value} {caught.value.facts} {Server(url, password)!r}"
    database = open_database(Server(url, "s3cret/@:?"))
    assert _said(database, "current_user") == "guarded"
    with pytest.raises(StoreUnusable) as caught:
        database.write_now(lambda c: put_leases(c, "a", "a"))
    assert "s3cret" not in f"{caught.value} {caught.value.facts}"
    database.close()


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreUnusable, match="psycopg") as caught:
        open_database(Server("postgresql://ada:s3cret@db.internal/house"))
    assert "seedbed[postgresql]" in caught.value.hint
    assert "ada:***@db.internal" in str(caught.value)


def test_what_the_address_says_of_the_line_is_kept() -> None:
    server = Server("postgresql://ada@db.internal/house?connect_timeout=77&sslmode=verify-full")
    assert str(server) == server.url
