"""What every test has: a home of its own, no network beyond this machine, and a clock to turn."""

import gc
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias, cast

import httpcore2
import pytest
from hypothesis import settings
from sqlalchemy import Engine

from seedbed.kit.clock import FakeClock
from seedbed.store import sqlite
from seedbed.store.database import Database, open_database
from seedbed.store.postgresql import Server
from tests.store.servers import PostgreSQL, running

Fresh: TypeAlias = Callable[[], AbstractContextManager[Path | Server]]
Prepare: TypeAlias = Callable[[int, sqlite3.Connection, object], None]

settings.register_profile("house", deadline=None)  # other programs run on the machine, too
settings.register_profile("fast", deadline=None, max_examples=5)
settings.load_profile("house")
gc.disable()  # until all tests are collected, of which nothing is garbage


def pytest_collection_finish() -> None:
    """What was collected stays to the end: whoever looks for garbage need not look at it."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> Iterator[None]:
    """Read whom the world trusts once: each client would, and take thirty milliseconds for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore2, "default_ssl_context", cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run the migrations once; each further file that is missing begins as a copy of the first."""
    connect = sqlite.connect
    first = tmp_path_factory.mktemp("made") / "seedbed.db"

    def copied(path: Path, busy_ms: int) -> Engine:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            path.write_bytes(made)
        return connect(path, busy_ms)

    open_database(first).close()
    made = first.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "connect", copied)
        yield


@pytest.fixture(scope="session", autouse=True)
def not_hasty() -> Iterator[Prepare]:
    """Wait for no disk: what a test writes must outlive its process, and not the machine. Given is
    what prepares a connection that does wait.
    """
    prepare = sqlite._prepare  # pyright: ignore[reportPrivateUsage] - where it waits

    def hasty(busy_ms: int, connection: sqlite3.Connection, record: object) -> None:
        prepare(busy_ms, connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "_prepare", hasty)
        yield prepare


@pytest.fixture(scope="session", autouse=True)
def no_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No setting from outside, and a home that no test may make: who needs one asks for `home`."""
    nowhere = tmp_path_factory.getbasetemp() / "nowhere"
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("SEEDBED_"):
                patch.delenv(name)
        patch.delenv("COVERAGE_PROCESS_START", raising=False)  # it is meant for this process alone
        patch.setenv("SEEDBED_HOME", str(nowhere))
        yield
    assert not nowhere.exists(), "a test wrote to a home that it had not asked for"


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Refuse every connection that would leave the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = cast(tuple[str, int], address)[0]
            assert host in {"127.0.0.1", "::1", "localhost"}, f"a test reached for {host}"
        connect(self, address)  # type: ignore[arg-type]  # as the socket takes it

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `SEEDBED_HOME`."""
    home = tmp_path / "home"
    monkeypatch.setenv("SEEDBED_HOME", str(home))
    return home


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    opened = open_database(home / "seedbed.db")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A server of our own."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def shaped(postgresql: PostgreSQL) -> str:
    """The name of a database on it that has every table and no row, to be copied."""
    open_database(postgresql.fresh("shaped")).close()
    return "shaped"


@pytest.fixture(
    scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
)
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Where another database may be made, of either kind in turn; it goes with its test."""
    if request.param == "sqlite":
        return lambda: nullcontext(tmp_path_factory.mktemp("house") / "seedbed.db")
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return partial(server.lent, like=request.getfixturevalue("shaped"))


@pytest.fixture
def where(fresh: Fresh) -> Iterator[Path | Server]:
    """A database of either kind, for those who open it themselves."""
    with fresh() as place:
        yield place
