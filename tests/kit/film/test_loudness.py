"""Loudness is what the standard says, and a film is as loud as others are."""

from collections.abc import Iterator

import numpy as np
import pytest

from seedbed.kit.film.loudness import Loudness, levelled, measured
from seedbed.kit.film.sound import RATE, Block, Mix, Track
from tests.kit.film.made import tone


def weighted(sound: Block) -> float:
    """Loudness by the book (ITU-R BS.1770-4), without gates: its two filters, then the power."""
    turns = np.exp(-2j * np.pi * np.fft.rfftfreq(len(sound), 1))
    response = np.ones(len(turns), complex)
    for above, below in (
        (
            (1.53512485958697, -2.69169618940638, 1.19839281085285),
            (-1.69065929318241, 0.73248077421585),
        ),
        ((1.0, -2.0, 1.0), (-1.99004745483398, 0.99007225036621)),
    ):
        response *= np.polyval(above[::-1], turns) / np.polyval((1.0, *below)[::-1], turns)
    heard = np.fft.irfft(np.fft.rfft(sound, axis=0) * response[:, None], len(sound), axis=0)
    return -0.691 + 10 * np.log10((heard**2).mean(axis=0).sum())


def noise(level: float, seconds: float = 5.0) -> Block:
    random = np.random.default_rng(7).standard_normal((round(seconds * RATE), 2))
    return (level * random).astype(np.float32)


@pytest.mark.parametrize(
    "sound",
    [tone(5, hertz=997), tone(5, hertz=60), tone(5, hertz=9_000, level=0.05), noise(0.05)],
    ids=["middle", "low", "high", "noise"],
)
def test_loudness_is_that_of_the_standard(sound: Block) -> None:
    assert abs(measured([sound]).lufs - weighted(sound)) < 0.1


def test_the_reference_tone_of_the_standard_has_its_loudness() -> None:
    found = measured([tone(5, hertz=997, level=1.0)])
    assert abs(found.lufs - 0.0) < 0.05
    assert abs(found.peak) < 0.1


def test_a_peak_between_samples_is_found() -> None:
    moments = np.arange(RATE)
    wave = np.sin(2 * np.pi * moments / 4 + np.pi / 4).astype(np.float32)
    assert abs(wave).max() < 0.71
    assert measured([np.stack([wave, wave], 1)]).peak > -0.3


def test_blocks_are_one_sound_however_they_are_cut() -> None:
    whole = noise(0.1)
    parts = np.array_split(whole, [7, 4_801, 100_000])
    assert measured(parts) == measured([whole])


@pytest.mark.parametrize("sound", [noise(0.01), noise(0.1), tone(5, level=0.9)])
def test_a_sound_comes_out_at_its_target(sound: Block) -> None:
    made = list(levelled(Mix([Track(sound)], 5.0)))
    found = measured(made)
    assert abs(found.lufs + 14) < 0.3
    assert found.peak <= -1
    assert sum(map(len, made)) == 5 * RATE


@pytest.mark.slow
def test_peaks_are_held_down_where_loudness_would_lift_them_over_the_ceiling() -> None:
    sound = noise(0.05)
    sound[:: RATE // 2] = 1.0
    made = np.concatenate(list(levelled([sound])))
    found = measured([made])
    assert abs(found.lufs + 14) < 0.3
    assert found.peak <= -1
    assert made.shape == sound.shape


@pytest.mark.parametrize("count", [30_011, 48_001, 100_003])
def test_no_sample_is_added_or_lost_or_moved_where_peaks_are_held_down(count: int) -> None:
    sound = noise(0.02, 3.0)[:count]
    sound[20_000] = 1.0
    made = np.concatenate(list(levelled(np.array_split(sound, 7))))
    assert len(made) == count
    assert np.argmax(np.abs(made[:, 0])) == 20_000


@pytest.mark.slow
def test_what_can_hardly_be_louder_is_as_loud_as_the_ceiling_lets_it() -> None:
    sound = noise(0.0001)
    sound[RATE : RATE + 5] = 0.9
    found = measured(list(levelled([sound])))
    assert found.peak <= -1
    assert found.lufs < -14


def test_silence_stays_silence() -> None:
    still = [np.zeros((RATE, 2), np.float32)]
    assert measured(still) == Loudness(-70.0, -np.inf)
    assert measured(still).is_silent
    assert measured([]).is_silent
    assert not np.concatenate(list(levelled(still))).any()


@pytest.mark.slow
def test_a_sound_is_never_held() -> None:
    held = 0

    class Long:
        """Two minutes, of which it counts how much is asked for before anything is given."""

        def __iter__(self) -> Iterator[Block]:
            nonlocal held
            for _ in range(120):
                held += 1
                yield noise(0.2, 1.0)

    coming = levelled(Long())
    begun = held
    next(coming)
    assert held - begun <= 3


def test_a_sound_that_ends_in_the_middle_of_a_stretch_is_as_loud() -> None:
    whole = tone(2.0)
    part = whole[: 2 * RATE - 1_234]
    assert measured([part]).lufs == pytest.approx(measured([whole]).lufs, abs=0.1)
