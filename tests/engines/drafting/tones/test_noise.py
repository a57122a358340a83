"""Noise in a colour, and curves that wander."""

from itertools import islice

import numpy as np

from seedbed.engines.drafting.tones.instruments import RATE
from seedbed.engines.drafting.tones.noise import around, coloured, wandering


def test_noise_has_its_strength_and_its_colour() -> None:
    made = np.concatenate(
        list(islice(coloured(around(1_000, 0.5), np.random.default_rng(1)), 6)), axis=1
    )
    assert made.shape == (2, 6 * RATE)
    assert 0.9 < np.sqrt((made**2).mean()) < 1.1
    spectrum = np.square(np.abs(np.fft.rfft(made, axis=1))).mean(axis=0)
    hertz = np.fft.rfftfreq(made.shape[1], 1 / RATE)
    inside = spectrum @ ((hertz > 500) & (hertz < 2_000)) / spectrum.sum()
    assert inside > 0.95


def test_its_sides_are_strangers_to_one_another() -> None:
    (made,) = islice(coloured(around(1_000, 2), np.random.default_rng(1)), 1)
    assert abs((made[0] * made[1]).mean()) < 0.1


def test_a_curve_wanders_between_0_and_1_without_a_jump() -> None:
    made = np.concatenate(list(islice(wandering(0.7, np.random.default_rng(2)), 20)))
    assert len(made) == 20 * RATE
    assert made.min() >= 0
    assert made.max() <= 1
    assert made.std() > 0.1
    assert np.abs(np.diff(made)).max() < 1.5 / (0.7 * RATE) * 1.01
