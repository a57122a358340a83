"""Places by their sound: rain, sea, wind, birds, a street. They go on for as long as is asked.

Floor 3. Each gives seconds of (2, samples), without end.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import numpy as np

from seedbed.engines.drafting.tones.instruments import RATE, Mono
from seedbed.engines.drafting.tones.noise import Sides, around, coloured, wandering

Chance: TypeAlias = np.random.Generator
Place: TypeAlias = Callable[[Chance], Iterator[Sides]]
_DROPS = 260
"""Drops of rain a second that are heard by themselves."""
_WAVE_SECONDS = 7.5
_GUSTS = ((180, 1.0, 0.22), (420, 0.5, 0.13), (950, 0.35, 0.05))
"""Of wind: its frequencies, how wide they are in octaves, and how loud."""


def _rain(chance: Chance) -> Iterator[Sides]:
    hiss = coloured(around(3_500, 2.4), chance)
    low = coloured(around(500, 1.5), chance)
    for swell in wandering(3.0, chance):
        level = 0.06 + 0.02 * swell
        yield next(hiss) * level + next(low) * 0.02 + _drops(chance) * 0.5


def _drops(chance: Chance) -> Sides:
    """A second of drops that fall near by: most are faint."""
    second = np.zeros((2, RATE), np.float32)
    moments = np.arange(420, dtype=np.float32) / RATE
    rise = np.minimum(np.arange(420, dtype=np.float32) / 12, 1)
    for hertz in chance.uniform(1_800, 6_500, 6):
        drop = np.sin(2 * np.pi * hertz * moments) * np.exp(-700 * moments) * rise
        hits = np.zeros((2, RATE), np.float32)
        at = chance.integers(0, RATE - 420, _DROPS // 6)
        hits[chance.integers(0, 2, len(at)), at] = chance.exponential(0.05, len(at))
        second += _struck(hits, drop)
    return second


def _struck(hits: Sides, sound: Mono) -> Sides:
    spectrum = np.fft.rfft(hits) * np.fft.rfft(sound, RATE)
    return np.fft.irfft(spectrum, RATE).astype(np.float32)


def _sea(chance: Chance) -> Iterator[Sides]:
    low, high = coloured(around(220, 1.6), chance), coloured(around(2_600, 1.8), chance)
    breath = wandering(2.7, chance)
    begin, length, moment = -2.0, _WAVE_SECONDS, 0.0
    step = np.arange(RATE) / RATE
    while True:
        if moment >= begin + length:
            begin, length = moment, _WAVE_SECONDS * chance.uniform(0.8, 1.3)
        at = (moment + step - begin) / length
        swell = np.interp(at, (0, 0.3, 0.42, 1, 1.2), (0.12, 0.75, 1, 0.12, 0.12))
        foam = np.interp(at, (0, 0.34, 0.48, 1, 1.2), (0.05, 0.3, 1, 0.05, 0.05)) ** 1.5
        sound = next(low) * (0.1 * _smooth(swell)) + next(high) * (0.09 * _smooth(foam))
        yield (sound * (0.75 + 0.25 * next(breath))).astype(np.float32)
        moment += 1


def _smooth(curve: Mono) -> Mono:
    return curve * curve * (3 - 2 * curve)


def _wind(chance: Chance) -> Iterator[Sides]:
    bands = [coloured(around(hertz, width), chance) for hertz, width, _ in _GUSTS]
    gusts = [wandering(every, chance) for every in (2.3, 1.7, 1.3)]
    whole = wandering(4.1, chance)
    while True:
        swell = 0.3 + 0.7 * next(whole)
        parts = (
            next(band) * (0.04 + next(gust) ** 2) * level
            for band, gust, (_, _, level) in zip(bands, gusts, _GUSTS, strict=True)
        )
        yield (sum(parts) * swell).astype(np.float32)


def _birds(chance: Chance) -> Iterator[Sides]:
    air = coloured(around(1_200, 2.2), chance)
    later = np.zeros((2, 3 * RATE), np.float32)
    singers = [(chance.uniform(2_400, 4_800), chance.uniform(0.1, 0.9)) for _ in range(4)]
    while True:
        for hertz, side in singers:
            if chance.random() < 0.28:
                song = _song(hertz, chance)
                at = int(chance.integers(0, RATE))
                end = min(later.shape[1], at + len(song))
                later[0, at:end] += song[: end - at] * np.sqrt(1 - side)
                later[1, at:end] += song[: end - at] * np.sqrt(side)
        yield (later[:, :RATE] + next(air) * 0.008).astype(np.float32)
        later[:, :-RATE] = later[:, RATE:]
        later[:, -RATE:] = 0


def _song(hertz: float, chance: Chance) -> Mono:
    """A few notes of a bird, each of which slides."""
    notes = list[Mono]()
    for _ in range(int(chance.integers(2, 7))):
        seconds = chance.uniform(0.05, 0.16)
        share = np.arange(round(seconds * RATE), dtype=np.float32) / (seconds * RATE)
        slide, bend = chance.uniform(-0.25, 0.35), chance.uniform(-0.2, 0.2)
        pitch = hertz * (1 + slide * share + bend * np.sin(np.pi * share))
        turns = np.cumsum(pitch / RATE)
        loud = np.sin(np.pi * share) ** 2 * chance.uniform(0.05, 0.16)
        notes += [np.sin(2 * np.pi * turns) * loud]
        notes += [np.zeros(round(chance.uniform(0.02, 0.09) * RATE), np.float32)]
    return np.concatenate(notes).astype(np.float32)[: 2 * RATE]


def _street(chance: Chance) -> Iterator[Sides]:
    hum, air = coloured(around(90, 1.2), chance), coloured(around(900, 2.0), chance)
    tyres = coloured(around(700, 1.3), chance)
    cars, moment = list[tuple[float, float, float]](), 0.0
    step = np.arange(RATE) / RATE
    while True:
        if chance.random() < 0.22:
            cars.append((moment + 3, chance.uniform(0.7, 1.5), chance.choice([-1.0, 1.0])))
        rush, wide = next(tyres), np.zeros((2, RATE))
        for middle, wideness, way in cars:
            near = np.exp(-(((moment + step - middle) / wideness) ** 2))
            side = 0.5 + 0.45 * way * np.tanh((moment + step - middle) / wideness)
            wide += np.stack([near * np.sqrt(1 - side), near * np.sqrt(side)])
        cars = [car for car in cars if car[0] + 5 > moment]
        yield (next(hum) * 0.05 + next(air) * 0.012 + rush * wide * 0.09).astype(np.float32)
        moment += 1


PLACES: Mapping[str, Place] = {
    "rain": _rain,
    "sea": _sea,
    "wind": _wind,
    "birds": _birds,
    "street": _street,
}
"""By name."""
