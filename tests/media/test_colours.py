"""Colours of a part of a picture."""

import numpy as np

from seedbed.core.scene.measures import WHOLE, Box
from seedbed.media.colours import is_there, share_of

PICTURE = np.full((100, 200, 3), (240, 240, 240), np.uint8)
PICTURE[25:75, 20:80] = (220, 40, 40)


def test_a_colour_is_found_where_it_is() -> None:
    assert share_of(PICTURE, Box(0.1, 0.25, 0.3, 0.5), "#e53935") == 1.0
    assert share_of(PICTURE, WHOLE, "#e53935") == 0.15
    assert share_of(PICTURE, WHOLE, "#1e88e5") == 0.0
    assert share_of(PICTURE, Box(2, 2, 0.1, 0.1), "#1e88e5") == 0.0


def test_something_is_there_if_it_stands_out_from_the_edge() -> None:
    assert is_there(PICTURE, Box(0.05, 0.1, 0.4, 0.8))
    assert not is_there(PICTURE, Box(0.55, 0.1, 0.4, 0.8))
    assert not is_there(PICTURE, Box(0, 0, 0.01, 0.01))
