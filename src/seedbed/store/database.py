"""One database: opened, brought to its shape, read by many and written by one at a time.

Floor 2. In a file (`sqlite.py`) or on a server (`postgresql.py`): what `write` has returned from is
on the disk. All of it runs in threads, since none of it is on the path of a request.
"""

import asyncio
import importlib
import sqlite3
import weakref
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import anyio
import anyio.to_thread
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

from seedbed.core.errors import StoreUnusable
from seedbed.store import postgresql, sqlite
from seedbed.store.postgresql import Server
from seedbed.store.tables import SHAPE

T = TypeVar("T")
BUSY_MS = 10_000
"""How long a write waits for that of another program, in milliseconds."""


class Row(Protocol):
    """A row of either database, by the names of its columns."""

    def __getitem__(self, name: str, /) -> Any: ...  # noqa: ANN401 - as the column has it

    def keys(self) -> Iterable[str]:
        """The names."""
        ...


class Rows(Protocol):
    """What a statement came to; each row is a `Row`."""

    @property
    def rowcount(self) -> int:
        """How many rows it wrote, or has."""
        ...

    def __iter__(self) -> Iterator[Any]: ...

    def fetchone(self) -> Any:  # noqa: ANN401 - a row, or `None`
        """The next row."""
        ...

    def fetchall(self) -> list[Any]:
        """The rest of the rows."""
        ...


class Database:
    """A database of ours. `hint` has a word to what it says when it refuses."""

    def __init__(self, engine: Engine, where: str, hint: Callable[[str], str]) -> None:
        self._engine = engine
        self._where = where
        self._hint = hint
        self._writer = ThreadPoolExecutor(1, "writer")
        weakref.finalize(self, engine.dispose)  # commands forget it, and do not close it

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection of its own, in a thread.

        Raises:
            StoreUnusable: the database refused.
        """
        return await anyio.to_thread.run_sync(self.read_now, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` as one transaction, after all earlier writes of this process.

        They have a thread of their own: a busy loop is slow to come round, and this waits for it
        once, where a lock and a thread that is shared wait four times. Who is cancelled meanwhile
        learns first what was written, and meets the cancellation at the next thing to wait for.

        Raises:
            StoreUnusable: the database refused, and nothing of `work` was kept.
        """
        written = asyncio.get_running_loop().run_in_executor(self._writer, self.write_now, work)
        with anyio.CancelScope(shield=True):
            await _done(written)
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
        except (DBAPIError, NoneFree, self._engine.dialect.loaded_dbapi.Error) as error:
            cause = getattr(error, "orig", None) or error
            raise _unusable(self._where, cause, self._hint) from error


def open_database(where: Path | Server, *, busy_ms: int = BUSY_MS) -> Database:
    """Open a SQLite file, made where it is missing, or what a PostgreSQL server has, and migrate it
    to the newest shape.

    A write that finds another program writing waits for it, `busy_ms` milliseconds at most.

    Raises:
        StoreUnusable: the file cannot be made, or is no database; the server cannot be reached, or
            refuses; or it is newer than this program.
    """
    hint = sqlite.hint if isinstance(where, Path) else postgresql.hint
    try:
        if isinstance(where, Path):
            engine = sqlite.connect(where, busy_ms)
        else:
            engine = postgresql.connect(where, busy_ms)
    except (OSError, ImportError) as error:
        raise _unusable(str(where), error, hint) from error
    database = Database(engine, str(where), hint)
    try:
        database.write_now(lambda connection: _migrate(connection, where))
    except StoreUnusable:
        database.close()
        raise
    return database


def execute(connection: Connection, sql: str, values: Sequence[object] = ()) -> Rows:
    """Run a plain statement within the transaction of `connection`; its rows know their columns.

    It goes to the driver itself, which prepares it once: around a small statement SQLAlchemy takes
    ten times as long as SQLite. Both databases must understand it; a value's place is `?` in both.

    Raises:
        sqlite3.Error, psycopg.Error: which `Database` tells in our words.
    """
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        cursor = driver.cursor()
        cursor.row_factory = sqlite3.Row
        return cursor.execute(sql, values)
    return postgresql.execute(connection, sql, values)


async def _done(written: asyncio.Future[T]) -> None:
    """Wait to the end. A scope's shield keeps back the cancellations of scopes; this does so with
    those of tasks, and asks for them again afterwards.
    """
    is_cancelled = False
    while not written.done():
        try:
            await asyncio.wait([written])
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled and (task := asyncio.current_task()):
        task.uncancel()  # which keeps the count of those who asked for it
        task.cancel()


def _migrate(connection: Connection, where: Path | Server) -> None:
    version = None
    if inspect(connection).has_table("alembic_version"):
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version == SHAPE:
        return
    if version is not None and version > SHAPE:
        raise StoreUnusable(
            f"{where} has the shape {version}; this program knows shapes up to {SHAPE}.",
            hint="It was written by a newer Seedbed: use that one, or restore a backup.",
            reason="a newer shape",
            path=str(where),
        )
    # Alembic takes as long to import as everything else together, and is rarely needed.
    upgrade = importlib.import_module("seedbed.store.shape").upgrade
    if version is not None and isinstance(where, Path):
        importlib.import_module("seedbed.store.upgrading").try_first(where, upgrade)
    upgrade(connection)


def _unusable(where: str, error: BaseException, hint: Callable[[str], str]) -> StoreUnusable:
    said = str(error) or type(error).__name__
    reason = said.splitlines()[0]  # PostgreSQL tells the values in the lines below
    what = f"The database {where} cannot be used: {reason}."
    return StoreUnusable(what, hint=hint(reason), reason=reason, path=where)
