"""How far music gives way while somebody speaks.

Floor 1. It is away within a twentieth of a second, waits through the pauses between words, and
comes back slowly.
"""

import numpy as np
from numpy.typing import NDArray

_WINDOW_SECONDS = 0.01
_HEARD = 0.005
"""Samples that are larger are speech: -46 dB."""
_AWAY = 1 / 5
_BACK = 1 / 50
_HOLD = 30
"""Windows that a pause may have; and by how much of the way each goes."""


class Ducking:
    """Follows speech; it is asked block after block."""

    def __init__(self, rate: int) -> None:
        self._window = round(_WINDOW_SECONDS * rate)
        self._depth, self._hold = 0.0, 0

    def follow(self, speech: NDArray[np.float32]) -> NDArray[np.float64]:
        """For each sample how far to give way: from 0, not at all, to 1."""
        points, loudness = [self._depth], np.abs(speech).max(axis=1, initial=0.0)
        for begin in range(0, len(speech), self._window):
            is_heard = loudness[begin : begin + self._window].max() > _HEARD
            self._hold = _HOLD if is_heard else max(0, self._hold - 1)
            moved = self._depth + (_AWAY if self._hold else -_BACK)
            self._depth = min(1.0, max(0.0, moved))
            points.append(self._depth)
        places = np.arange(len(speech)) / self._window
        return np.interp(places, np.arange(len(points)), points)
