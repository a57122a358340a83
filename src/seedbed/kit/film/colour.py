"""The colours of one shot brought near to those of another.

Floor 1. Some frames of each are looked at. The mean and the spread of red, green and blue are
brought together, by one curve for each, and never by more than a bound: what differs because other
things are shown is not taken for a tint. Whether two shots differ is told as the eye does, in Lab.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame

_Three: TypeAlias = NDArray[np.float64]
_SIDE = 128
NEAR = 2.0
"""A difference in Lab that is hardly seen."""
_MOST_SHIFT, _MOST_GAIN = 48.0, 1.5


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a shot: mean and spread of red, green and blue, and the mean in Lab."""

    mean: _Three
    spread: _Three
    lab: _Three

    def differs(self, other: "Look") -> float:
        """By how much the means differ, in Lab: 2 is hardly seen, 10 at once."""
        return float(np.linalg.norm(self.lab - other.lab))


def look(frames: Iterable[Frame]) -> Look:
    """The colours of those frames, of which a few are enough.

    Raises:
        FilmFault: there is none.
    """
    small = [cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) for frame in frames]
    if not small:
        raise FilmFault("there is no frame whose colours could be told")
    points = np.concatenate(small).reshape(-1, 1, 3)
    lab = cv2.cvtColor(points.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    flat = points.reshape(-1, 3).astype(np.float64)
    return Look(flat.mean(axis=0), flat.std(axis=0), lab.reshape(-1, 3).mean(axis=0))


def curves(given: Look, wanted: Look, strength: float = 1.0) -> NDArray[np.uint8] | None:
    """What becomes of each level of red, green and blue; nothing where the looks are near.

    `strength` is from 0, which leaves all as it is, to 1.
    """
    if given.differs(wanted) <= NEAR or strength <= 0:
        return None
    gain = np.clip((wanted.spread + 1) / (given.spread + 1), 1 / _MOST_GAIN, _MOST_GAIN)
    shift = np.clip(wanted.mean - given.mean, -_MOST_SHIFT, _MOST_SHIFT)
    levels = np.arange(256.0)[:, None]
    goal = given.mean + shift + (levels - given.mean) * gain
    mixed = levels + (goal - levels) * min(1.0, strength)
    return np.rint(mixed).clip(0, 255).astype(np.uint8)


def matched(frames: Iterable[Frame], given: Look, wanted: Look) -> Iterator[Frame]:
    """The frames of a shot that looks so, as near to the look that is wanted as may be."""
    table = curves(given, wanted)
    for frame in frames:
        yield frame if table is None else cast(Frame, cv2.LUT(frame, table[:, None, :]))
