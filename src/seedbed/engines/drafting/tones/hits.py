"""Sounds that happen at a moment: a whoosh, a pop, a bell; and steps, one after the other.

Floor 3. Each gives seconds of (2, samples), until it is over.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np

from seedbed.engines.drafting.tones.ambience import Chance
from seedbed.engines.drafting.tones.instruments import RATE, Mono
from seedbed.engines.drafting.tones.noise import Sides, around, coloured
from seedbed.engines.drafting.tones.room import Room

Hit: TypeAlias = Callable[[Chance], Iterator[Sides]]
_PARTIALS = (
    (0.5, 0.25, 0.6),
    (1, 0.6, 0.9),
    (1.19, 0.4, 1.3),
    (2, 0.5, 1.6),
    (2.74, 0.28, 2.4),
    (3.0, 0.22, 2.8),
    (4.07, 0.14, 4.0),
    (5.4, 0.08, 6.0),
)
"""Of a bell: by how much higher, how strong, and how soon gone."""
_STEP_SECONDS = 0.54
_SIDES: Mapping[bool, Mono] = {
    True: np.array([[1.0], [0.8]]),
    False: np.array([[0.8], [1.0]]),
}


def _whoosh(chance: Chance) -> Iterator[Sides]:
    """Something goes by, from left to right: noise that rises and falls."""
    moments = np.arange(RATE) / RATE
    whole = np.zeros((2, RATE))
    for hertz, middle in ((250, 0.30), (600, 0.38), (1_400, 0.45), (3_000, 0.50), (900, 0.58)):
        swell = np.exp(-(((moments - middle) / 0.13) ** 2))
        whole += next(coloured(around(hertz, 0.6), chance)) * swell
    side = 0.5 + 0.45 * np.tanh((moments - 0.45) * 5)
    yield _ended(whole * 0.1 * np.stack([np.sqrt(1 - side), np.sqrt(side)]))


def _pop(chance: Chance) -> Iterator[Sides]:
    """A cork: a short tone that rises."""
    moments = np.arange(RATE // 4) / RATE
    low = chance.uniform(260, 380)
    turns = low * moments + 2_600 * moments**2
    heard = np.sin(2 * np.pi * turns) * np.exp(-38 * moments) * np.minimum(moments / 0.003, 1)
    yield _ended(np.stack([heard, heard]) * 0.5)


def _bell(chance: Chance) -> Iterator[Sides]:
    hertz = chance.uniform(480, 620)
    moments = np.arange(5 * RATE) / RATE
    whole = np.zeros((2, len(moments)))
    for times, strength, fall in _PARTIALS:
        for side, beating in enumerate((0.9993, 1.0007)):
            tone = np.sin(2 * np.pi * hertz * times * beating * moments)
            whole[side] += strength * tone * np.exp(-fall * moments)
    whole *= 0.22 * np.minimum(moments / 0.004, 1)
    yield from _in_room(_ended(whole), 0.25)


def _steps(chance: Chance) -> Iterator[Sides]:
    """Somebody walks, without end."""
    room, rough = Room(0.25, 0.5), coloured(around(1_800, 1.4), chance)
    later, at, left = np.zeros((2, 2 * RATE), np.float32), 0.1, True
    while True:
        while at < 1:
            begin, step = int(at * RATE), _step(next(rough), chance)
            later[:, begin : begin + step.shape[1]] += step * _SIDES[left]
            at, left = at + _STEP_SECONDS * chance.uniform(0.95, 1.05), not left
        yield room.heard(later[:, :RATE])
        later[:, :RATE], later[:, RATE:], at = later[:, RATE:].copy(), 0, at - 1


def _step(rough: Sides, chance: Chance) -> Sides:
    """The heel, and then the sole."""
    moments = np.arange(RATE // 3) / RATE
    low = chance.uniform(70, 95)
    heel = np.sin(2 * np.pi * low * moments) * _knock(moments, 0.0, 28)
    sole = rough[:, : len(moments)] * (_knock(moments, 0.0, 60) + 0.6 * _knock(moments, 0.09, 45))
    return _ended(0.3 * heel + 0.12 * sole * chance.uniform(0.8, 1.1))


def _knock(moments: Mono, begin: float, fall: float) -> Mono:
    since = np.maximum(moments - begin, 0)
    return np.exp(-fall * since) * np.minimum(since / 0.004, 1)


def _ended(whole: Sides) -> Sides:
    """The same with a soft end."""
    count = whole.shape[1]
    left = np.arange(count - 1, -1, -1, dtype=np.float32)
    out = np.minimum(left / np.float32(0.05 * RATE), np.float32(1))
    return (whole * out).astype(np.float32)


def _in_room(whole: Sides, wet: float) -> Iterator[Sides]:
    room = Room(wet)
    for begin in range(0, whole.shape[1], RATE):
        yield room.heard(whole[:, begin : begin + RATE])


HITS: Mapping[str, Hit] = {"whoosh": _whoosh, "pop": _pop, "bell": _bell, "steps": _steps}
"""By name."""
