"""Plain forms as pixels."""

from typing import get_args, get_type_hints

import numpy as np
import pytest
import skia

from seedbed.core.scene.layers import Shape
from seedbed.core.scene.measures import Point
from seedbed.engines.drafting.frames import Pixels, Sheet
from seedbed.engines.drafting.shapes import outline, paint_shape

BOX = skia.Rect.MakeXYWH(20, 30, 80, 60)
POINTS = (Point(0.0, 0.0), Point(1.0, 0.0), Point(0.5, 1.0))
FORMS = get_args(get_type_hints(Shape)["form"])


def painted(shape: Shape) -> Pixels:
    sheet = Sheet(120, 120)
    paint_shape(sheet.canvas, shape, BOX, 120)
    return sheet.pixels


def seen(pixels: Pixels) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(pixels[:, :, 3] > 100)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("form", FORMS)
def test_every_form_fills_its_box(form: str) -> None:
    shape = Shape(id="s", form=form, points=POINTS)  # type: ignore
    bounds = outline(shape, BOX, 120).getBounds()
    edges = bounds.left(), bounds.top(), bounds.right(), bounds.bottom()
    assert edges == pytest.approx((20, 30, 100, 90), abs=6)


def test_a_rectangle_is_exactly_its_box() -> None:
    assert seen(painted(Shape(id="s"))) == (20, 30, 100, 90)


def test_rounded_corners_are_clear() -> None:
    pixels = painted(Shape(id="s", radius=1.0))
    assert pixels[31, 21, 3] == 0
    assert pixels[60, 60, 3] == 255


def test_a_second_colour_makes_a_gradient_down() -> None:
    pixels = painted(Shape(id="s", fill="#000000", second="#ffffff"))
    assert pixels[32, 60, 0] < 20
    assert pixels[88, 60, 0] > 235


def test_a_stroke_goes_around_an_empty_form() -> None:
    pixels = painted(Shape(id="s", fill=None, stroke="#ff0000", thick=0.05))
    assert pixels[60, 60, 3] == 0
    assert tuple(pixels[30, 60]) == (255, 0, 0, 255)


def test_a_line_is_stroked_in_its_fill_where_it_has_no_other_colour() -> None:
    line = Shape(id="s", form="line", points=POINTS[:2], fill="#00ff00", thick=0.05)
    assert tuple(painted(line)[30, 60]) == (0, 255, 0, 255)


def test_an_arrow_points_to_the_right() -> None:
    widths = (painted(Shape(id="s", form="arrow"))[:, :, 3] > 100).sum(axis=0)
    assert widths[30] < widths[55]
    assert widths[98] < widths[60]


def test_without_thickness_there_is_no_stroke() -> None:
    assert not painted(Shape(id="s", fill=None, stroke="#ff0000", thick=0.0)).any()
