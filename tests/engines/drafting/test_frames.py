"""Pixels that are put on a sheet."""

import numpy as np
import skia

from seedbed.engines.drafting.frames import Pixels, Sheet, fill, put, resized, taken


def square(side: int = 10, alpha: int = 255) -> Pixels:
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[:, :] = (alpha, 0, 0, alpha)
    return pixels


def moved(x: float, y: float, scale: float = 1.0) -> skia.Matrix:
    matrix = skia.Matrix()
    matrix.setTranslate(x, y)
    matrix.preScale(scale, scale)
    return matrix


def test_what_is_only_moved_comes_pixel_by_pixel() -> None:
    sheet = Sheet(40, 30)
    noise = np.random.default_rng(1).integers(0, 255, (10, 10, 4), np.uint8)
    noise[:, :, 3] = 255
    put(sheet.canvas, noise, moved(5.2, 7.4))
    assert (sheet.pixels[7:17, 5:15] == noise).all()


def test_what_is_scaled_is_where_its_matrix_has_it() -> None:
    sheet = Sheet(60, 60)
    put(sheet.canvas, square(), moved(10, 20, 3))
    rows, columns = np.nonzero(sheet.pixels[:, :, 3] > 128)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 49, 10, 39)


def test_what_lies_beside_the_sheet_is_not_drawn() -> None:
    sheet = Sheet(20, 20)
    put(sheet.canvas, square(), moved(100, 100, 2))
    assert not sheet.pixels.any()


def test_what_is_half_clear_is_half_seen() -> None:
    sheet = Sheet(20, 20)
    put(sheet.canvas, square(), moved(0, 0), 0.5)
    assert abs(int(sheet.pixels[5, 5, 3]) - 128) <= 1


def test_a_sheet_is_filled_by_what_is_larger_whole_or_scaled() -> None:
    sheet, ground = Sheet(20, 20), np.zeros((40, 40, 4), np.uint8)
    ground[:, :, 3], ground[:, :, 0] = 255, np.arange(40)
    fill(sheet, ground, moved(-7, -3))
    assert (sheet.pixels[0, :, 0] == np.arange(7, 27)).all()
    fill(sheet, ground, moved(-20, -20, 2))
    assert abs(int(sheet.pixels[5, 10, 0]) - 15) <= 1


def test_what_skia_draws_after_others_did_is_kept() -> None:
    sheet = Sheet(20, 20)
    fill(sheet, np.full((20, 20, 4), 255, np.uint8), moved(0, 0))
    put(sheet.canvas, square(), moved(0, 0))
    assert tuple(sheet.opaque()[5, 5]) == (255, 0, 0)
    assert tuple(sheet.opaque()[15, 15]) == (255, 255, 255)


def test_clear_pixels_have_their_own_colour() -> None:
    sheet = Sheet(10, 10)
    put(sheet.canvas, square(alpha=100), moved(0, 0))
    assert tuple(sheet.clear()[5, 5]) == (255, 0, 0, 100)


def test_a_picture_is_taken_and_resized() -> None:
    image = skia.Image.fromarray(square(), skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    pixels = taken(image)
    assert (pixels == square()).all()
    assert resized(pixels, 10, 10) is pixels
    assert resized(pixels, 4, 6).shape == (6, 4, 4)
    assert (resized(pixels, 30, 20) == (255, 0, 0, 255)).all()
