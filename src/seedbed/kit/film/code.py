"""What the waves of a mark's tile carry: 64 bits, so that many of them may be lost.

Floor 1. A tile is a sum of waves. Some are always the same: by them it is found. The others carry
the bits, and 20 more that check them, as seven words of Golay's code: 12 bits become 24, which
differ from those of any other word in eight at least. Several waves carry each of those 168: they
stand, or are turned over.
"""

import hashlib
from functools import cache
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

SIDE = 128
"""Of a tile."""
_SLOW, _FAST = 8, 28
"""Waves in a tile: the slowest, which would be seen, and the fastest, which small pictures lose."""
_PER_BIT = 5
_WORDS, _LONG = 7, 24
_CHECKS = 20
_AGREE = 0.2
_SEED = 0x5EEDBED
_GOLAY = 0b101011100011
Waves: TypeAlias = NDArray[np.complex64]


def _layout() -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """All waves in a fixed order of chance: how many in a tile down and across, and phases."""
    chance = np.random.default_rng(_SEED)
    down, across = np.mgrid[-_FAST : _FAST + 1, 0 : _FAST + 1]
    distance = np.hypot(down, across)
    half = (across > 0) | (down > 0)
    chosen = (distance >= _SLOW) & (distance <= _FAST) & half
    places = np.stack([down[chosen], across[chosen]], axis=1)
    return chance.permutation(places), chance.uniform(0, 2 * np.pi, len(places))


_PLACES, _PHASES = _layout()
_TURNS = np.exp(1j * _PHASES).astype(np.complex64)
_COUNT = _WORDS * _LONG * _PER_BIT
SAYING, KNOWN = _PLACES[:_COUNT], _PLACES[_COUNT:]
"""The waves that carry bits, and those that are always the same."""


def tile(payload: int) -> NDArray[np.float32]:
    """The tile that carries those 64 bits; its root mean square is 1."""
    signs = np.repeat(1 - 2 * _coded(payload).astype(np.int8), _PER_BIT)
    waves = _TURNS.copy()
    waves[:_COUNT] *= signs
    plane = np.zeros((SIDE, SIDE), np.complex64)
    plane[_PLACES[:, 0], _PLACES[:, 1]] = waves
    drawn = np.fft.ifft2(plane).real
    return (drawn / drawn.std()).astype(np.float32)


def begins(known: Waves, fineness: int) -> tuple[float, float, float]:
    """Where a tile begins for which known waves look like that, looked at in so many places a side;
    and, first, how far that stands out from what chance makes of them.
    """
    plane = np.zeros((fineness, fineness), np.complex64)
    plane[KNOWN[:, 0], KNOWN[:, 1]] = known * np.conj(_TURNS[_COUNT:])
    agreed = np.fft.ifft2(plane).real
    best = int(agreed.argmax())
    row, column = divmod(best, fineness)
    clear = agreed.flat[best] * fineness**2 / np.sqrt(len(KNOWN) / 2)
    return float(clear), row * SIDE / fineness, column * SIDE / fineness


def said(waves: Waves, row: float, column: float) -> tuple[int, float] | None:
    """The 64 bits that waves carry, in a tile that begins there, and how much they agree, from 0
    to 1; nothing if their checks do not.
    """
    moved = np.exp(2j * np.pi * (SAYING @ np.array([row, column])) / SIDE)
    heard = (waves * np.conj(_TURNS[:_COUNT]) * moved).real
    soft = heard.reshape(_WORDS, _LONG, _PER_BIT).mean(axis=2)
    best = (soft @ words().T).argmax(axis=1)
    agree = float((soft * words()[best]).mean())
    whole = 0
    for word in best:
        whole = whole << _LONG // 2 | int(word)
    payload, check = whole >> _CHECKS, whole & (1 << _CHECKS) - 1
    return (payload, min(1.0, agree)) if agree > _AGREE and check == _check(payload) else None


def _check(payload: int) -> int:
    digest = hashlib.blake2b(payload.to_bytes(8), digest_size=4).digest()
    return int.from_bytes(digest) >> 32 - _CHECKS


def _coded(payload: int) -> NDArray[np.uint8]:
    """The 168 bits of a payload."""
    whole = payload << _CHECKS | _check(payload)
    half = _LONG // 2
    parts = [whole >> half * place & (1 << half) - 1 for place in reversed(range(_WORDS))]
    return (words()[parts].ravel() < 0).astype(np.uint8)


@cache
def words() -> NDArray[np.float32]:
    """All 4,096 words of Golay's extended code; a bit that is set is -1, else it is 1."""
    data = np.arange(1 << 12)
    rest = data << 11
    for place in range(22, 10, -1):
        rest ^= np.where(rest >> place & 1, _GOLAY << place - 11, 0)
    word = data << 11 | rest
    bits = cast(NDArray[Any], word[:, None] >> np.arange(23) & 1)
    bits = np.concatenate([bits, bits.sum(axis=1, keepdims=True) & 1], axis=1)
    return (1 - 2 * bits).astype(np.float32)
