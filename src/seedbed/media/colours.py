"""Colours of a part of a picture, as the eye tells them apart.

Floor 5.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from seedbed.core.scene.measures import Box
from seedbed.kit.film.pictures import Frame

_NEAR = 24.0
"""Two colours in CIELAB that are nearer than this go by the same name."""
_APART = 12.0
_STANDS_OUT = 0.08
_MOST_SIDE = 256


def share_of(picture: Frame, box: Box, colour: str) -> float:
    """How much of a part has nearly that colour (`#rrggbb`)."""
    wanted = np.array([[list(bytes.fromhex(colour[1:7]))]], np.uint8)
    part = _lab(_cut(picture, box))
    if not part.size:
        return 0.0
    return float((np.linalg.norm(part - _lab(wanted), axis=2) < _NEAR).mean())


def is_there(picture: Frame, box: Box) -> bool:
    """Whether something in a box stands out from what is at its edge."""
    part = _lab(_cut(picture, box))
    if min(part.shape[:2], default=0) < 4:
        return False
    edge = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
    distance = np.linalg.norm(part - np.median(edge, axis=0), axis=2)
    return float((distance > _APART).mean()) >= _STANDS_OUT


def _cut(picture: Frame, box: Box) -> Frame:
    height, width = picture.shape[:2]
    left, top = max(0, round(box.x * width)), max(0, round(box.y * height))
    right, bottom = round((box.x + box.width) * width), round((box.y + box.height) * height)
    part = picture[top : max(top, bottom), left : max(left, right)]
    step = max(1, max(part.shape[:2]) // _MOST_SIDE)
    return part[::step, ::step]


def _lab(part: Frame) -> NDArray[np.float32]:
    if not part.size:
        return np.zeros((0, 0, 3), np.float32)
    scaled = np.ascontiguousarray(part, np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), np.float32)
