"""The outline of an area of pixels as a region: a box or an ellipse where it is nearly one.

Floor 3.
"""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from seedbed.core.scene.measures import Box, Point
from seedbed.core.scene.regions import Region

Contour: TypeAlias = NDArray[np.int32]
"""Places in pixels, as OpenCV has them."""
_ALIKE = 0.93
_MOST_POINTS = 120


def region_of(contour: Contour, width: int, height: int, *, alike: float = _ALIKE) -> Region:
    """The region of a contour in a picture of that size; `alike` is how much of a box or an ellipse
    and of the area they must have in common for it to be one.
    """
    left, top, wide, tall = cv2.boundingRect(contour)
    box = Box(left / width, top / height, wide / width, tall / height)
    area = _drawn(contour, (left, top), (wide, tall))
    likeness = {
        "box": _likeness(area, np.ones_like(area)),
        "ellipse": _likeness(area, _ellipse(wide, tall)),
    }
    best = max(likeness, key=lambda form: likeness[form])
    if likeness[best] >= alike:
        return Region(box, "box" if best == "box" else "ellipse")
    places = _fewer(contour)
    if len(places) < 3:  # a line of pixels has no corners to go through
        return Region(box)
    return Region.outlined(Point((x + 0.5) / width, (y + 0.5) / height) for x, y in places)


def _drawn(contour: Contour, corner: tuple[int, int], size: tuple[int, int]) -> NDArray[np.uint8]:
    area = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillPoly(area, [contour - np.array(corner, np.int32)], 1)
    return area


def _ellipse(wide: int, tall: int) -> NDArray[np.uint8]:
    x = (np.arange(wide) + 0.5) / wide * 2 - 1
    y = (np.arange(tall) + 0.5) / tall * 2 - 1
    return np.asarray(x[None, :] ** 2 + y[:, None] ** 2 <= 1, np.uint8)


def _likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.count_nonzero(one & other) / max(1, np.count_nonzero(one | other)))


def _fewer(contour: Contour) -> list[tuple[int, int]]:
    """Its corners, no more than a region may have."""
    slack = 0.003 * cv2.arcLength(contour, closed=True)
    while True:
        corners: Any = cv2.approxPolyDP(contour, max(0.5, slack), closed=True)
        if len(corners) <= _MOST_POINTS:
            return [(int(x), int(y)) for x, y in corners.reshape(-1, 2)]
        slack = 1.5 * max(0.5, slack)
