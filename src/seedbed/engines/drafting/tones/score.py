"""The notes of a piece in a mood: chords, a bass, chords broken, a lead, and drums.

Floor 3. Phrases of four bars follow one another by chance, never the same twice running; the lead
goes by steps, rests, and comes to a note of the chord on heavy beats. The last bar is the chord
that all began with, and the tempo is such that it ends when the piece does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from seedbed.engines.drafting.tones.moods import Mood

_BEATS, _BARS = 4, 4
_ROOTS = (45, 47, 48, 50, 52, 53)
"""Keys that a piece may stand in, as half tones (60 is the C in the middle)."""
_LOWEST = 52
_LEAD_LOW, _LEAD_HIGH = 9, 20
"""Between which degrees above the root the lead goes."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is played: by whom, when and how long in seconds, how high in half tones, how
    loud, and where, from -1 (left) to 1.
    """

    voice: str
    begin: float
    seconds: float
    pitch: float
    level: float
    place: float = 0.0


@dataclass(frozen=True, slots=True)
class _Bar:
    """A bar: when it begins, how long a beat is, and the degree that its chord stands on."""

    mood: Mood
    root: int
    begin: float
    beat: float
    degree: int

    def at(self, beats: float) -> float:
        """The moment of a beat."""
        late = self.mood.swing if beats % 1 == 0.5 else 0.0
        return self.begin + (beats + late) * self.beat

    def pitch(self, degree: int) -> int:
        """A degree above the root, as half tones."""
        octave, place = divmod(degree, len(self.mood.scale))
        return self.root + 12 * octave + self.mood.scale[place]

    def chord(self) -> list[int]:
        """The notes of its chord in a middle height, each as near to the last as it goes, so that
        chords follow one another by small steps.
        """
        pitches = (self.pitch(self.degree + above) for above in self.mood.chord)
        return sorted(_LOWEST + (pitch - _LOWEST) % 12 for pitch in pitches)


def score(mood: Mood, seconds: float, chance: Random) -> list[Note]:
    """The notes of a piece of that length, in order."""
    bars = _bars(mood, seconds, chance)
    notes = [note for bar in bars for note in _ground(bar, chance)]
    notes += _lead(bars, chance)
    return sorted(notes, key=lambda note: note.begin)


def _bars(mood: Mood, seconds: float, chance: Random) -> list[_Bar]:
    count = max(1, round(seconds * mood.tempo / 60 / _BEATS))
    beat = seconds / count / _BEATS
    root, degrees = chance.choice(_ROOTS), list[int]()
    phrase = mood.phrases[0]
    while len(degrees) < count:
        degrees += phrase
        phrase = chance.choice([other for other in mood.phrases if other != phrase])
    degrees = [*degrees[: count - 1], 0]
    return [
        _Bar(mood, root, place * _BEATS * beat, beat, degree)
        for place, degree in enumerate(degrees)
    ]


def _ground(bar: _Bar, chance: Random) -> Iterator[Note]:
    """All but the lead."""
    mood, chord, whole = bar.mood, bar.chord(), _BEATS * bar.beat
    for place, pitch in enumerate(chord):
        side = 0.5 * (place % 2 * 2 - 1)
        yield Note(mood.pad, bar.begin, whole, pitch, mood.pad_level, side)
    low = bar.pitch(bar.degree) - 12 - 12 * (bar.pitch(bar.degree) > 55)
    for at, after in zip(mood.bass, (*mood.bass[1:], float(_BEATS)), strict=True):
        yield Note("bass", bar.at(at), (after - at) * bar.beat * 0.9, low, 0.24)
    spread = [*chord, chord[0] + 12]
    for at, which in mood.broken:
        level = 0.14 * chance.uniform(0.75, 1.0)
        pitch = spread[which % len(spread)] + 12
        yield Note(mood.figure, _loose(bar.at(at), chance), bar.beat, pitch, level, 0.35)
    for at, drum in mood.drums:
        yield Note(drum, bar.at(at), 0.5, 36, 0.3 * chance.uniform(0.7, 1.0), -0.15)


def _lead(bars: list[_Bar], chance: Random) -> Iterator[Note]:
    """A melody: a rhythm is kept for two bars, and each note goes on from the one before."""
    degree, rhythm = (_LEAD_LOW + _LEAD_HIGH) // 2, bars[0].mood.rhythms[0]
    for place, bar in enumerate(bars[:-1]):
        if place % 2 == 0:
            rhythm = chance.choice(bar.mood.rhythms)
        if place == 0 or chance.random() < bar.mood.silent:
            continue
        for at, after in zip(rhythm, (*rhythm[1:], float(_BEATS)), strict=True):
            degree = _next(degree, bar, chance, is_heavy=at % 2 == 0)
            level = 0.2 * chance.uniform(0.8, 1.0)
            held = min(2.0, after - at) * bar.beat
            begin = _loose(bar.at(at), chance)
            yield Note(bar.mood.lead, begin, held, bar.pitch(degree), level, -0.2)
    last = bars[-1]
    yield Note(last.mood.lead, last.begin, 2 * last.beat, last.pitch(14), 0.16, -0.2)


def _next(degree: int, bar: _Bar, chance: Random, *, is_heavy: bool) -> int:
    """A step or a small leap on, and back from the ends; on heavy beats to the chord."""
    goal = degree + chance.choice((-2, -1, -1, 1, 1, 2, 3, -3))
    if not _LEAD_LOW <= goal <= _LEAD_HIGH:
        goal = 2 * degree - goal
    if is_heavy:
        in_chord = [
            other
            for other in range(_LEAD_LOW, _LEAD_HIGH + 1)
            if (other - bar.degree) % 7 in {0, 2, 4}
        ]
        goal = min(in_chord, key=lambda other: (abs(other - goal), other == degree))
    return goal


def _loose(moment: float, chance: Random) -> float:
    """About then, as hands play."""
    return max(0.0, moment + chance.uniform(-0.008, 0.008))
