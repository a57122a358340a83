"""Frames at another size.

Floor 1. By Lanczos's filter where they become larger, and by areas where smaller: lines that are
thinner than a pixel of the small one stay seen. Stills may be made larger by a net (`enlarge`).
"""

from typing import cast

import cv2

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame

_LARGEST = 16_384


def resized(frame: Frame, width: int, height: int) -> Frame:
    """The frame at that width and height; the same one if it has them.

    Raises:
        FilmFault: no frame of that size is made.
    """
    if not (0 < width <= _LARGEST and 0 < height <= _LARGEST):
        raise FilmFault(f"no frame of {width} x {height} is made: a side has 1 to {_LARGEST:,}")
    was_height, was_width = frame.shape[:2]
    small = min(width, was_width), min(height, was_height)
    if small != (was_width, was_height):
        frame = cast(Frame, cv2.resize(frame, small, interpolation=cv2.INTER_AREA))
    if small != (width, height):
        frame = cast(Frame, cv2.resize(frame, (width, height), interpolation=cv2.INTER_LANCZOS4))
    return frame
