"""A house that films."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.api.films.filming import Set, on_set


@pytest.fixture
async def scene(home: Path) -> AsyncGenerator[Set]:
    async with on_set(home) as made:
        yield made
