"""A house that speaks and hears, in process and on a real server."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from seedbed.core.access import Scope
from seedbed.engines.base import Engine
from seedbed.kit.clock import FakeClock, SystemClock
from tests.api.audio import sounds
from tests.api.audio.sounds import AtHand
from tests.api.running import House, alive, build, make_key, served


@pytest.fixture
def engines() -> dict[str, Engine]:
    return sounds.engines()


@pytest.fixture
async def house(home: Path, clock: FakeClock, engines: dict[str, Engine]) -> AsyncGenerator[House]:
    app = build(engines, home=home, clock=clock, workshop=AtHand())
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a server, and a key to it."""
    home = tmp_path_factory.mktemp("home")
    app = build(sounds.engines(), home=home, clock=SystemClock(), workshop=AtHand())
    with served(app) as url:
        yield url, make_key(home, Scope.MODELS)
