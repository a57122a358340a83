"""Which model makes the vectors of searches."""

from pathlib import Path

import pytest

from seedbed.engines.base import Engine
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.knowledge.reader import Reader, reader_of
from seedbed.serving.deployment import LiveDeployment
from tests.api.engines import Certain
from tests.api.engines import Reader as Vectors
from tests.api.running import (
    WINDOW,
    _deployment,  # pyright: ignore[reportPrivateUsage]
)


def named(clock: FakeClock) -> dict[str, LiveDeployment]:
    class Writer(Certain):
        features = frozenset()

    engines: dict[str, Engine] = {
        "writer": Writer("writer", window=WINDOW),
        "first": Vectors(),
        "second": Scripted("second", window=WINDOW),
    }
    return {name: _deployment(name, engine, clock) for name, engine in engines.items()}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", "first"), ("second", "second"), ("writer", None), ("nobody", None)],
)
def test_it_is_the_one_that_is_wanted_or_the_first(
    wanted: str, found: str | None, clock: FakeClock, home: Path
) -> None:
    del home
    told = reader_of(named(clock), wanted)
    assert told == (found and Reader(found, WINDOW))
