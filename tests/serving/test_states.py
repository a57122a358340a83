"""How long something was in each of its states."""

import pytest

from seedbed.kit.clock import FakeClock
from seedbed.serving.states import States

pytestmark = pytest.mark.anyio


async def test_the_time_in_each_state_is_told_once(clock: FakeClock) -> None:
    states = States(clock, "off")
    await clock.advance(5)
    states.enter("loading")
    await clock.advance(2)
    states.enter("ready")
    await clock.advance(1.5)
    states.enter("ready")
    await clock.advance(1.5)
    assert states.take("ready", "loading") == (3_000_000, 2_000_000)
    await clock.advance(4)
    assert states.take("ready", "loading", "never") == (4_000_000, 0, 0)
