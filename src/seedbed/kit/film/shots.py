"""The shots of a film that does not say them, and which of them have drifted in colour.

Floor 1. It is gone through once, and of each shot a few small frames are kept. A cut is where a
frame differs from the one before and little of it is found there. A shot that is nearly of the
colours of an earlier one is taken for the same light, and is to be matched; one that differs by
more shows something else, and is left as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from seedbed.kit.film.colour import NEAR, Look, look
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.ways import ways

_FAR = 12.0
"""A difference in Lab by which two shots are not of the same light."""
_SIDE = 128
_EVERY = 8
"""Of so many frames one is looked at."""
_SUDDEN = 6.0
"""Levels by which a frame must differ before its cut is looked for closely."""


@dataclass(frozen=True, slots=True)
class Shot:
    """So many frames from the first on, and their colours."""

    first: int
    count: int
    look: Look


@dataclass(frozen=True, slots=True)
class Drift:
    """A shot whose colours are to be those of another."""

    shot: Shot
    wanted: Look


def shots(frames: Iterable[Frame]) -> Iterator[Shot]:
    """The shots of a film, in order."""
    first = count = 0
    seen, before, small_before = list[Frame](), None, None
    for frame in frames:
        small = cast(Frame, cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA))
        is_sudden = small_before is not None and _is_sudden(small_before, small)
        if is_sudden and before is not None and ways(before, frame) is None:
            yield Shot(first, count, look(seen))
            first, count, seen = first + count, 0, []
        if count % _EVERY == 0:
            seen.append(small)
        count, before, small_before = count + 1, frame, small
    if count:
        yield Shot(first, count, look(seen))


def drifted(found: Sequence[Shot]) -> Iterator[Drift]:
    """The shots whose colours are to be matched, each with those of the shot that it goes by."""
    lights = list[Look]()
    for shot in found:
        same = [light for light in lights if shot.look.differs(light) <= _FAR]
        if not same:
            lights.append(shot.look)
            continue
        nearest = min(same, key=shot.look.differs)
        if shot.look.differs(nearest) > NEAR:
            yield Drift(shot, nearest)


def _is_sudden(before: Frame, after: Frame) -> bool:
    return float(np.abs(before.astype(np.int16) - after.astype(np.int16)).mean()) > _SUDDEN
