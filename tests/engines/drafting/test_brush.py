"""Strokes, as they come to be pixels."""

import numpy as np
import skia

from seedbed.engines.drafting.brush import across, down, glow, plain, polygon, ridge, shaded, stroke
from seedbed.engines.drafting.frames import Pixels, Sheet

SIDE = 60


def drawn(path: skia.Path, paint: skia.Paint) -> Pixels:
    sheet = Sheet(SIDE, SIDE)
    sheet.canvas.drawPath(path, paint)
    return sheet.pixels


def whole() -> skia.Path:
    return polygon([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)])


def test_a_gradient_goes_from_its_first_to_its_last_colour_without_bands() -> None:
    pixels = drawn(whole(), down(0, SIDE, ("#000000", "#404040")))
    lines = pixels[:, :, 0].mean(axis=1)
    assert lines[0] < 2
    assert lines[-1] > 60
    assert (np.diff(lines) > 0).all()


def test_a_gradient_of_one_colour_is_that_colour() -> None:
    assert (drawn(whole(), across((0, 0), (SIDE, 0), ["#336699"]))[:, :, 2] == 0x99).all()


def test_a_glow_is_gone_at_its_radius() -> None:
    sheet = Sheet(SIDE, SIDE)
    glow(sheet.canvas, (30, 30), 20, "#ffffff")
    alpha = sheet.pixels[:, :, 3]
    assert alpha[30, 30] > 230
    assert alpha[30, 52] == 0


def test_a_ridge_covers_what_is_below_its_line_from_side_to_side() -> None:
    pixels = drawn(ridge(lambda _: 20.0, (0, SIDE), SIDE, 1.0), plain("#ff0000"))
    assert (pixels[21:, :, 0] == 255).all()
    assert not pixels[:19].any()


def test_what_is_shaded_is_light_above_and_dark_below() -> None:
    sheet = Sheet(SIDE, SIDE)
    shaded(sheet.canvas, whole(), ("#ffffff", "#000000"), (20, 40))
    lines = sheet.pixels[:, :, 0].mean(axis=1)
    assert (lines[:20] == 255).all()
    assert (lines[40:] == 0).all()
    assert 100 < lines[30] < 150


def test_a_stroke_has_its_thickness() -> None:
    sheet = Sheet(SIDE, SIDE)
    sheet.canvas.drawLine(0, 30, SIDE, 30, stroke("#ff0000", 8))
    assert (sheet.pixels[:, 30, 3] > 128).sum() == 8
