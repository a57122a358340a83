"""All rows of a database in one SQLite file, as they stood at one moment, and the way back.

Floor 2. Whichever database a house runs on, the file is the same: so a house moves from one to the
other. Who writes meanwhile neither waits nor shows.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Table, func, insert, inspect, select, text

from seedbed.store import shape, sqlite
from seedbed.store.database import Database, open_database
from seedbed.store.postgresql import Server
from seedbed.store.premises import Told, nothing_told, unusable
from seedbed.store.tables import METADATA

_PAGES = 2_000
"""Pages that are copied at once: eight megabytes, as a rule."""
_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file holds: its shape, the rows of each table, what was spent by currency."""

    shape: str
    rows: Mapping[str, int]
    spent: Mapping[str, int]


def take_snapshot(where: Path | Server, target: Path, told: Told) -> None:
    """Write every row of a database into a new file.

    Raises:
        StoreUnusable: the database refused, or there is no room for the file.
    """
    if isinstance(where, Path):
        copy_file(where, target, told)
        return
    server, copy = open_database(where), open_database(target)
    try:
        with server.reading() as rows:
            copy.write_now(lambda into: _pour(rows, into, told))
    finally:
        server.close()
        copy.close()
    with closing(sqlite3.connect(target)) as file:
        file.execute("PRAGMA journal_mode = DELETE")


def copy_file(source: Path, target: Path, told: Told = nothing_told) -> None:
    """Write what a file of SQLite holds into a new one, while others may write to it.

    Raises:
        StoreUnusable: the file is damaged, or there is no room for its copy.
    """
    target.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.isolation_level = None
            live.execute("BEGIN")  # what is read from here on is of one moment
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (size,) = live.execute("PRAGMA page_size").fetchone()
            live.backup(copy, pages=_PAGES, progress=partial(_pages_told, told, size))
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, and nothing beside it
    except sqlite3.Error as error:
        raise unusable(source, error, sqlite.hint(str(error))) from error


def read_facts(path: Path) -> Facts:
    """What a file holds; nothing of it is changed.

    Raises:
        StoreUnusable: it is no database of ours.
    """
    try:
        with closing(sqlite3.connect(path)) as file:
            names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            tables = [name for (name,) in file.execute(names) if name in METADATA.tables]
            rows = {name: _count(file, name) for name in tables}
            (found,) = file.execute("SELECT version_num FROM alembic_version").fetchone()
            spent = file.execute("SELECT currency, sum(spent) FROM entries GROUP BY currency")
            return Facts(found, rows, dict(spent))
    except (sqlite3.Error, TypeError) as error:
        raise unusable(path, error, sqlite.hint(str(error))) from error


def artifacts_in(path: Path) -> list[tuple[str, int]]:
    """The artifacts that the rows of a file name: hash and size."""
    with closing(sqlite3.connect(path)) as file:
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'artifacts'").fetchone():
            return []  # its shape is older than artifacts
        return file.execute("SELECT hash, size FROM artifacts ORDER BY hash").fetchall()


def complaints(path: Path) -> list[str]:
    """What SQLite finds wrong with a file: damage, and rows that point to none."""
    try:
        with closing(sqlite3.connect(path)) as file:
            said = [line for (line,) in file.execute("PRAGMA integrity_check") if line != "ok"]
            dangling = file.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return said + [f"a row of {table} points to none of {to}" for table, _, to, _ in dangling]


def is_empty(database: Database) -> bool:
    """Whether no table has a row."""

    def look(connection: Connection) -> bool:
        tables = METADATA.sorted_tables
        return not any(connection.execute(select(t).limit(1)).first() for t in tables)

    return database.read_now(look)


def load(server: Server, source: Path, *, aside: str | None, told: Told) -> None:
    """Have a server's database hold the rows of a file of the newest shape, in one transaction.

    Without `aside` its tables must be empty; with it, they are first put into a schema of that
    name, with all that they hold.

    Raises:
        StoreUnusable: the server refused, and nothing was changed.
    """
    database, file = open_database(server), open_database(source)

    def work(into: Connection) -> None:
        if aside is not None:
            _put_aside(into, aside)
            shape.upgrade(into)
        with file.reading() as rows:
            _pour(rows, into, told)
        for table in METADATA.sorted_tables:
            _count_on(into, table)

    try:
        database.write_now(work)
    finally:
        database.close()
        file.close()


def _pour(rows: Connection, into: Connection, told: Told) -> None:
    """Copy every row, those first that others point to. Progress is told in rows."""
    tables = METADATA.sorted_tables
    counts = [
        rows.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
    ]
    done, total = 0, sum(counts)
    for table in tables:
        with rows.execute(select(table), execution_options={"yield_per": _ROWS}) as found:
            for some in found.mappings().partitions():
                into.execute(insert(table), [dict(row) for row in some])
                done += len(some)
                told("database", done, total)


def _put_aside(connection: Connection, schema: str) -> None:
    ours = {*METADATA.tables, "alembic_version"}
    connection.execute(text(f'CREATE SCHEMA "{schema}"'))
    for table in ours.intersection(inspect(connection).get_table_names()):
        connection.execute(text(f'ALTER TABLE "{table}" SET SCHEMA "{schema}"'))


def _count_on(connection: Connection, table: Table) -> None:
    """Have the server number the next row behind those that brought their numbers along."""
    column = table.autoincrement_column
    if column is not None:
        last = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(sequence, last, False)))


def _count(file: sqlite3.Connection, table: str) -> int:
    (number,) = file.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # noqa: S608 - of ours
    return number


def _pages_told(told: Told, size: int, _status: int, left: int, total: int) -> None:
    told("database", (total - left) * size, total * size)
