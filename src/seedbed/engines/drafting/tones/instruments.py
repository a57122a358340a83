"""Instruments: what a note sounds like.

Floor 3. Each is a wave of a few overtones, read from a table at its speed, under a soft envelope;
or noise for what is struck. No note begins or ends with a jump.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.engines.drafting.tones.score import Note

RATE = 48_000
"""Samples a second."""
Mono: TypeAlias = NDArray[np.floating]
_SIZE = 1 << 14
_STEP = 0.006
"""Seconds in which even what is struck begins."""


@dataclass(frozen=True, slots=True)
class Tone:
    """An instrument: overtones of its dull part, which stays, and of its bright one, which goes by
    `fade`; both as their strengths. It rises for `rise` seconds, falls by `fall` a second, and
    rings on for `ring`. `wide` is by how much its two sides are out of tune; `shake` how far it
    trembles.
    """

    dull: tuple[float, ...]
    bright: tuple[float, ...] = ()
    fade: float = 5.0
    rise: float = 0.01
    fall: float = 0.0
    ring: float = 0.3
    wide: float = 0.0
    shake: float = 0.0
    gain: float = 1.0

    def play(self, note: Note) -> Mono:
        """The note on both sides, as (2, samples)."""
        hertz = 440 * 2 ** ((note.pitch - 69) / 12)
        moments = np.arange(round((note.seconds + self.ring) * RATE), dtype=np.float32) / RATE
        envelope = _envelope(moments, note.seconds, self) * np.float32(note.level * self.gain)
        if not self.wide:
            heard = self._wave(hertz, moments) * envelope
            return _placed(heard, heard, note.place)
        left, right = (self._wave(hertz * (1 + side), moments) for side in (-self.wide, self.wide))
        return _placed(left * envelope, right * envelope, note.place)

    def _wave(self, hertz: float, moments: Mono) -> Mono:
        turns = np.arange(len(moments)) * (hertz / RATE)
        if self.shake:
            turns += self.shake * np.sin(2 * np.pi * 5.1 * moments) * np.minimum(moments, 1)
        at = (turns * _SIZE).astype(np.int64) & _SIZE - 1
        heard = _table(self.dull)[at]
        if self.bright:
            heard = heard + _table(self.bright)[at] * np.exp(-self.fade * moments)
        return heard


def _struck(low: float, high: float, fall: float, noise: float) -> Callable[[Note], Mono]:
    """What is struck: a tone that drops from one height to another, and a little noise."""

    def play(note: Note) -> Mono:
        moments = np.arange(round(0.9 * RATE), dtype=np.float32) / RATE
        turns = low * moments + (high - low) / 30 * (1 - np.exp(-30 * moments))
        rough = _noise()[: len(moments)] * np.exp(-60 * moments) * noise
        heard = (np.sin(2 * np.pi * turns) * np.exp(-fall * moments) + rough) * note.level
        heard *= np.minimum(moments / 0.002, 1) * np.minimum((moments[-1] - moments) / 0.05, 1)
        return _placed(heard, heard, note.place)

    return play


def _rustled(fall: float, gain: float) -> Callable[[Note], Mono]:
    """What rustles: bright noise that is soon gone."""

    def play(note: Note) -> Mono:
        moments = np.arange(round(0.25 * RATE), dtype=np.float32) / RATE
        first = int(note.begin * 977) * 4_801 % (RATE // 2)
        rough = np.diff(_noise()[first : first + len(moments) + 1])
        heard = rough * np.exp(-fall * moments) * np.minimum(moments / 0.012, 1) * note.level * gain
        heard *= np.minimum((moments[-1] - moments) / 0.02, 1)
        return _placed(heard, heard, note.place)

    return play


INSTRUMENTS: Mapping[str, Callable[[Note], Mono]] = {
    "pad": Tone((1, 0.35, 0.12, 0.05), rise=0.7, ring=1.4, wide=0.0016, shake=0.01).play,
    "strings": Tone(
        (1, 0.5, 0.38, 0.22, 0.15, 0.09, 0.05),
        rise=0.45,
        ring=1.0,
        wide=0.0022,
        shake=0.02,
        gain=0.8,
    ).play,
    "brass": Tone(
        (1, 0.7, 0.5, 0.3, 0.16, 0.08),
        rise=0.09,
        fall=0.3,
        ring=0.35,
        wide=0.0012,
        shake=0.012,
        gain=0.75,
    ).play,
    "keys": Tone((1, 0.18), (0.3, 0.5, 0, 0.3), fade=6, fall=1.5, ring=0.9, wide=0.0005).play,
    "piano": Tone(
        (1, 0.3, 0.1), (0.4, 0.5, 0.4, 0.2, 0.12, 0.06), fade=4, fall=1.2, ring=0.8, wide=0.0004
    ).play,
    "harp": Tone((1, 0.2, 0.04), (0.2, 0.5, 0.3, 0.2), fade=9, fall=2.6, ring=0.9).play,
    "plucked": Tone((1, 0.25), (0.2, 0.5, 0.4, 0.25), fade=14, fall=5, ring=0.4).play,
    "marimba": Tone((1,), (0, 0, 0, 0.6), fade=18, fall=5, ring=0.7, gain=1.3).play,
    "glass": Tone((1, 0, 0.12), (0, 0.3, 0, 0, 0.2), fade=3, rise=0.05, fall=0.8, ring=1.6).play,
    "bass": Tone((1, 0.45, 0.2, 0.06), rise=0.02, fall=0.7, ring=0.15).play,
    "kick": _struck(48, 130, 9, 0.1),
    "drum": _struck(54, 110, 5, 0.35),
    "shaker": _rustled(26, 0.3),
    "brush": _rustled(45, 0.16),
}
"""By name."""


@cache
def _table(strengths: tuple[float, ...]) -> Mono:
    """One turn of a wave of these overtones; their strengths together are 1 at most."""
    turn = np.arange(_SIZE) * (2 * np.pi / _SIZE)
    wave = sum(
        strength * np.sin(turn * number + number * number)
        for number, strength in enumerate(strengths, 1)
    )
    return (np.asarray(wave) / max(1.0, float(np.abs(wave).max()))).astype(np.float32)


@cache
def _noise() -> Mono:
    """A second and more of noise, the same for all."""
    return np.random.default_rng(5).normal(0, 0.5, 2 * RATE).astype(np.float32)


def _envelope(moments: Mono, held: float, tone: Tone) -> Mono:
    rise = np.minimum(moments / max(_STEP, min(tone.rise, held)), 1)
    end = moments[-1] if len(moments) else 0.0
    out = np.clip((end - moments) / max(tone.ring, _STEP), 0, 1)
    return (rise * rise * (3 - 2 * rise) * out * out * np.exp(-tone.fall * moments)).astype(
        np.float32
    )


def _placed(left: Mono, right: Mono, place: float) -> Mono:
    return np.stack([left * np.sqrt(0.5 - place / 2), right * np.sqrt(0.5 + place / 2)]).astype(
        np.float32
    )
