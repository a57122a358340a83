"""The notes of a piece: in key, on time, to the end."""

from itertools import pairwise
from random import Random

import pytest

from seedbed.engines.drafting.tones.instruments import INSTRUMENTS
from seedbed.engines.drafting.tones.moods import MOODS
from seedbed.engines.drafting.tones.score import Note, score

DRUMS = {"kick", "drum", "shaker", "brush"}


def notes(mood: str, seconds: float = 40, seed: int = 1) -> list[Note]:
    return score(MOODS[mood], seconds, Random(seed))


def tuned(mood: str, seed: int = 1) -> list[Note]:
    return [note for note in notes(mood, seed=seed) if note.voice not in DRUMS]


@pytest.mark.parametrize("mood", MOODS)
def test_notes_are_in_order_and_within_the_piece(mood: str) -> None:
    played = notes(mood)
    begins = [note.begin for note in played]
    assert begins == sorted(begins)
    assert begins[0] >= 0
    assert max(note.begin + note.seconds for note in tuned(mood)) < 40 + 2
    assert {note.voice for note in played} <= set(INSTRUMENTS)
    assert all(20 < note.pitch < 100 and 0 < note.level < 0.5 for note in played)


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("seed", range(5))
def test_all_notes_are_of_one_scale(mood: str, seed: int) -> None:
    played = {round(note.pitch) % 12 for note in tuned(mood, seed)}
    keys = [{(root + step) % 12 for step in MOODS[mood].scale} for root in range(12)]
    assert any(played <= key for key in keys)


@pytest.mark.parametrize("mood", MOODS)
def test_it_ends_with_the_chord_that_it_began_with(mood: str) -> None:
    pads = [note for note in tuned(mood) if note.voice == MOODS[mood].pad]
    first = {note.pitch for note in pads if note.begin == pads[0].begin}
    last = {note.pitch for note in pads if note.begin == pads[-1].begin}
    assert first == last
    assert pads[-1].begin + pads[-1].seconds == pytest.approx(40)


@pytest.mark.parametrize("mood", MOODS)
def test_the_tempo_is_near_that_of_the_mood(mood: str) -> None:
    bass = [note.begin for note in notes(mood) if note.voice == MOODS[mood].pad]
    bar = min(after - before for before, after in pairwise(bass) if after > before)
    assert 240 / bar == pytest.approx(MOODS[mood].tempo, rel=0.06)


def test_seeds_differ() -> None:
    pieces = {tuple(note.pitch for note in tuned("calm", seed)) for seed in range(9)}
    assert len(pieces) == 9


@pytest.mark.parametrize("seconds", [0.1, 1, 3])
def test_a_short_piece_is_one_chord(seconds: float) -> None:
    pads = [note for note in notes("sad", seconds) if note.voice == "strings"]
    assert {note.begin for note in pads} == {0}
