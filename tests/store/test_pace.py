"""How fast bytes come: as last measured, and for a while."""

import pytest

from seedbed.kit.clock import FakeClock
from seedbed.store.pace import Pace

pytestmark = pytest.mark.anyio


async def test_nothing_is_expected_until_it_was_measured_nor_long_after(clock: FakeClock) -> None:
    pace = Pace(clock)
    assert pace.expected(1000) == 0
    pace.learn(100, 2.0)
    assert pace.expected(1000) == 20
    await clock.advance(599)
    assert pace.expected(1000) == 20
    await clock.advance(2)
    assert pace.expected(1000) == 0


def test_the_last_fetch_is_believed_and_one_that_brought_nothing_is_the_slowest(
    clock: FakeClock,
) -> None:
    pace = Pace(clock)
    pace.learn(100, 2.0)
    pace.learn(100, 1.0)
    assert pace.expected(100) == 1
    pace.learn(0, 5.0)
    assert pace.expected(100) == 500
