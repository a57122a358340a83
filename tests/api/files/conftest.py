"""The doors of files and batches, for the tests of what they share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from seedbed.kit.clock import FakeClock
from tests.api.files.doors import Doors, doors


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Doors]:
    with doors(home, clock) as opened:
        yield opened
