"""Music by its mood, and noises by their name: made by rule, each time the same for one seed.

Floor 3. Two channels at 48 kHz, second by second, and never louder than can be written.
"""

from collections.abc import Iterable, Iterator
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.engines.drafting.tones.ambience import PLACES
from seedbed.engines.drafting.tones.hits import HITS
from seedbed.engines.drafting.tones.instruments import INSTRUMENTS, RATE
from seedbed.engines.drafting.tones.moods import MOODS, Mood
from seedbed.engines.drafting.tones.noise import Sides
from seedbed.engines.drafting.tones.room import Room
from seedbed.engines.drafting.tones.score import Note, score
from seedbed.kit.film.errors import FilmFault

Sound: TypeAlias = NDArray[np.float32]
"""Samples of (count, 2); 1 is the loudest that can be written."""
EFFECTS = (*PLACES, *HITS)
"""The names of noises."""
_MOST_SECONDS = 600.0
_LONGEST_NOTE = 16
"""Seconds that a note goes on at most."""
_IN, _OUT, _SLOW_OUT = 0.005, 0.25, 1.5
_MUSIC = np.float32(0.65)
"""So loud that what is bent at the peaks is not heard."""


def music(mood: str, seconds: float, *, seed: int = 0) -> Sound:
    """Music in a mood, which ends with its last second.

    Raises:
        FilmFault: no mood of that name, or no such length.
    """
    if mood not in MOODS:
        raise FilmFault(f"{mood} is no mood: {', '.join(MOODS)} are")
    return _whole(_played(MOODS[mood], seconds, Random(seed)), seconds, _SLOW_OUT)  # noqa: S311


def effect(name: str, seconds: float, *, seed: int = 0) -> Sound:
    """A noise: places and steps go on for all of that time, others are heard once.

    Raises:
        FilmFault: no noise of that name, or no such length.
    """
    chance = np.random.default_rng(seed)
    if name in PLACES:
        return _whole(PLACES[name](chance), seconds, _SLOW_OUT)
    if name in HITS:
        return _whole(HITS[name](chance), seconds, _OUT)
    raise FilmFault(f"{name} is no noise: {', '.join(EFFECTS)} are")


def _played(mood: Mood, seconds: float, chance: Random) -> Iterator[Sides]:
    """The notes of a piece in a room, second by second."""
    _check(seconds)
    notes, room = iter(score(mood, seconds, chance)), Room(mood.wet)
    later, now = np.zeros((2, _LONGEST_NOTE * RATE), np.float32), 0
    note = next(notes, None)
    while True:
        while note is not None and note.begin < now + 1:
            _add(later, note, now)
            note = next(notes, None)
        yield room.heard(later[:, :RATE]) * _MUSIC
        later[:, :-RATE] = later[:, RATE:]
        later[:, -RATE:] = 0
        now += 1


def _add(later: Sides, note: Note, now: int) -> None:
    begin = max(0, round((note.begin - now) * RATE))
    heard = INSTRUMENTS[note.voice](note)[:, : later.shape[1] - begin]
    later[:, begin : begin + heard.shape[1]] += heard


def _whole(seconds_of: Iterable[Sides], seconds: float, out: float) -> Sound:
    """So many seconds, with a soft beginning and end; silence follows what is over."""
    _check(seconds)
    count = round(seconds * RATE)
    whole = np.zeros((count, 2), np.float32)
    at = 0
    for block in seconds_of:
        part = block[:, : count - at].T
        whole[at : at + len(part)] = np.tanh(part)
        at += len(part)
        if at >= count:
            break
    _faded(whole, min(_IN, seconds / 4), min(out, seconds / 4))
    return whole


def _faded(whole: Sound, come: float, go: float) -> None:
    """Let it begin and end from nothing."""
    first, last = round(come * RATE), round(go * RATE)
    whole[:first] *= np.linspace(0, 1, first, dtype=np.float32)[:, None]
    whole[len(whole) - last :] *= np.linspace(1, 0, last, dtype=np.float32)[:, None] ** 2


def _check(seconds: float) -> None:
    if not 0 < seconds <= _MOST_SECONDS:
        raise FilmFault(f"a sound has up to {_MOST_SECONDS:g} seconds, and not {seconds:g}")
