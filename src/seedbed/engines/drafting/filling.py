"""A part of a picture filled from around it, where something was taken out.

Floor 3. By the way of Navier and Stokes (`cv2.inpaint`): lines go on inwards. It knows nothing of
what was behind; on plain grounds it is not seen, on others it is a blur. It is worked out small, so
that a large part takes as long as a small one, and its edge is blended.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from seedbed.core.scene.layers import Mask
from seedbed.core.scene.measures import Box
from seedbed.engines.drafting.frames import Pixels

_AROUND = 0.35
"""How much of the part's size is looked at beside it."""
_LEAST_AROUND = 12
_WORKED = 320
"""Pixels of the longer side in which it is worked out."""
_RADIUS = 4.0


def covered(mask: Mask, box: Box, width: int, height: int) -> NDArray[np.bool_]:
    """Which pixels of a picture in that box a mask covers, before it is turned or moved."""
    left, top = mask.box.x, mask.box.y
    right, bottom = left + mask.box.width, top + mask.box.height
    corners = [(one.x, one.y) for one in mask.points] or [
        *((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    places = [
        (round((x - box.x) / box.width * width), round((y - box.y) / box.height * height))
        for x, y in corners
    ]
    area = np.zeros((height, width), np.uint8)
    cv2.fillPoly(area, [np.array(places, np.int32)], 1)
    return area > 0


def filled(pixels: Pixels, area: NDArray[np.bool_]) -> Pixels:
    """The pixels with that area filled; where nothing lies around it there is nothing to fill it
    with, and they stay as they are.
    """
    if not area.any() or area.all():
        return pixels
    rows, columns = np.flatnonzero(area.any(axis=1)), np.flatnonzero(area.any(axis=0))
    long = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    room = max(_LEAST_AROUND, round(_AROUND * long))
    part = tuple(
        slice(max(0, int(line[0]) - room), int(line[-1]) + 1 + room) for line in (rows, columns)
    )
    whole = pixels.copy()
    whole[part] = _filled(np.ascontiguousarray(pixels[part]), area[part])
    return whole


def _filled(pixels: Pixels, area: NDArray[np.bool_]) -> Pixels:
    height, width = area.shape
    by = min(1.0, _WORKED / max(height, width))
    size = max(1, round(width * by)), max(1, round(height * by))
    hole = cv2.resize(area.astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    hole = cv2.dilate((hole > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
    if hole.all():  # so thin is what is left around it that it was lost
        hole = cv2.resize(area.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    colours = cv2.inpaint(np.ascontiguousarray(small[:, :, :3]), hole, _RADIUS, cv2.INPAINT_NS)
    alpha = cv2.inpaint(np.ascontiguousarray(small[:, :, 3]), hole, _RADIUS, cv2.INPAINT_NS)
    new = np.dstack([np.minimum(colours, alpha[:, :, None]), alpha])
    large = cv2.resize(new, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    reach = max(1, round(1.5 / by))
    soft = cv2.dilate(area.astype(np.float32), np.ones((2 * reach + 1, 2 * reach + 1)))
    soft = cv2.blur(soft, (2 * reach + 1, 2 * reach + 1))[:, :, None]
    soft = np.maximum(soft, area[:, :, None])
    return (pixels * (1 - soft) + large * soft + 0.5).astype(np.uint8)
