"""What every test has: a home of its own, no network beyond this machine, and a clock to turn."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import settings

from seedbed.kit.clock import FakeClock
from seedbed.store.database import Database, open_database

settings.register_profile("house", deadline=None)  # other programs run on the machine, too
settings.register_profile("fast", deadline=None, max_examples=15)
settings.load_profile("house")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `SEEDBED_HOME`, and no other setting from outside."""
    for name in os.environ:
        if name.startswith("SEEDBED_"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    monkeypatch.setenv("SEEDBED_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave the machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = cast(tuple[str, int], address)[0]
            assert host in {"127.0.0.1", "::1", "localhost"}, f"a test reached for {host}"
        connect(self, address)  # type: ignore[arg-type]  # as the socket takes it

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    opened = open_database(home / "seedbed.db")
    yield opened
    opened.close()
