"""Music and noises: as long as asked for, the same for one seed, and without a click or a loop."""

from functools import cache
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.engines.drafting.sounds import EFFECTS, Sound, effect, music
from seedbed.engines.drafting.tones.moods import MOODS
from seedbed.kit.film.errors import FilmFault

RATE = 48_000
LASTING = ("rain", "sea", "wind", "birds", "street", "steps")
Numbers: TypeAlias = NDArray[np.floating]


def sound(name: str, seconds: float, seed: int = 1) -> Sound:
    return (music if name in MOODS else effect)(name, seconds, seed=seed)


@cache
def short(name: str) -> Sound:
    return sound(name, 4.5)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*MOODS, *EFFECTS])
def test_a_sound_is_there_and_within_what_can_be_written(name: str) -> None:
    made = short(name)
    assert made.shape == (round(4.5 * RATE), 2)
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    assert 0.1 < np.abs(made).max() < 1
    assert np.abs(made.mean()) < 0.01


@pytest.mark.parametrize("name", [*MOODS, *EFFECTS])
def test_it_begins_and_ends_without_a_click(name: str) -> None:
    made = np.abs(short(name))
    assert made[[0, -1]].max() < 0.001
    assert made[-20:].max() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("name", [*MOODS, *LASTING])
def test_seconds_follow_one_another_without_a_click(name: str) -> None:
    jumps = np.abs(np.diff(sound(name, 9), axis=0)).max(axis=1)
    borders = jumps[[second * RATE - 1 for second in range(1, 9)]]
    assert borders.max() <= np.percentile(jumps, 99.9)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["grand", "bell", "birds"])
def test_a_seed_is_always_the_same_sound(name: str) -> None:
    assert (sound(name, 3) == sound(name, 3)).all()
    assert np.abs(sound(name, 3) - sound(name, 3, seed=2)).max() > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("name", MOODS)
def test_no_loop_is_heard_within_half_a_minute(name: str) -> None:
    assert _likest(_coarse(sound(name, 30).mean(axis=1))) < 0.8


def test_a_loop_would_be_found() -> None:
    bar = sound("bright", 4).mean(axis=1)
    assert _likest(_coarse(np.tile(bar, 7))) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("name", LASTING)
def test_a_place_is_heard_to_its_end(name: str) -> None:
    made = np.abs(sound(name, 12))
    assert made[8 * RATE : 10 * RATE].max() > 0.02


@pytest.mark.parametrize(("name", "heard"), [("pop", 0.3), ("whoosh", 1.1), ("bell", 6.6)])
def test_what_happens_once_is_followed_by_silence(name: str, heard: float) -> None:
    made = np.abs(sound(name, 8))
    assert made[: round(heard * RATE)].max() > 0.1
    assert not made[round(heard * RATE) :].any()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.02, 0.5, 1.0, 2.9])
def test_short_ones_are_made_too(seconds: float) -> None:
    for name in ("calm", "rain", "bell"):
        assert len(sound(name, seconds)) == round(seconds * RATE)


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(FilmFault, match="angry is no mood: calm, bright, tense"):
        music("angry", 3)
    with pytest.raises(FilmFault, match="bang is no noise: rain, sea, wind"):
        effect("bang", 3)
    for seconds in (0, -1, 601, float("nan")):
        for name in ("calm", "rain"):
            with pytest.raises(FilmFault, match="a sound has up to 600 seconds"):
                sound(name, seconds)


def _coarse(wave: Numbers) -> Numbers:
    """A wave with a sample for each sixteen."""
    return wave[: len(wave) // 16 * 16].reshape(-1, 16).mean(axis=1)


def _likest(wave: Numbers) -> float:
    """How much a wave is like itself at its likest, a second or more later."""
    count = len(wave)
    spectrum = np.fft.rfft(wave, 2 * count)
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[: count * 2 // 3]
    total = np.concatenate([[0.0], np.cumsum(wave.astype(np.float64) ** 2)])
    lags = np.arange(RATE // 16, len(alike))
    both = np.sqrt(total[count - lags] * (total[count] - total[lags]))
    return float((alike[lags] / both).max())
