"""Where a house keeps what it has, and whether anybody is at work there.

Floor 2. The home has further files of the operator's: cards, prices, settings, the first key.
"""

import fcntl
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, make_url

from seedbed.core.errors import BackupRefused, StoreUnusable
from seedbed.kit import atomic
from seedbed.store.database import execute, open_database
from seedbed.store.postgresql import Server

if TYPE_CHECKING:  # loaded when the first artifact is asked for
    from seedbed.store.blobs import Blobs

DATABASE = "seedbed.db"
ARTIFACTS = "artifacts"
SETTINGS = "settings.toml"
INDEXES = "indexes"
FOLDERS = ("catalogue", "prices", "deployments", "checks")
FILES = (SETTINGS, "admin.key")

Told = Callable[[str, int, int], None]
"""Told what is under way (`database`, `artifacts`, `check`), and how much is done of how much."""

_OTHERS = """
    SELECT count(*) AS number FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'seedbed'
"""


@dataclass(frozen=True, slots=True)
class Premises:
    """Where a house keeps what it has. `bucket` is where its artifacts lie, if not in the home;
    `blobs` opens the artifacts of a home, which with a bucket are the same for every home.
    """

    home: Path
    database: Path | Server
    blobs: "Callable[[Path], Blobs]"
    bucket: str = ""


def nothing_told(_stage: str, _done: int, _total: int) -> None:
    """For those whom nobody watches."""


def is_in_use(database: Path | Server) -> bool:
    """Whether another program has the database open, such as a server or a worker.

    Raises:
        StoreUnusable: a server of PostgreSQL cannot be asked.
    """
    if isinstance(database, Server):
        opened = open_database(ours(database))
        try:
            return opened.read_now(_has_others)
        finally:
            opened.close()
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database, timeout=0.5)) as file:
        try:  # which SQLite does for whoever is alone with a file
            file.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            return "locked" in str(error)
    return False  # a damaged one is of no use to anybody


def require_idle(database: Path | Server) -> None:
    """See that nobody is at work with a database.

    Raises:
        BackupRefused: somebody is.
        StoreUnusable: as `is_in_use`.
    """
    if (isinstance(database, Server) or database.exists()) and is_in_use(database):
        raise BackupRefused(
            f"A server, a worker or a command has {database} open.",
            hint="Stop the server with `seedbed down`, and the workers, and run this again.",
        )


def ours(server: Server) -> Server:
    """The same server, spoken to under another name, by which it tells us from all others."""
    named = make_url(server.url).update_query_dict({"application_name": "seedbed restore"})
    return replace(server, url=named.render_as_string(hide_password=False))


@contextmanager
def locked(folder: Path) -> Generator[bool]:
    """Hold a folder, as long as the block and the program last; gives whether nobody else did."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        is_held = True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_held = False
        yield is_held
    finally:
        os.close(descriptor)


def require_room(folder: Path, needed: int) -> None:
    """See that so many bytes fit.

    Raises:
        BackupRefused: they do not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupRefused(
            f"No room in {folder}: {needed / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} MB are "
            "free.",
            hint="Make room there, or name a place on another disk. Nothing was changed.",
        )


def private_mode(path: Path) -> int:
    """The permissions of a copy that is its owner's alone: a program, such as a check, stays one.

    Raises:
        OSError: the file is not there.
    """
    return 0o600 | path.stat().st_mode & stat.S_IXUSR


def copy_private(source: Path, target: Path) -> None:
    """Copy a file as its owner's alone, and see that it has reached the disk.

    Raises:
        OSError: the disk refused.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=private_mode(source))
    shutil.copyfile(source, target)
    atomic.flush(target)


@contextmanager
def told_plainly(what: str) -> Generator[None]:
    """Tell what a disk refuses in our words.

    Raises:
        BackupRefused: it refused.
    """
    try:
        yield
    except OSError as error:
        raise BackupRefused(
            f"{what}: {error.strerror or error} ({error.filename or 'while it was written'}).",
            hint="See that the disk has room, and that the folder can be read and written by you. "
            "What was there before is unchanged.",
        ) from error


def unusable(where: Path, error: Exception, hint: str) -> StoreUnusable:
    """What a file of SQLite refuses, in our words."""
    what = f"The database {where} cannot be used: {error}."
    return StoreUnusable(what, hint=hint, reason=str(error), path=str(where))


def _has_others(connection: Connection) -> bool:
    return execute(connection, _OTHERS).fetchone()["number"] > 0
