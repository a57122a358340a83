"""Frames between frames, by following what moves.

Floor 1. The motion is looked for at a lower size, forward and back. Where both ways agree, what is
seen in the two frames is the same; where they do not, something is covered or uncovered, and only
one of the frames can tell. Where nothing can be followed, as at a cut, the nearer frame is
repeated.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import floor
from typing import TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.ways import Sure, Way, Ways, places, ways

_Seen = TypeVar("_Seen", Frame, Sure)
_LITTLE = 0.001


def retime(
    frames: Iterable[Frame], fps_in: Fraction | float, fps_out: Fraction | float, *, first: int = 0
) -> Iterator[Frame]:
    """The same film with another number of frames a second, each at its exact moment; two frames
    are held at once.

    The first frame that is given is the one that is seen at the new frame `first`, or just before.

    Raises:
        FilmFault: a rate is not above 0.
    """
    if min(fps_in, fps_out) <= 0 or first < 0:
        raise FilmFault(f"{fps_in} frames a second do not become {fps_out} from frame {first} on")
    step = Fraction(fps_in).limit_denominator(1001) / Fraction(fps_out).limit_denominator(1001)
    at = first * step - floor(first * step)
    coming = iter(frames)
    here = next(coming, None)
    while here is not None:
        after = next(coming, None)
        shares = list[float]()
        while at < 1:
            shares.append(float(at))
            at += step
        at -= 1
        yield from between(here, here if after is None else after, shares)
        here = after


def between(first: Frame, second: Frame, shares: Sequence[float]) -> Iterator[Frame]:
    """What is seen at those shares of the way from one frame to the other: at 0 it is the first."""
    if not any(shares) or np.array_equal(first, second):
        yield from (first for _ in shares)
        return
    found = ways(first, second)
    for share in shares:
        if share in {0, 1} or found is None:
            yield first if share < 0.5 else second
        else:
            yield _seen(first, second, found, share)


def _seen(first: Frame, second: Frame, found: Ways, share: float) -> Frame:
    """The frame at a moment in between."""
    way = found.at(share)
    ours = _told(1 - found.first_sure, way, -share) * (1 - share)
    theirs = _told(1 - found.second_sure, way, 1 - share) * share
    part = cv2.blur(theirs / (ours + theirs), (3, 3))
    height, width = first.shape[:2]
    if part.shape != (height, width):
        scale = np.array([width / part.shape[1], height / part.shape[0]], np.float32)
        way = cv2.resize(way, (width, height)) * scale
        part = cv2.resize(part, (width, height))
    return cast(
        Frame,
        cv2.blendLinear(_moved(first, way, -share), _moved(second, way, 1 - share), 1 - part, part),
    )


def _told(lost: Sure, way: Way, share: float) -> NDArray[np.float32]:
    """How much a frame has to say at each place: most where what it shows is in no other."""
    return cast(NDArray[np.float32], _moved(lost, way, share) + _LITTLE)


def _moved(seen: _Seen, way: Way, share: float) -> _Seen:
    """A picture of what lies that share of the way from each place."""
    maps = places(way, share)
    return cast(_Seen, cv2.remap(seen, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
