"""Parts of pictures filled from around them."""

import numpy as np
import pytest

from seedbed.core.scene.layers import Mask
from seedbed.core.scene.measures import Box, Point
from seedbed.engines.drafting.filling import covered, filled
from seedbed.engines.drafting.frames import Pixels


def sheet(colour: tuple[int, int, int, int], height: int = 60, width: int = 80) -> Pixels:
    return np.full((height, width, 4), colour, np.uint8)


def test_what_was_there_is_gone_and_the_rest_is_as_it_was() -> None:
    pixels = sheet((40, 90, 200, 255))
    pixels[20:40, 30:50] = (250, 10, 10, 255)
    area = np.zeros((60, 80), bool)
    area[18:42, 28:52] = True
    made = filled(pixels, area)
    assert np.abs(made[area].astype(int) - (40, 90, 200, 255)).max() <= 3
    assert (made[:10] == pixels[:10]).all()
    assert (pixels[30, 40] == (250, 10, 10, 255)).all()


@pytest.mark.slow
def test_a_large_part_is_filled_as_well() -> None:
    pixels = sheet((40, 90, 200, 255), 900, 1200)
    pixels[200:700, 300:900] = (250, 10, 10, 255)
    area = np.zeros((900, 1200), bool)
    area[196:704, 296:904] = True
    made = filled(pixels, area)
    assert np.abs(made[area].astype(int) - (40, 90, 200, 255)).max() <= 3


def test_colours_are_never_more_than_their_alpha() -> None:
    pixels = sheet((0, 0, 0, 0))
    pixels[:, 40:] = (100, 120, 128, 128)
    area = np.zeros((60, 80), bool)
    area[20:40, 30:50] = True
    made = filled(pixels, area)
    assert (made[:, :, :3] <= made[:, :, 3:].astype(int) + 1).all()


@pytest.mark.parametrize("whole", [False, True])
def test_nothing_and_everything_stay_as_they_are(whole: bool) -> None:
    pixels = sheet((40, 90, 200, 255))
    made = filled(pixels, np.full((60, 80), whole))
    assert (made == pixels).all()


def test_where_next_to_nothing_is_left_around_it_that_is_taken() -> None:
    pixels = sheet((40, 90, 200, 255), 400, 3)
    area = np.ones((400, 3), bool)
    area[:, 0] = False
    assert filled(pixels, area).shape == (400, 3, 4)
    line = np.ones((1, 900), bool)
    line[0, 0] = False
    assert filled(sheet((40, 90, 200, 255), 1, 900), line).shape == (1, 900, 4)


def test_a_mask_covers_its_part_of_the_box_that_a_picture_is_in() -> None:
    mask = Mask(id="mask", box=Box(0.5, 0.5, 0.25, 0.25))
    area = covered(mask, Box(0.5, 0.5, 0.5, 0.5), 40, 40)
    assert area[:20, :20].all()
    assert not area[22:, 22:].any()
    points = (Point(0.5, 0.5), Point(1.0, 0.5), Point(0.5, 1.0))
    area = covered(Mask(id="mask", points=points), Box(0.5, 0.5, 0.5, 0.5), 40, 40)
    assert area[5, 5]
    assert not area[35, 35]
