"""The store is tested on either database: those on a server are slow."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from seedbed.store.database import Database, open_database
from seedbed.store.postgresql import Server


@pytest.fixture
def database(where: Path | Server) -> Iterator[Database]:
    opened = open_database(where)
    yield opened
    opened.close()
