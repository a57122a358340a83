"""Fair shares of hardware, for any coming and going."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.clock import FakeClock
from seedbed.serving.shares import Held, Shares

pytestmark = pytest.mark.anyio


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50)), max_size=40))
async def test_the_shares_of_all_add_up_to_the_time_that_the_hardware_was_busy(
    moves: list[tuple[int, int]],
) -> None:
    clock = FakeClock()
    shares = Shares(clock)
    holding: list[Held] = []
    gone: list[Held] = []
    busy = 0.0
    for move, seconds in moves:
        if move == 0:
            holding.append(Held(shares))
        elif move == 1 and holding:
            gone.append(holding.pop(0))
            gone[-1].give()
        busy += seconds if holding else 0
        await clock.advance(seconds)
    for held in holding:
        held.give()
    charged = sum(held.microseconds for held in (*gone, *holding))
    assert charged == pytest.approx(busy * 1e6, abs=len(moves))


def test_giving_back_twice_is_giving_back_once() -> None:
    shares = Shares(FakeClock())
    held = Held(shares)
    held.give()
    held.give()
    assert shares.holders == 0
