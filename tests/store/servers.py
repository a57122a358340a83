"""A PostgreSQL server of the tests' own: in a temporary folder, heard on a socket in it alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, create_engine, make_url

from seedbed.store.postgresql import Server

_RULES = """
local all guarded scram-sha-256
local all all trust
"""
_WITH = ("listen_addresses=", "fsync=on", "max_connections=200", "log_min_messages=panic")


class PostgreSQL:
    """A server; the folder is its owner's, and has its data."""

    def __init__(self, folder: Path, rights: Mapping[str, Any]) -> None:
        self._folder = folder
        self._rights = rights
        self._number = count()

    def begin(self) -> None:
        """Start it, or start it anew."""
        settings = [word for setting in _WITH for word in ("-c", setting)]
        self._control("start", "-o", " ".join(["-k", str(self._folder), *settings]))

    def end(self, how: str = "fast") -> None:
        """Stop it without waiting for whoever is connected; `immediate` is as if it crashed."""
        self._control("stop", "-m", how)

    def _control(self, *words: str) -> None:
        data = self._folder / "data"
        command = [_program("pg_ctl"), *words, "-s", "-w", "-D", data, "-l", data / "log"]
        subprocess.run(command, check=True, cwd=self._folder, **self._rights)

    def server(self, name: str = "postgres", user: str = "ada") -> Server:
        """The address of a database."""
        return Server(f"postgresql://{user}@/{name}?host={self._folder}")

    def fresh(self, name: str, like: str = "template1") -> Server:
        """A new database."""
        self.do(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.server(name)

    @contextmanager
    def lent(self, like: str = "template1") -> Generator[Server]:
        """A new database for a while; whoever is still connected at the end is cut off."""
        name = f"house_{next(self._number)}"
        yield self.fresh(name, like)
        self.do(f"DROP DATABASE {name} WITH (FORCE)")

    def do(self, statement: str, server: Server | None = None) -> list[tuple[Any, ...]]:
        """Run one statement as the operator of the server would; its rows."""
        url = make_url((server or self.server()).url).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            done = connection.exec_driver_sql(statement)
            return [tuple(row) for row in done] if done.returns_rows else []


@contextmanager
def running() -> Generator[PostgreSQL]:
    """Start a server; it and its folder are gone afterwards."""
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has 107 bytes at most
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    rights: dict[str, Any] = {}
    if os.getuid() == 0:  # the server refuses to run as root
        rights = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    data = folder / "data"
    made = [_program("initdb"), "-D", data, "-U", "ada", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=folder, **rights)
    (data / "pg_hba.conf").write_text(_RULES)
    server = PostgreSQL(folder, rights)
    server.begin()
    try:
        yield server
    finally:
        server.end()
        shutil.rmtree(folder)


def _owner() -> pwd.struct_passwd:
    """Whom the server runs as."""
    if os.getuid():
        return pwd.getpwuid(os.getuid())
    names = {user.pw_name for user in pwd.getpwall()}
    return pwd.getpwnam("postgres" if "postgres" in names else "nobody")


def _program(name: str) -> str:
    """Debian has the server's programs in a folder for each version; the newest is ours."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda at: float(at.parent.name)
    )
    path = os.pathsep.join([*map(str, reversed(folders)), os.environ["PATH"]])
    found = shutil.which(name, path=path)
    assert found, f"{name} is not here; `make test` installs `postgresql`, or says what is missing"
    return found
