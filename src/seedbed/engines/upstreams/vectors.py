"""Vectors and scores from outside, checked and in order.

Floor 3.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from typing import TypeVar

from seedbed.engines.upstreams.base import Unreadable

_T = TypeVar("_T")


def packed(found: Mapping[int, Sequence[float]], *, wanted: int) -> list[bytes]:
    """Vectors in the order of their texts: of length one, as little-endian 32-bit floats.

    Raises:
        Unreadable: one is missing, too many, empty, of another width, or no direction.
    """
    vectors = ordered(found, wanted=wanted)
    if len({len(vector) for vector in vectors}) > 1:
        raise Unreadable("vectors of several widths")
    return [_unit(vector) for vector in vectors]


def ordered(found: Mapping[int, _T], *, wanted: int) -> list[_T]:
    """Values in the order of their texts.

    Raises:
        Unreadable: there is not exactly one for each.
    """
    if set(found) != set(range(wanted)):
        raise Unreadable(f"values for {len(found)} texts, not for each of {wanted}")
    return [found[ordinal] for ordinal in range(wanted)]


def _unit(vector: Sequence[float]) -> bytes:
    length = math.hypot(*vector)
    if not 0 < length < math.inf:
        raise Unreadable("a vector without a direction")
    return struct.pack(f"<{len(vector)}f", *(value / length for value in vector))
