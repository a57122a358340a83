"""A mark of 64 bits in a picture, which nobody sees and a reader finds again.

Floor 1. A faint pattern is added to the brightness: a tile that is repeated, the same in all
frames of a film. It is laid out in shares of the picture, so that another size does not hurt it.
`code` says what the tile's waves carry. The reader looks for waves whose places are known, which
tell by how much the edges were cut off, and believes nothing that does not agree with itself.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple, cast

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from seedbed.kit.film import code
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame

_BITS = 64
_SIDE = 512
"""The picture as the reader looks at it, and how often it has the tile in a row."""
_REPEATS = _SIDE // code.SIDE
_STRENGTH = 1.5
"""Levels of brightness, as a root mean square, where there is something to hide it in."""
_PLAIN = 0.5
"""The share of it that plain areas have."""
_BUSY = 6.0
"""Levels by which brightness differs around a place that hides all of it."""
_EDGES = 3.0
"""Levels from its surroundings by which a place counts: edges are the picture's own."""
_FINE = 2 * _SIDE
_CUT = np.linspace(1.0, 0.88, 25)
"""How much of a side may be left."""
_NEAR = np.linspace(-0.005, 0.005, 11)
_CLOSE = 2 * code.SIDE
"""How closely it is looked at where waves fit."""
_CLEAR = 6.0
"""How far known waves stand out from chance before what the others say is read."""
_Waves = NDArray[np.complex64]


@dataclass(frozen=True, slots=True)
class Found:
    """What a picture is marked with, and how sure that is: from 0 to 1."""

    payload: int
    sure: float


class _Fit(NamedTuple):
    """How clearly known waves agree, how much of both sides is left, and where the tile begins."""

    clear: float
    down: float
    across: float
    row: float
    column: float


def put(frame: Frame, payload: int | bytes, strength: float = _STRENGTH) -> Frame:
    """The frame with a mark of 64 bits, `strength` levels of brightness deep.

    Raises:
        FilmFault: the payload has more than 64 bits.
    """
    height, width = frame.shape[:2]
    small = cv2.resize(frame, (_SIDE // 2, _SIDE // 2), interpolation=cv2.INTER_LINEAR)
    depth = _depth(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    pattern = _pattern(_number(payload), width, height)
    room = cv2.resize(depth * np.float32(strength), (width, height))
    added = cv2.multiply(pattern, room, dtype=cv2.CV_16S)
    return cast(Frame, cv2.add(frame, cv2.merge([added] * 3), dtype=cv2.CV_8U))


def read(frame: Frame, *, is_cut: bool = True) -> Found | None:
    """The mark of a picture, if it has one; edges may have been cut off unless that is excluded."""
    waves = _waves(frame)
    sides = _CUT if is_cut else _CUT[:1]
    return _told(waves, _fit(waves, sides))


def _number(payload: int | bytes) -> int:
    number = int.from_bytes(payload) if isinstance(payload, bytes) else payload
    if not 0 <= number < 1 << _BITS:
        raise FilmFault(f"a mark has {_BITS} bits, and {number} has {number.bit_length()}")
    return number


def _depth(brightness: MatLike) -> NDArray[np.float32]:
    """How deep the mark may be at each place: more where brightness varies around it."""
    level = brightness.astype(np.float32)
    around = cv2.blur(np.abs(level - cv2.blur(level, (5, 5))), (9, 9))
    return cast(NDArray[np.float32], _PLAIN + (1 - _PLAIN) * np.minimum(around / _BUSY, 1))


@lru_cache(maxsize=2)
def _pattern(payload: int, width: int, height: int) -> NDArray[np.float32]:
    """The pattern of a whole picture."""
    tiled = np.tile(code.tile(payload), (_REPEATS, _REPEATS))
    return cast(NDArray[np.float32], cv2.resize(tiled, (width, height)))


def _waves(frame: Frame) -> _Waves:
    """The waves of a picture's brightness, each of strength 1, told from the picture's middle.

    What is strong in a picture is of the picture; so only the phases count.
    """
    gray = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    way = cv2.INTER_AREA if min(gray.shape) > _SIDE else cv2.INTER_LINEAR
    small = cv2.resize(gray, (_SIDE, _SIDE), interpolation=way).astype(np.float32)
    edges = small - cv2.GaussianBlur(small, (0, 0), 4)
    window = np.hanning(_SIDE).astype(np.float32) ** np.float32(0.25)
    whole = np.zeros((_FINE, _FINE), np.float32)
    whole[:_SIDE, :_SIDE] = np.clip(edges, -_EDGES, _EDGES) * window * window[:, None]
    whole = np.roll(whole, (-_SIDE // 2, -_SIDE // 2), (0, 1))
    return np.fft.fft2(whole).astype(np.complex64)


def _at(waves: _Waves, places: NDArray[np.intp], down: float, across: float) -> _Waves:
    """Those at the places of the tile, in a picture of which so much is left."""
    scale = _REPEATS * _FINE / _SIDE
    rows = np.rint(places[:, 0] * down * scale).astype(np.intp)
    columns = np.rint(places[:, 1] * across * scale).astype(np.intp)
    found = waves[rows, columns]
    return found / (np.abs(found) + 1e-6)


def _fit(waves: _Waves, sides: NDArray[np.float64]) -> _Fit:
    """Where known waves agree best."""
    best = _Fit(0.0, 1.0, 1.0, 0.0, 0.0)
    for down, across in product(sides, sides):
        best = max(best, _tried(waves, down, across, code.SIDE // 2))
    for steps in ((_NEAR, (0.0,)), ((0.0,), _NEAR)):
        middle = best
        for down, across in product(*steps):
            best = max(best, _tried(waves, middle.down + down, middle.across + across, _CLOSE))
    return best


def _tried(waves: _Waves, down: float, across: float, fineness: int) -> _Fit:
    known = _at(waves, code.KNOWN, down, across)
    clear, row, column = code.begins(known, fineness)
    return _Fit(clear, down, across, row, column)


def _told(waves: _Waves, fit: _Fit) -> Found | None:
    if fit.clear < _CLEAR:
        return None
    answer = code.said(_at(waves, code.SAYING, fit.down, fit.across), fit.row, fit.column)
    return None if answer is None else Found(*answer)
