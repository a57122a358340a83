"""Noise of any colour, and curves that wander, both without end and without a loop.

Floor 3. Noise is made in grains of random phases under a given spectrum, which overlap by half.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.engines.drafting.tones.instruments import RATE

Sides: TypeAlias = NDArray[np.floating]
Colour: TypeAlias = Callable[[NDArray[np.floating]], NDArray[np.floating]]
"""How strong noise is at each frequency in hertz."""


def coloured(colour: Colour, chance: np.random.Generator) -> Iterator[Sides]:
    """Noise on two sides by seconds of (2, samples); its root mean square is 1."""
    strength = colour(np.fft.rfftfreq(2 * RATE, 1 / RATE))
    strength = strength / np.sqrt((strength**2).sum()) * RATE * 2
    window = np.sin(np.arange(2 * RATE) * (np.pi / (2 * RATE)))
    later = _grain(strength, chance) * window
    while True:
        grain = _grain(strength, chance) * window
        yield (later[:, RATE:] + grain[:, :RATE]).astype(np.float32)
        later = grain


def _grain(strength: NDArray[np.floating], chance: np.random.Generator) -> Sides:
    phases = chance.uniform(0, 2 * np.pi, (2, len(strength))).astype(np.float32)
    turned = strength.astype(np.float32) * np.exp(1j * phases)
    return np.fft.irfft(turned, 2 * RATE).astype(np.float32) / np.float32(np.sqrt(2))


def around(middle: float, width: float) -> Colour:
    """A band about a frequency, `width` octaves to either side."""

    def colour(hertz: NDArray[np.floating]) -> NDArray[np.floating]:
        octaves = np.log2(np.maximum(hertz, 1) / middle)
        return np.exp(-((octaves / width) ** 2)) / np.sqrt(np.maximum(hertz, 1))

    return colour


def wandering(every: float, chance: np.random.Generator) -> Iterator[NDArray[np.float32]]:
    """A curve between 0 and 1, second by second, that turns to another height each `every` s."""
    heights, begin, moment = [chance.uniform(), chance.uniform()], 0.0, 0.0
    step = np.arange(RATE, dtype=np.float32) / RATE
    while True:
        count = int((moment + 1 - begin) / every) + 2
        while len(heights) < count:
            heights.append(chance.uniform())
        share = (moment + step - begin) / every
        at = share.astype(np.int64)
        part = share - at
        eased = part * part * (3 - 2 * part)
        line = np.asarray(heights, np.float32)
        yield (line[at] * (1 - eased) + line[at + 1] * eased).astype(np.float32)
        moment += 1
        gone = int((moment - begin) / every)
        heights, begin = heights[gone:], begin + gone * every
