"""Where what is seen in a frame has gone in the next.

Floor 1. Dense optical flow (DIS) both ways, at a lower size. What goes and comes back to where it
was, and looks the same there, is sure; in between, what is surer lies over the rest.
"""

from dataclasses import dataclass
from typing import TypeAlias, cast

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from seedbed.kit.film.pictures import Frame

Way: TypeAlias = NDArray[np.float32]
"""Steps across and down of each place, in pixels of the lower size."""
Sure: TypeAlias = NDArray[np.float32]
"""For each place, from 0 to 1, whether it was found again."""
_LONGEST = 960
"""Pixels of the longer side at which motion is looked for."""
_APART, _UNLIKE = 1.0, 24.0
"""Pixels by which both ways may differ, and levels by which what is found again may."""
_EDGE = 8.0
"""Levels from a pixel to the next where it is told exactly what went where."""
_FOLLOWED = 0.3
"""The share of what stands out in a frame that is found again, or it is a cut."""
_FAINT = 1e-3
_HOLES = (3, 9, 33, 129)


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways from the first frame and back from the second, and what of either is found again."""

    there: Way
    back: Way
    first_sure: Sure
    second_sure: Sure

    def at(self, share: float) -> Way:
        """The motion from the first frame to the second of what is seen at that moment."""
        whole = _laid(self.there, self.there, self.first_sure, share)
        whole += _laid(self.back, -self.back, self.second_sure, 1 - share)
        for size in _HOLES:
            around = cv2.blur(whole, (size, size))
            whole = np.where(whole[..., 2:] < _FAINT / 2, around, whole)
        return cast(Way, cv2.medianBlur(whole[..., :2] / (whole[..., 2:] + 1e-9), 5))


def ways(first: Frame, second: Frame) -> Ways | None:
    """The ways between two frames; none where too little of one is found in the other."""
    ours, theirs = _small(first), _small(second)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    grays = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (ours, theirs)]
    there = cast(Way, flow.calc(grays[0], grays[1], cast(Way, None)))
    back = cast(Way, flow.calc(grays[1], grays[0], cast(Way, None)))
    edges = [_edges(gray) for gray in grays]
    ours_sure = _sure((ours, theirs), (there, back), edges[0])
    theirs_sure = _sure((theirs, ours), (back, there), edges[1])
    if min(_followed(ours_sure, edges[0]), _followed(theirs_sure, edges[1])) < _FOLLOWED:
        return None
    return Ways(there, back, ours_sure, theirs_sure)


def _small(frame: Frame) -> Frame:
    height, width = frame.shape[:2]
    scale = min(1.0, _LONGEST / max(height, width))
    size = max(16, round(width * scale)), max(16, round(height * scale))
    return cast(Frame, cv2.resize(frame, size, interpolation=cv2.INTER_AREA))


def places(way: Way, share: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where each place is, after that share of its way: across and down."""
    height, width = way.shape[:2]
    part = np.float32(share)
    across = np.arange(width, dtype=np.float32) + way[..., 0] * part
    down = np.arange(height, dtype=np.float32)[:, None] + way[..., 1] * part
    return across.astype(np.float32, copy=False), down.astype(np.float32, copy=False)


def _edges(gray: MatLike) -> NDArray[np.float32]:
    """By how many levels each place differs from those beside it."""
    wide = cv2.dilate(gray, np.ones((3, 3), np.uint8))
    return cast(
        NDArray[np.float32], (wide - cv2.erode(gray, np.ones((3, 3), np.uint8))).astype(np.float32)
    )


def _sure(frames: tuple[Frame, Frame], found: tuple[Way, Way], edges: NDArray[np.float32]) -> Sure:
    """What of the first frame is found in the second, and back again, as far as edges tell."""
    goal = places(found[0], 1.0)
    again = cv2.remap(frames[1], *goal, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    unlike = cv2.absdiff(frames[0], again).max(axis=2).astype(np.float32) / _UNLIKE
    way_back = cv2.remap(found[1], *goal, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    gap = np.hypot(*cv2.split(found[0] + way_back)) * np.minimum(edges / _EDGE, 1) / _APART
    return cast(Sure, np.exp(-(unlike**2) - gap**2))


def _followed(sure: Sure, edges: NDArray[np.float32]) -> float:
    """How much of what stands out is found again."""
    weight = edges + 0.5
    return float((sure * weight).sum() / weight.sum())


def _laid(steps: Way, told: Way, sure: Sure, share: float) -> NDArray[np.float32]:
    """What each place tells, put where it is after that share of its steps, with how much it
    counts: what is sure counts for more.
    """
    height, width = sure.shape
    across, down = (np.rint(part).astype(np.int32).ravel() for part in places(steps, share))
    inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
    index = (down * width + across)[inside]
    weight = (sure * sure + _FAINT).ravel()[inside]
    flat = told.reshape(-1, 2)[inside]
    sums = (
        np.bincount(index, weight * part, height * width)
        for part in (flat[:, 0], flat[:, 1], np.float32(1))
    )
    return np.stack(list(sums), axis=1).reshape(height, width, 3).astype(np.float32)
