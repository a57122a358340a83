"""A house with painters, in process and on a real server."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from seedbed.core.access import Scope
from seedbed.engines.scripted_painter import ScriptedPainter
from seedbed.kit.clock import FakeClock, SystemClock
from tests.api.images.painting import painters
from tests.api.running import House, alive, build, make_key, served


@pytest.fixture
def engines() -> dict[str, ScriptedPainter]:
    return painters()


@pytest.fixture
async def house(
    home: Path, clock: FakeClock, engines: dict[str, ScriptedPainter]
) -> AsyncGenerator[House]:
    app = build(engines, home=home, clock=clock)
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server, and a key to it."""
    home = tmp_path_factory.mktemp("home")
    with served(build(painters(), home=home, clock=SystemClock())) as url:
        yield url, make_key(home, Scope.MODELS)
