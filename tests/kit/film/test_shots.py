"""Shots told by their frames, and those whose colours have drifted."""

import numpy as np
import pytest

from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.shots import drifted, shots
from tests.kit.film.moving import ground, moving

ONE, OTHER = ground(seed=1), ground(seed=5)


def warm(frame: Frame) -> Frame:
    return (frame * np.array([1.0, 0.95, 0.85]) + np.array([8, 4, 0])).clip(0, 255).astype(np.uint8)


@pytest.mark.slow
def test_a_cut_ends_a_shot_and_motion_does_not() -> None:
    film = [*(moving(at, ONE) for at in range(10)), *(moving(at, OTHER) for at in range(5))]
    assert [(shot.first, shot.count) for shot in shots(film)] == [(0, 10), (10, 5)]
    assert list(shots([])) == []


def test_a_shot_that_is_nearly_of_the_same_colours_is_to_be_matched() -> None:
    film = [ONE] * 3 + [warm(OTHER)] * 3 + [ONE] * 2
    found = list(shots(film))
    assert len(found) == 3
    (drift,) = drifted(found)
    assert drift.shot is found[1]
    assert drift.wanted is found[0].look


def test_a_shot_of_another_light_is_left_as_it_is() -> None:
    night = (OTHER * 0.3).astype(np.uint8)
    found = list(shots([ONE] * 2 + [night] * 2))
    assert len(found) == 2
    assert list(drifted(found)) == []
