"""Music gives way to speech at once, waits through pauses, and comes back slowly."""

import numpy as np

from seedbed.kit.film.ducking import Ducking

RATE = 1_000


def loud(count: int) -> np.ndarray:
    return np.full((count, 2), 0.1, np.float32)


def still(count: int) -> np.ndarray:
    return np.zeros((count, 2), np.float32)


def test_it_gives_way_within_a_twentieth_of_a_second() -> None:
    depth = Ducking(RATE).follow(loud(100))
    assert depth[0] == 0
    assert depth[25] == 0.5
    assert (depth[50:] == 1).all()


def test_it_waits_through_a_pause_and_then_comes_back_within_half_a_second() -> None:
    ducking = Ducking(RATE)
    ducking.follow(loud(100))
    depth = ducking.follow(still(1_000))
    assert (depth[:280] == 1).all()
    assert 0 < depth[500] < 1
    assert (depth[820:] == 0).all()


def test_it_goes_on_where_the_last_block_ended() -> None:
    given = np.concatenate([still(130), loud(70), still(900)])
    whole = Ducking(RATE).follow(given)
    ducking = Ducking(RATE)
    parts = [ducking.follow(given[begin : begin + 100]) for begin in range(0, 1_100, 100)]
    assert np.allclose(np.concatenate(parts), whole)


def test_nothing_is_followed_without_a_sample() -> None:
    assert len(Ducking(RATE).follow(still(0))) == 0
