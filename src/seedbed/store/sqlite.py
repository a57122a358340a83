"""A database that is one SQLite file, for the programs of one machine.

Floor 2. In WAL with `synchronous=FULL`: what `write` has returned from survives a pulled plug.
"""

import sqlite3
from functools import partial
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, create_engine, event


def connect(path: Path, busy_ms: int) -> Engine:
    """The file, made where it is missing; it is opened by whoever asks first.

    Raises:
        OSError: the folder or the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)  # before SQLite does: its log beside takes the same permissions
    engine = create_engine(f"sqlite:///{path}", max_overflow=-1)  # threads bound them already
    event.listen(engine, "connect", partial(_prepare, busy_ms))
    event.listen(engine, "begin", _begin)
    return engine


def hint(reason: str) -> str:
    """What to do about it, by what the database said."""
    if "not a database" in reason or "malformed" in reason:
        return "The file is damaged: move it away, or put a backup in its place."
    if "locked" in reason:
        return "Another program has been writing to it for long: see which one, or try again."
    return "Check that the disk has room and that the folder can be written by you."


def _prepare(busy_ms: int, connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, see _begin
    connection.execute(f"PRAGMA busy_timeout = {busy_ms}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    """Take the write lock at the start, so that a write never finds it gone half way through."""
    reads = connection.get_execution_options().get("reads", False)
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
