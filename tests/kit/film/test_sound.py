"""Tracks are heard where and as loud as was said, whatever they come from."""

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.sound import RATE, Block, Mix, Track, blocks
from tests.kit.film.made import Unseekable, film, tone

ONES = np.ones((RATE, 2), np.float32)


def heard(*tracks: Track, seconds: float = 3.0) -> Block:
    return np.concatenate(list(Mix(tracks, seconds)))


def wav(path: Path, sound: Block, rate: int = RATE) -> Path:
    """One channel in sixteen bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound[:, 0] * 32_767).astype("<i2").tobytes())
    return path


def test_a_track_is_heard_from_its_first_to_its_last_sample() -> None:
    mixed = heard(Track(ONES, begin=0.75))
    begin = round(0.75 * RATE)
    assert mixed.shape == (3 * RATE, 2)
    assert not mixed[:begin].any()
    assert (mixed[begin : begin + RATE] == 1).all()
    assert not mixed[begin + RATE :].any()


def test_a_mix_has_its_length_whatever_its_tracks_have() -> None:
    assert len(heard(seconds=0.3)) == round(0.3 * RATE)
    assert len(heard(Track(ONES), seconds=0.3)) == round(0.3 * RATE)


def test_tracks_are_added_up_with_their_gains() -> None:
    mixed = heard(Track(ONES, gain=-20), Track(ONES, gain=-20), seconds=1)
    assert np.allclose(mixed, 0.2)


def test_fades_go_up_and_down_along_a_line() -> None:
    mixed = heard(Track(ONES, begin=1, fade_in=0.5, fade_out=0.25))[:, 0]
    moments = {1.0: 0.0, 1.25: 0.5, 1.5: 1.0, 1.75: 1.0, 1.875: 0.5}
    for moment, level in moments.items():
        assert abs(mixed[round(moment * RATE)] - level) < 1e-3
    assert mixed[2 * RATE - 1] < 1e-3


def test_a_track_ends_after_its_seconds_and_fades_towards_that() -> None:
    mixed = heard(Track(ONES, seconds=0.5, fade_out=0.5), seconds=1)[:, 0]
    assert abs(mixed[RATE // 4] - 0.5) < 1e-3
    assert not mixed[RATE // 2 :].any()


def test_music_gives_way_while_somebody_speaks() -> None:
    music = Track(np.ones((3 * RATE, 2), np.float32), gain=-40, duck=20)
    speech = Track(tone(0.5), begin=1, is_speech=True)
    mixed = heard(music, speech) - heard(speech)
    assert np.allclose(mixed[RATE // 2], 0.01)
    assert np.allclose(mixed[round(1.2 * RATE)], 0.001, atol=1e-5)
    assert np.allclose(mixed[-1], 0.01)


def test_a_file_of_another_rate_is_heard_as_long_and_as_high(tmp_path: Path) -> None:
    path = wav(tmp_path / "tone.wav", tone(1.0)[::2], RATE // 2)
    sound = np.concatenate(list(blocks(path)))
    assert len(sound) == RATE
    assert np.abs(sound[1_000:-1_000] - tone(1.0)[1_000:-1_000]).max() < 0.01


def test_a_file_fades_out_towards_its_own_end(tmp_path: Path) -> None:
    path = wav(tmp_path / "ones.wav", ONES * 0.5)
    mixed = heard(Track(path, fade_out=0.5), Track(path, begin=2), seconds=3)[:, 0]
    assert abs(mixed[round(0.75 * RATE)] - 0.25) < 0.01
    assert abs(mixed[round(2.75 * RATE)] - 0.5) < 0.01


def test_a_mix_can_be_heard_twice(tmp_path: Path) -> None:
    mix = Mix([Track(wav(tmp_path / "tone.wav", tone(1.0)))], 1.0)
    assert (np.concatenate(list(mix)) == np.concatenate(list(mix))).all()


def test_one_channel_is_heard_on_both() -> None:
    (sound,) = blocks(tone(0.1)[:, 0])
    assert (sound == tone(0.1)).all()


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros((10, 3)), r"an array of sound is \(count, 2\), and not \(10, 3\)"),
        (np.zeros((1, 10, 2)), r"and not \(1, 10, 2\)"),
        (np.array([0.0, np.nan]), "samples that are no numbers"),
    ],
)
def test_an_array_that_is_no_sound_is_refused(array: np.ndarray, why: str) -> None:
    with pytest.raises(FilmFault, match=why):
        heard(Track(array))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"begin": -1.0}, "moments, fades and ducking are 0 or more"),
        ({"fade_in": float("inf")}, "moments, fades and ducking are 0 or more"),
        ({"gain": 60.0}, "a gain is between -96 and 48 dB, and not 60"),
        ({"gain": float("nan")}, "a gain is between -96 and 48 dB, and not nan"),
    ],
)
def test_a_track_that_cannot_be_is_refused(told: dict[str, float], why: str) -> None:
    with pytest.raises(FilmFault, match=why):
        Track(ONES, **told)  # type: ignore[arg-type]


def test_files_that_are_no_sound_are_refused(tmp_path: Path) -> None:
    silent = film(tmp_path / "film", range(2))
    with pytest.raises(FilmFault, match="it holds no sound that is read here"):
        heard(Track(silent))
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(FilmFault, match="it has no byte"):
        heard(Track(tmp_path / "empty"))


def test_a_file_of_unknown_length_is_faded_out_only_where_its_length_is_said(
    tmp_path: Path,
) -> None:
    endless = tmp_path / "endless"
    with endless.open("wb") as file, av.open(Unseekable(file), "w", format="matroska") as out:
        stream: Any = out.add_stream("libopus", RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(tone(1.0)[:, :1].T), "fltp", "mono")
        frame.sample_rate = RATE
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert np.abs(heard(Track(endless))).max() > 0.25
    with pytest.raises(FilmFault, match="say `seconds` to have it faded out"):
        heard(Track(endless, fade_out=1))
    assert np.abs(heard(Track(endless, fade_out=1, seconds=1))[RATE // 2 :]).max() < 0.2
