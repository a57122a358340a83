"""Colours of shots brought together, within bounds."""

import numpy as np
import pytest

from seedbed.kit.film.colour import curves, look, matched
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame
from tests.kit.film.made import plain
from tests.kit.film.moving import ground, moving

PLAIN = [moving(moment, ground()) for moment in (0, 1, 2)]


def tinted(frame: Frame) -> Frame:
    """As under a warm lamp, and duller."""
    return (frame * np.array([0.9, 0.8, 0.7]) + np.array([25, 12, 5])).clip(0, 255).astype(np.uint8)


@pytest.mark.slow
def test_a_tint_is_taken_away() -> None:
    wanted, given = look(PLAIN), look(map(tinted, PLAIN))
    assert given.differs(wanted) > 8
    made = look(matched(map(tinted, PLAIN), given, wanted))
    assert made.differs(wanted) < 2
    assert np.abs(made.spread - wanted.spread).max() < 3


def test_shots_that_match_are_left_alone() -> None:
    wanted, given = look(PLAIN[:1]), look(PLAIN[2:])
    assert curves(given, wanted) is None
    assert all(
        ours is theirs for ours, theirs in zip(matched(PLAIN, given, wanted), PLAIN, strict=True)
    )


def test_what_shows_other_things_is_changed_by_no_more_than_a_bound() -> None:
    table = curves(look([plain((0, 0, 0))]), look([plain((255, 255, 255))]))
    assert table is not None
    assert np.abs(table.astype(int) - np.arange(256)[:, None]).max() <= 48


def test_darker_stays_darker() -> None:
    table = curves(look(map(tinted, PLAIN)), look(PLAIN))
    assert table is not None
    assert (np.diff(table.astype(int), axis=0) >= 0).all()


def test_half_the_strength_goes_half_the_way() -> None:
    given, wanted = look(map(tinted, PLAIN)), look(PLAIN)
    half, full = curves(given, wanted, 0.5), curves(given, wanted)
    assert half is not None
    assert full is not None
    middle = (full.astype(float) + np.arange(256)[:, None]) / 2
    inside = (full > 0) & (full < 255)
    assert np.abs(half - middle)[inside].max() <= 1
    assert curves(given, wanted, 0) is None


def test_no_frame_has_no_look() -> None:
    with pytest.raises(FilmFault, match="there is no frame"):
        look([])
