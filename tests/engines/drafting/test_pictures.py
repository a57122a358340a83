"""Pictures fitted into boxes."""

import numpy as np
import pytest
import skia

from seedbed.core.scene.layers import Picture
from seedbed.core.scene.measures import Box
from seedbed.engines.drafting.pictures import fitted


def image(width: int = 40, height: int = 20) -> skia.Image:
    """Red on its left half, blue on its right."""
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[:, :, 3] = 255
    pixels[:, : width // 2, 0], pixels[:, width // 2 :, 2] = 255, 255
    return skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)


def picture(**how: object) -> Picture:
    return Picture(id="p", reference="r", **how)  # type: ignore


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
@pytest.mark.parametrize("size", [(60, 60), (7, 90), (33, 11)])
def test_whatever_the_fit_it_is_as_large_as_the_box(fit: str, size: tuple[int, int]) -> None:
    assert fitted(picture(fit=fit), image(), *size).shape == (size[1], size[0], 4)


def test_cover_leaves_nothing_clear_and_shows_the_middle() -> None:
    pixels = fitted(picture(), image(), 60, 60)
    assert (pixels[:, :, 3] == 255).all()
    assert pixels[30, 5, 0] > 200
    assert pixels[30, 55, 2] > 200


def test_contain_shows_all_of_it_amid_clear_bars() -> None:
    pixels = fitted(picture(fit="contain"), image(), 60, 60)
    assert not pixels[:14].any()
    assert (pixels[16:44, :, 3] == 255).all()


def test_a_part_is_shown_alone() -> None:
    pixels = fitted(picture(part=Box(0.5, 0.0, 0.5, 1.0)), image(), 20, 20)
    assert (pixels[:, :, 2] == 255).all()


def test_a_part_that_lies_outside_shows_the_whole() -> None:
    pixels = fitted(picture(part=Box(2.0, 2.0, 0.5, 0.5), fit="stretch"), image(), 40, 20)
    assert pixels[10, 5, 0] == 255


def test_rounded_corners_are_clear() -> None:
    pixels = fitted(picture(radius=1.0), image(), 40, 40)
    assert pixels[1, 1, 3] == 0
    assert pixels[20, 20, 3] == 255
