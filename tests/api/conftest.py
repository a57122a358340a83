"""The house that most tests of the doors ask, with the fake model that ships."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from seedbed.core.access import Scope
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from tests.api.running import WINDOW, House, alive, build, make_key


@pytest.fixture
async def house(home: Path, clock: FakeClock) -> AsyncGenerator[House]:
    app = build({"scripted": Scripted("scripted", window=WINDOW)}, home=home, clock=clock)
    async with alive(app):
        yield House(app, make_key(home, Scope.MODELS), home, clock)


@pytest.fixture(autouse=True)
def looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scripted engine is done before anybody would look whether its caller is still there."""
    monkeypatch.setattr("seedbed.api.answer._LOOKS_AFTER_SECONDS", 0)


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    """What the house logs while the test runs."""
    with capture_logs() as lines:
        yield lines
