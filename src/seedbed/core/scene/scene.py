"""The Scene: one structured draft of a picture or a film.

Floor 1. People and programs write and change it, every engine that paints takes it, and it is kept
with each result, so that a result can be changed in one place and made again. A picture is a Scene
of one shot that takes no time. Values only: `form.py` reads and writes it, `rules.py` says what is
wrong with one, `timeline.py` when what is seen.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from seedbed.core.record import Like, Most, Range
from seedbed.core.scene.layers import AnyLayer
from seedbed.core.scene.measures import MOST_FPS, MOST_SIDE, Colour, Line, Name, Seconds, Words
from seedbed.core.scene.motion import CUT, HELD, Camera, Transition

VERSION = "seedbed.scene/1"
"""The version that is written; another one is refused."""
Role: TypeAlias = Literal[
    "picture", "first_frame", "last_frame", "subject", "style", "motion", "voice", "face", "sound"
]


@dataclass(frozen=True, slots=True)
class Canvas:
    """The sheet: pixels, frames a second for a film, and its colour where nothing lies."""

    width: Annotated[int, Range(16, MOST_SIDE)]
    height: Annotated[int, Range(16, MOST_SIDE)]
    fps: Annotated[int, Range(1, MOST_FPS)] | None = None
    colour: Colour = "#ffffff"


@dataclass(frozen=True, slots=True)
class Reference:
    """A file to go by: the `artifact` that has its bytes, and its media type.

    Of somebody's face or voice it has the id of the `consent` to use it.
    """

    id: Name
    role: Role
    artifact: Annotated[str, Like("[0-9a-f]{64}", "the hash of an artifact")]
    media: Line
    consent: Line = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """How two layers lie to one another: `a` is so to `b`, with at least the `gap` between."""

    a: Name
    rule: Literal[
        "left_of", "right_of", "above", "below", "inside", "apart", "centred", "same_size"
    ]
    b: Name
    gap: Annotated[float, Range(0, 1)] = 0.0


@dataclass(frozen=True, slots=True)
class Shot:
    """What is seen without a cut. `into` is how the shot before becomes this one."""

    id: Name
    seconds: Seconds = 0.0
    layers: Annotated[tuple[AnyLayer, ...], Most(200)] = ()
    relations: Annotated[tuple[Relation, ...], Most(200)] = ()
    camera: Camera = HELD
    into: Transition = CUT

    def layer(self, id: str) -> AnyLayer | None:  # noqa: A002 - its name in the Scene
        """The layer of that id."""
        return next((layer for layer in self.layers if layer.id == id), None)


@dataclass(frozen=True, slots=True)
class Track:
    """A sound: of a reference, spoken from a `text`, or made by rule in a `mood`.

    It starts at a moment of the film, in seconds; `seconds` of 0 is as long as it goes.
    """

    id: Name
    use: Literal["music", "speech", "effect"] = "music"
    reference: Name | None = None
    text: Words = ""
    mood: Literal["calm", "bright", "tense", "sad", "grand", "playful"] = "calm"
    voice: Name | None = None
    starts: Seconds = 0.0
    seconds: Seconds = 0.0
    gain: Annotated[float, Range(-60, 12)] = 0.0
    fade_in: Seconds = 0.0
    fade_out: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """The whole draft. `said` is the prompt that it was planned from."""

    canvas: Canvas
    shots: Annotated[tuple[Shot, ...], Most(50)]
    version: Literal["seedbed.scene/1"] = VERSION
    title: Line = ""
    said: Annotated[str, Most(100_000)] = ""
    palette: Annotated[tuple[Colour, ...], Most(16)] = ()
    references: Annotated[tuple[Reference, ...], Most(32)] = ()
    tracks: Annotated[tuple[Track, ...], Most(32)] = ()
    seed: Annotated[int, Range(0, 1 << 31)] = 0

    @property
    def is_film(self) -> bool:
        """Whether it takes time."""
        return self.canvas.fps is not None

    def shot(self, id: str) -> Shot | None:  # noqa: A002 - its name in the Scene
        """The shot of that id."""
        return next((shot for shot in self.shots if shot.id == id), None)

    def reference(self, id: str) -> Reference | None:  # noqa: A002 - its name in the Scene
        """The reference of that id."""
        return next((one for one in self.references if one.id == id), None)
