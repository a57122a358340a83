"""A room that sounds are heard in: what comes back from its walls.

Floor 3. It is noise that dies away, sooner where it is high, and is added block by block.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.engines.drafting.tones.instruments import RATE

_FFT = 1 << 17
_EARLY = 0.018
"""Seconds until the first wall answers."""
_SECONDS = 1.6
_Sides: TypeAlias = NDArray[np.floating]


class Room:
    """A room of which so much is heard: 0 is nothing. It is given block after block."""

    def __init__(self, wet: float, seconds: float = _SECONDS) -> None:
        count = round(min(seconds, _SECONDS) * RATE)
        self._echo = np.fft.rfft(_echo(count) * np.float32(wet), _FFT)
        self._later = np.zeros((2, _FFT), np.float32)

    def heard(self, block: _Sides) -> _Sides:
        """A block of (2, samples), of a second at most, with what comes back."""
        count = block.shape[1]
        sent = np.fft.rfft(block.mean(axis=0), _FFT)
        self._later += np.fft.irfft(sent * self._echo, _FFT).astype(np.float32)
        heard = block + self._later[:, :count]
        self._later[:, :-count] = self._later[:, count:]
        self._later[:, -count:] = 0
        return heard


def _echo(count: int) -> _Sides:
    """What a clap brings back, on each side another; all in all as strong as the clap."""
    chance = np.random.default_rng(11)
    moments = np.arange(count, dtype=np.float32) / RATE
    rough = chance.normal(size=(2, count)).astype(np.float32)
    soft = np.stack([np.convolve(side, np.hanning(24) / 3, "same") for side in rough])
    whole = 0.35 * rough * np.exp(-9 * moments) + soft * np.exp(-3.4 * moments)
    whole *= np.minimum((moments[-1] - moments) / 0.2, 1)
    early = round(_EARLY * RATE)
    whole[:, early:], whole[:, :early] = whole[:, : count - early].copy(), 0
    return (whole / np.sqrt((whole**2).sum(axis=1, keepdims=True))).astype(np.float32)
