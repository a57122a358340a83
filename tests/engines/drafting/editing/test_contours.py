"""Outlines of pixels as boxes, ellipses, or what goes through their corners."""

import cv2
import numpy as np

from seedbed.core.scene.measures import Box
from seedbed.engines.drafting.editing.contours import Contour, region_of


def outline(area: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Contour:
    (found,), _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(found, np.int32)


def test_a_rectangle_is_a_box_to_the_pixel() -> None:
    area = np.zeros((100, 200), np.uint8)
    area[20:60, 50:150] = 1
    region = region_of(outline(area), 200, 100)
    assert (region.form, region.box) == ("box", Box(0.25, 0.2, 0.5, 0.4))


def test_an_ellipse_is_one_and_how_alike_it_must_be_is_told() -> None:
    area = np.zeros((100, 200), np.uint8)
    cv2.ellipse(area, (100, 50), (60, 30), 0, 0, 360, 1, -1)
    assert region_of(outline(area), 200, 100).form == "ellipse"
    assert region_of(outline(area), 200, 100, alike=0.999).form == "outline"


def test_an_outline_has_no_more_corners_than_a_region_may_have() -> None:
    turns = np.linspace(0, 2 * np.pi, 4_000)
    far = 300 + 90 * np.sin(60 * turns)
    places = np.stack([500 + far * np.cos(turns), 500 + far * np.sin(turns)], axis=1)
    area = np.zeros((1_000, 1_000), np.uint8)
    cv2.fillPoly(area, [places.astype(np.int32)], 1)
    region = region_of(outline(area), 1_000, 1_000)
    assert region.form == "outline"
    assert 20 <= len(region.points) <= 120


def test_a_slanting_line_of_pixels_is_meant_by_its_box() -> None:
    area = np.zeros((50, 50), np.uint8)
    np.fill_diagonal(area, 1)
    region = region_of(outline(area), 50, 50)
    assert (region.form, region.box) == ("box", Box(0.0, 0.0, 1.0, 1.0))
