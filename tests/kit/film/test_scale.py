"""Frames at another size."""

import numpy as np
import pytest

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.scale import resized
from tests.kit.film.moving import alike, ground


@pytest.mark.parametrize("size", [(640, 384), (160, 96), (640, 96), (100, 300), (1, 1)])
def test_a_frame_has_the_size_that_is_asked_for(size: tuple[int, int]) -> None:
    assert resized(ground(), *size).shape == (size[1], size[0], 3)


def test_a_frame_of_that_size_is_given_as_it_is() -> None:
    frame = ground()
    assert resized(frame, 320, 192) is frame


def test_what_was_made_larger_comes_back_as_it_was() -> None:
    frame = ground()
    assert alike(resized(resized(frame, 640, 384), 320, 192), frame) > 45


def test_thin_lines_are_still_there_when_smaller() -> None:
    frame = np.zeros((192, 320, 3), np.uint8)
    frame[:, ::8] = 255
    assert resized(frame, 40, 24).min() > 0


@pytest.mark.parametrize("size", [(0, 5), (5, -1), (5, 16_385)])
def test_a_size_that_is_none_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(FilmFault, match="a side has 1 to 16,384"):
        resized(ground(), *size)
