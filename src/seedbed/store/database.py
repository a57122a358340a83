"""One database: opened, brought to its shape, read by many and written by one at a time.

Floor 2. SQLite in WAL with `synchronous=FULL`: what `write` has returned from survives a pulled
plug. All of it runs in threads, since none of it is on the path of a request.
"""

import asyncio
import importlib
import sqlite3
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import anyio
import anyio.to_thread
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from seedbed.core.errors import StoreUnusable
from seedbed.store.tables import SHAPE

T = TypeVar("T")
BUSY_MS = 10_000
"""How long a write waits for that of another program, in milliseconds."""


class Database:
    """A database of ours."""

    def __init__(self, engine: Engine, where: str) -> None:
        self._engine = engine
        self._where = where
        self._writer = ThreadPoolExecutor(1, "writer")

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection of its own, in a thread.

        Raises:
            StoreUnusable: the database refused.
        """
        return await anyio.to_thread.run_sync(self.read_now, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` as one transaction, after all earlier writes of this process.

        They have a thread of their own: a busy loop is slow to come round, and this waits for it
        once, where a lock and a thread that is shared wait four times.

        Raises:
            StoreUnusable: the database refused, and nothing of `work` was kept.
        """
        written = asyncio.get_running_loop().run_in_executor(self._writer, self.write_now, work)
        with anyio.CancelScope(shield=True):
            await written
        return written.result()

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """`read` for programs that do not wait, such as commands."""
        return self._run(self._engine.execution_options(reads=True), work)

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """`write` for programs that do not wait, such as commands."""
        return self._run(self._engine, work)

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A connection that sees the database as it stands now, until it is let go of.

        Raises:
            StoreUnusable: the database refused.
        """
        with self._connected(self._engine.execution_options(reads=True)) as connection:
            yield connection

    def close(self) -> None:
        """Let go of every connection, once what is being written is."""
        self._writer.shutdown()
        self._engine.dispose()

    def _run(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        with self._connected(engine) as connection:
            return work(connection)

    @contextmanager
    def _connected(self, engine: Engine) -> Generator[Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise _unusable(self._where, error.orig or error) from error
        except sqlite3.Error as error:
            raise _unusable(self._where, error) from error


def open_database(path: Path, *, busy_ms: int = BUSY_MS) -> Database:
    """Open the SQLite file, make it where it is missing, and migrate it to the newest shape.

    A write that finds another program writing waits for it, `busy_ms` milliseconds at most.

    Raises:
        StoreUnusable: the file cannot be made, is no database, or is newer than this program.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            path.touch(mode=0o600)  # before SQLite does: its log beside takes the same permissions
    except OSError as error:
        raise _unusable(str(path), error) from error
    engine = create_engine(f"sqlite:///{path}", max_overflow=-1)  # threads bound them already
    event.listen(engine, "connect", partial(_prepare, busy_ms))
    event.listen(engine, "begin", _begin)
    database = Database(engine, str(path))
    try:
        database.write_now(lambda connection: _migrate(connection, path))
    except StoreUnusable:
        database.close()
        raise
    return database


def execute(connection: Connection, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
    """Run a plain statement within the transaction of `connection`; its rows know their columns.

    It goes to the driver itself, which prepares it once: around a small statement SQLAlchemy takes
    ten times as long as SQLite.

    Raises:
        sqlite3.Error: which `Database` tells in our words.
    """
    cursor = cast("sqlite3.Connection", connection.connection.driver_connection).cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(sql, values)


def _prepare(busy_ms: int, connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, see _begin
    connection.execute(f"PRAGMA busy_timeout = {busy_ms}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    """Take the write lock at the start, so that a write never finds it gone half way through."""
    reads = connection.get_execution_options().get("reads", False)
    execute(connection, "BEGIN" if reads else "BEGIN IMMEDIATE")


def _migrate(connection: Connection, path: Path) -> None:
    version = None
    if "alembic_version" in inspect(connection).get_table_names():
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version == SHAPE:
        return
    if version is not None and version > SHAPE:
        raise StoreUnusable(
            f"{path} has the shape {version}; this program knows shapes up to {SHAPE}.",
            hint="It was written by a newer Seedbed: use that one, or restore a backup.",
            reason="a newer shape",
            path=str(path),
        )
    # Alembic takes as long to import as everything else together, and is rarely needed.
    importlib.import_module("seedbed.store.shape").upgrade(connection)


def _unusable(where: str, error: BaseException) -> StoreUnusable:
    reason = str(error) or type(error).__name__
    hint = "Check that the disk has room and that the folder can be written by you."
    if "not a database" in reason or "malformed" in reason:
        hint = "The file is damaged: move it away, or put a backup in its place."
    elif "locked" in reason:
        hint = "Another program has been writing to it for long: see which one, or try again."
    what = f"The database {where} cannot be used: {reason}."
    return StoreUnusable(what, hint=hint, reason=reason, path=where)
