"""Vectors from outside are checked before they are told."""

import math
import struct
from collections.abc import Mapping, Sequence

import pytest

from seedbed.engines.upstreams.base import Unreadable
from seedbed.engines.upstreams.vectors import ordered, packed


def test_vectors_come_out_in_order_and_of_length_one() -> None:
    first, second = packed({1: (0.0, 2.0), 0: (3.0, 4.0)}, wanted=2)
    assert struct.unpack("<2f", first) == pytest.approx((0.6, 0.8))
    assert struct.unpack("<2f", second) == (0.0, 1.0)


@pytest.mark.parametrize(
    "found",
    [
        {0: (1.0,)},
        {0: (1.0,), 2: (1.0,)},
        {0: (1.0,), 1: (1.0,), 2: (1.0,)},
        {0: (1.0,), 1: (1.0, 2.0)},
        {0: (1.0,), 1: ()},
        {0: (1.0,), 1: (0.0,)},
        {0: (1.0,), 1: (math.nan,)},
        {0: (1.0,), 1: (math.inf,)},
        {0: (), 1: ()},
    ],
)
def test_vectors_that_cannot_be_compared_are_unreadable(
    found: Mapping[int, Sequence[float]],
) -> None:
    with pytest.raises(Unreadable):
        packed(found, wanted=2)


def test_scores_come_out_in_order() -> None:
    assert ordered({1: 0.5, 0: -1.0}, wanted=2) == [-1.0, 0.5]
