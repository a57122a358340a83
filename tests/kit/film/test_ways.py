"""What is followed from a frame to the next, and what is not."""

import numpy as np

from seedbed.kit.film.ways import ways
from tests.kit.film.moving import ground, moving, sky


def test_what_moves_is_followed_and_the_ground_stands() -> None:
    found = ways(moving(0, ground()), moving(1, ground()))
    assert found is not None
    way = found.at(0.0)
    assert np.abs(way[60, 60] - (9, 4)).max() < 0.7
    assert np.abs(way[110, 150] - (-8, -3)).max() < 0.7
    assert np.abs(way[170, 20]).max() < 0.5


def test_what_is_covered_next_is_not_sure() -> None:
    behind = ground()
    first, second = moving(0, behind), moving(1, behind)
    found = ways(first, second)
    assert found is not None
    covered = (first == behind).all(axis=2) & (second != behind).any(axis=2)
    assert found.first_sure[covered].mean() < 0.6
    assert found.first_sure[(first == second).all(axis=2)].mean() > 0.9


def test_other_pictures_are_not_followed() -> None:
    assert ways(ground(seed=1), ground(seed=2)) is None
    assert ways(moving(0, sky()), moving(0, ground())) is None
