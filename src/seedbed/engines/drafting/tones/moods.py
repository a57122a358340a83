"""What makes music calm, bright, tense, sad, grand or playful.

Floor 3. Data alone: `score` writes the notes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Beats: TypeAlias = tuple[float, ...]
"""Beats of a bar of four at which something begins."""
_MAJOR, _LYDIAN = (0, 2, 4, 5, 7, 9, 11), (0, 2, 4, 6, 7, 9, 11)
_MINOR, _PHRYGIAN = (0, 2, 3, 5, 7, 8, 10), (0, 1, 3, 5, 7, 8, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """How music of a mood goes. A phrase is four bars, of each the degree of the scale that its
    chord stands on.
    """

    tempo: float
    """Beats a minute."""
    scale: tuple[int, ...]
    """Half tones from the root to each degree."""
    phrases: tuple[tuple[int, int, int, int], ...]
    rhythms: tuple[Beats, ...]
    """Where notes of the lead begin, in a bar."""
    lead: str
    pad: str
    figure: str
    """Who breaks the chords; and when, in a bar, which of their notes."""
    broken: tuple[tuple[float, int], ...]
    bass: Beats
    drums: tuple[tuple[float, str], ...] = ()
    chord: tuple[int, ...] = (0, 2, 4)
    """Degrees of a chord above the one that it stands on."""
    silent: float = 0.3
    """The share of bars in which the lead rests."""
    pad_level: float = 0.16
    wet: float = 0.3
    """How much of the room is heard."""
    swing: float = 0.0
    """By how much of a beat halves of beats come late."""


MOODS: Mapping[str, Mood] = {
    "calm": Mood(
        tempo=64,
        scale=_LYDIAN,
        phrases=((0, 4, 5, 3), (3, 0, 1, 4), (5, 2, 3, 0), (0, 2, 5, 1)),
        rhythms=((0.0, 1.5, 2.0), (1.0, 2.0), (0.0, 3.0), (0.5, 1.0, 2.5)),
        lead="keys",
        pad="pad",
        figure="harp",
        broken=((0.0, 0), (1.0, 2), (1.5, 3), (2.5, 1), (3.0, 2)),
        bass=(0.0,),
        chord=(0, 2, 4, 8),
        silent=0.35,
        wet=0.45,
    ),
    "bright": Mood(
        tempo=108,
        scale=_MAJOR,
        phrases=((0, 4, 5, 3), (3, 4, 0, 5), (0, 3, 5, 4), (1, 4, 0, 0)),
        rhythms=((0.0, 0.5, 1.5, 2.0, 3.0), (0.5, 1.0, 2.0, 2.5), (0.0, 1.0, 1.5, 3.0)),
        lead="keys",
        pad="pad",
        figure="harp",
        broken=tuple((place / 2, (0, 2, 1, 3)[place % 4]) for place in range(8)),
        bass=(0.0, 1.5, 2.0, 3.5),
        drums=(
            (0.0, "kick"),
            (2.0, "kick"),
            (1.0, "shaker"),
            (3.0, "shaker"),
            (0.5, "brush"),
            (1.5, "brush"),
            (2.5, "brush"),
            (3.5, "brush"),
        ),
        silent=0.2,
        pad_level=0.12,
        wet=0.25,
    ),
    "tense": Mood(
        tempo=92,
        scale=_PHRYGIAN,
        phrases=((0, 0, 5, 1), (0, 3, 0, 1), (5, 5, 3, 1), (0, 6, 5, 1)),
        rhythms=((0.0,), (2.5, 3.0), (0.0, 3.5), (1.5,)),
        lead="glass",
        pad="strings",
        figure="plucked",
        broken=tuple((place / 2, (0, 0, 1, 0, 0, 2, 0, 1)[place]) for place in range(8)),
        bass=(0.0, 2.0),
        drums=((0.0, "drum"), (2.75, "drum")),
        silent=0.45,
        wet=0.4,
    ),
    "sad": Mood(
        tempo=58,
        scale=_MINOR,
        phrases=((0, 5, 2, 6), (3, 0, 5, 4), (5, 6, 0, 0), (0, 3, 5, 4)),
        rhythms=((0.0, 1.0, 2.0), (0.0, 1.5, 2.0, 3.0), (1.0, 2.0), (0.0, 2.5, 3.0)),
        lead="piano",
        pad="strings",
        figure="piano",
        broken=((0.0, 0), (0.5, 1), (1.0, 2), (2.0, 3), (2.5, 2), (3.0, 1)),
        bass=(0.0,),
        silent=0.25,
        pad_level=0.13,
        wet=0.4,
    ),
    "grand": Mood(
        tempo=80,
        scale=_MINOR,
        phrases=((0, 5, 2, 6), (5, 6, 0, 2), (3, 5, 6, 6), (0, 2, 5, 6)),
        rhythms=((0.0, 1.5, 2.0), (0.0, 2.0, 3.0), (0.0, 0.5, 1.0, 2.0), (0.0, 3.0)),
        lead="brass",
        pad="strings",
        figure="plucked",
        broken=tuple((place / 2, (0, 2, 1, 2, 3, 2, 1, 2)[place]) for place in range(8)),
        bass=(0.0, 1.5, 2.0),
        drums=((0.0, "drum"), (1.5, "drum"), (2.0, "drum"), (3.5, "drum")),
        silent=0.15,
        pad_level=0.2,
        wet=0.45,
    ),
    "playful": Mood(
        tempo=122,
        scale=_MAJOR,
        phrases=((0, 0, 3, 4), (5, 1, 4, 0), (3, 0, 1, 4), (0, 5, 1, 4)),
        rhythms=((0.0, 0.5, 1.0, 2.0), (0.0, 1.5, 2.5, 3.0), (0.5, 1.0, 1.5, 2.0, 3.0)),
        lead="marimba",
        pad="pad",
        figure="plucked",
        broken=((1.0, 1), (1.0, 2), (3.0, 1), (3.0, 3)),
        bass=(0.0, 2.0),
        drums=((1.0, "brush"), (3.0, "brush"), (3.5, "brush")),
        silent=0.15,
        pad_level=0.06,
        wet=0.2,
        swing=0.12,
    ),
}
"""By name."""
