"""Lines around something are found by their colour and form; what is no such line is none."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageDraw

from seedbed.kit.film.pictures import Frame
from seedbed.media.marks import marks
from tests.media.marked import BLUE, GREEN, PEN, RED, by_hand

Draw = Callable[[PEN], object]
NONE: list[Draw] = [
    lambda pen: pen.rectangle((50, 50, 300, 220), fill=RED),  # it is filled
    lambda pen: pen.ellipse((50, 50, 300, 220), outline="#888888", width=6),  # it is grey
    lambda pen: pen.ellipse((50, 50, 300, 220), outline="#e8d8d8", width=6),  # it is pale
    lambda pen: pen.line((20, 20, 380, 280), fill=RED, width=8),  # it goes around nothing
    lambda pen: pen.arc((50, 50, 300, 220), 0, 200, fill=RED, width=8),  # half of a circle
    lambda pen: pen.ellipse((50, 50, 57, 57), outline=RED, width=2),  # it is a letter's size
    lambda pen: pen.line([(60, 60), (340, 60), (200, 60), (200, 250)], fill=RED, width=9),  # a T
]
"""Around nothing goes any of these."""


def picture(*draw: Draw, size: tuple[int, int] = (400, 300)) -> Frame:
    image = Image.new("RGB", size, "#f4f4f0")
    for one in draw:
        one(ImageDraw.Draw(image))
    return np.asarray(image)


def ring(at: tuple[int, int], radius: int, pen: PEN) -> None:
    x, y = at
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=RED, width=2)


def test_marks_of_several_colours_come_from_the_top_to_the_bottom() -> None:
    seen = picture(
        lambda pen: pen.rectangle((200, 150, 330, 260), outline=BLUE, width=5),
        lambda pen: pen.ellipse((20, 20, 120, 90), outline=RED, width=5),
        lambda pen: pen.rectangle((30, 180, 120, 280), outline=GREEN, width=4),
    )
    found = marks(seen)
    assert [one.named for one in found] == ["red", "blue", "green"]
    assert [one.corner for one in found] == [(20, 20), (150, 200), (180, 30)]
    assert found[0].colour == (224, 32, 32)


def test_a_circle_that_does_not_close_goes_around_all_the_same() -> None:
    (found,) = marks(picture(lambda pen: by_hand(pen, (200, 150), (120, 90))))
    assert found.named == "red"
    rows, columns = np.nonzero(found.line)
    assert (rows.min(), columns.min()) == found.corner


@pytest.mark.parametrize("colour", ["#ff8800", "#f0d000", "#00c8c8", "#8a2be2", "#e0208c"])
def test_each_strong_colour_is_one_mark_and_not_two(colour: str) -> None:
    seen = picture(lambda pen: pen.ellipse((50, 50, 300, 220), outline=colour, width=6))
    assert len(marks(seen)) == 1


def test_one_mark_in_another_is_a_mark_too() -> None:
    seen = picture(
        lambda pen: pen.rectangle((20, 20, 380, 280), outline=RED, width=5),
        lambda pen: pen.ellipse((150, 100, 250, 200), outline=RED, width=5),
    )
    assert len(marks(seen)) == 2


@pytest.mark.parametrize("draw", NONE)
def test_what_goes_around_nothing_is_no_mark(draw: Draw) -> None:
    assert marks(picture(draw)) == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (16, 9)])
def test_in_a_picture_too_small_for_one_there_is_none(size: tuple[int, int]) -> None:
    assert marks(np.full((size[1], size[0], 3), (224, 32, 32), np.uint8)) == ()


def test_of_very_many_the_largest_are_told() -> None:
    rings: list[Draw] = [
        partial(ring, (18 + 36 * (place % 20), 18 + 36 * (place // 20)), 15 if place else 17)
        for place in range(200)
    ]
    found = marks(picture(*rings, size=(740, 380)))
    assert len(found) == 64
    assert found[0].corner <= (1, 1), "the one that is larger is among them"
