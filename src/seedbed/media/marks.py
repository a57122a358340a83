"""Lines of a strong colour that go around something in a picture.

Floor 5. By colour, and then by form: a line goes around where it is seen in all directions from its
middle, and its middle is free; or where it closes in much more than it covers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seedbed.engines.drafting.editing.contours import Contour
from seedbed.kit.film.pictures import Frame

_HUES: Mapping[str, tuple[int, int]] = {
    "red": (170, 190),
    "orange": (8, 21),
    "yellow": (20, 35),
    "green": (34, 86),
    "cyan": (84, 101),
    "blue": (99, 131),
    "purple": (129, 156),
    "pink": (154, 172),
}
"""From and to which hue, of 180; those next to each other overlap a little."""
_SATURATED, _BRIGHT = 105, 60
_LEAST = 0.03
"""The least side of a mark, as a share of the picture's shorter one."""
_LEAST_PIXELS = 14
_GAP = 0.006
"""How long gaps are that are closed, as a share of the picture's longer side."""
_TURNS, _AROUND = 72, 0.84
_MIDDLE, _FREE = 0.45, 0.05
_CLOSED_IN = 2.2
_MOST = 64
"""Marks that are told, the largest."""
_SAME = 0.6


@dataclass(frozen=True, slots=True)
class Mark:
    """A line around something: its pixels, its outer contour, and its colour."""

    line: NDArray[np.bool_]
    contour: Contour
    colour: tuple[int, int, int]
    named: str

    @property
    def corner(self) -> tuple[int, int]:
        """Its upper left corner, from above: by which marks are put in order."""
        left, top, _, _ = cv2.boundingRect(self.contour)
        return top, left


def marks(picture: Frame) -> tuple[Mark, ...]:
    """The marks of a picture, from the top to the bottom, of each colour."""
    hue, saturation, bright = cv2.split(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV))
    strong = (saturation >= _SATURATED) & (bright >= _BRIGHT)
    found: list[Mark] = []
    for name, (first, last) in _HUES.items():
        is_it = (hue >= first) & (hue < last)
        if last > 180:  # red lies at both ends
            is_it |= hue < last - 180
        found += _of_colour(picture, strong & is_it, name)
        # Each has as many pixels as the picture: what is not kept in the end is let go now.
        found = sorted(found, key=lambda one: -np.count_nonzero(one.line))[:_MOST]
    kept: list[Mark] = []
    for one in found:
        if not any(_is_same(one, other) for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.corner))


def _of_colour(picture: Frame, pixels: NDArray[np.bool_], name: str) -> Iterator[Mark]:
    height, width = pixels.shape
    gap = max(3, round(_GAP * max(height, width)) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
    whole = cv2.morphologyEx(pixels.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    least = max(_LEAST_PIXELS, _LEAST * min(height, width))
    sides = stats[1:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].min(axis=1)
    for number in (int(one) + 1 for one in np.argsort(-sides)[:_MOST] if sides[one] >= least):
        left, top, wide, tall, _ = (int(one) for one in stats[number])
        part = np.asarray(labels[top : top + tall, left : left + wide] == number)
        around = _around(part)
        if around is None:
            continue
        line = np.zeros_like(pixels)
        line[top : top + tall, left : left + wide] = part
        colours = np.median(picture[line & pixels], axis=0).astype(int)
        red, green, blue = (int(one) for one in colours)
        yield Mark(line, around + np.array([left, top], np.int32), (red, green, blue), name)


def _around(part: NDArray[np.bool_]) -> Contour | None:
    """The outer contour of a line that goes around something; nothing where it does not."""
    contours, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outer = np.asarray(max(contours, key=cv2.contourArea), np.int32)
    covered = np.count_nonzero(part)
    if cv2.contourArea(outer) >= _CLOSED_IN * covered:
        return outer
    hull = np.asarray(cv2.convexHull(outer), np.int32)
    is_thin = cv2.contourArea(hull) >= _CLOSED_IN * covered
    return hull if is_thin and _goes_around(part) else None


def _goes_around(part: NDArray[np.bool_]) -> bool:
    rows, columns = np.nonzero(part)
    y = (rows + 0.5) / part.shape[0] * 2 - 1
    x = (columns + 0.5) / part.shape[1] * 2 - 1
    turns = ((np.arctan2(y, x) / np.pi + 1) / 2 * _TURNS).astype(int) % _TURNS
    inner = np.count_nonzero(np.hypot(x, y) < _MIDDLE)
    seen = np.unique(turns).size
    return bool(inner < _FREE * rows.size and seen >= _AROUND * _TURNS)


def _is_same(one: Mark, other: Mark) -> bool:
    """Whether two colours that overlap found the same line."""
    both = np.count_nonzero(one.line & other.line)
    least = min(np.count_nonzero(one.line), np.count_nonzero(other.line))
    return bool(both > _SAME * least)
