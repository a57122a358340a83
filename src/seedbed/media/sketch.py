"""A sketch: the little of a Scene that a chat model is asked for, and the Scene that is made of it.

Floor 5. Models fill a small form well and a large one badly. What they leave out, the ground of a
title, the keys of a motion, the depth of what is near, is made by the rules of the planner.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from seedbed.core.record import Like, Most, Range
from seedbed.core.scene.layers import AnyLayer, Backdrop, Ground, Subject
from seedbed.core.scene.measures import Box, Colour, Line, Share, Words
from seedbed.core.scene.motion import CUT, HELD, Camera
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.engines.drafting.horizons import HORIZONS
from seedbed.engines.drafting.planning.acts import Act, Deed, Way
from seedbed.engines.drafting.planning.cuts import transition
from seedbed.engines.drafting.planning.figures import Figures
from seedbed.engines.drafting.planning.layout import Placed
from seedbed.engines.drafting.planning.motions import flipped, move
from seedbed.engines.drafting.planning.nature import habitat
from seedbed.engines.drafting.planning.palettes import palette
from seedbed.engines.drafting.planning.places import Time, Weather, Where
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.engines.drafting.planning.quoted import Quote
from seedbed.engines.drafting.planning.things import Thing, doing
from seedbed.engines.drafting.planning.timing import fitted
from seedbed.engines.drafting.planning.titles import RISE, lettered

_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle: its upper left corner and its size, as shares of the picture from 0 to 1."""

    x: Share
    y: Share
    width: Share
    height: Share


@dataclass(frozen=True, slots=True)
class SketchThing:
    """Somebody or something: one English noun, where it is, and what it does."""

    what: Annotated[str, Like(r"[a-zA-Z][a-zA-Z '-]{0,60}", "an English noun")]
    box: Area
    colour: Colour | None = None
    does: Deed = "none"
    goes: Way = "none"


@dataclass(frozen=True, slots=True)
class SketchText:
    """Words that are read, letter by letter, and where."""

    text: Words
    box: Area
    use: Literal["title", "caption", "sign", "text"] = "text"
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class SketchShot:
    """What is seen without a cut, and how the shot before becomes it."""

    place: Ground
    things: Annotated[tuple[SketchThing, ...], Most(24)]
    seconds: Annotated[float, Range(0.2, 60)] = 3.0
    time: Time = "day"
    weather: Weather = "clear"
    texts: Annotated[tuple[SketchText, ...], Most(8)] = ()
    camera: Literal["hold", "pan", "tilt", "dolly", "zoom", "orbit"] = "hold"
    toward: Literal["left", "right", "up", "down", "in", "out"] = "in"
    into: Literal["cut", "dissolve", "fade", "wipe", "slide", "push"] = "cut"


@dataclass(frozen=True, slots=True)
class Sketch:
    """A picture is one shot; a film is one or more."""

    shots: Annotated[tuple[SketchShot, ...], Most(12)]
    title: Line = ""


def widened(
    sketch: Sketch, canvas: Canvas, planner: Planner, *, said: str, seed: int
) -> tuple[Scene, list[str]]:
    """The Scene of a sketch, and a note on each thing that there is no art of."""
    notes: list[str] = []
    shots: list[Shot] = []
    for one in sketch.shots[: None if canvas.fps else 1]:
        shots.append(_shot(one, shots, canvas, planner, notes))
    first = sketch.shots[0]
    colours = [thing.colour for one in sketch.shots for thing in one.things if thing.colour]
    five = palette(Where(first.place, first.time, first.weather), colours)
    scene = Scene(canvas, tuple(shots), title=sketch.title, said=said, palette=five, seed=seed)
    return scene, notes


def _shot(
    one: SketchShot, before: list[Shot], canvas: Canvas, planner: Planner, notes: list[str]
) -> Shot:
    where = Where(one.place, one.time, one.weather)
    seen: Counter[str] = Counter()
    layers: list[AnyLayer] = [
        Backdrop(id="backdrop", place=one.place, time=one.time, weather=one.weather)
    ]
    for thing in sorted(one.things, key=lambda each: each.box.y + each.box.height):
        concept = planner.words.find(thing.what)
        if concept is None or concept not in planner.figures:
            notes.append(f"There is no art of {thing.what!r}, and it is left out.")
            continue
        layers.append(_subject(thing, concept, one.place, seen, planner.figures, canvas))
    for place, text in enumerate(one.texts, 1):
        quote = Quote(0, 0, text.text, text.use, colour=text.colour)
        box, motion = _box(text.box), RISE if canvas.fps else None
        layers.append(lettered(f"text-{place}", quote, box, where, motion))
    into = transition(one.into)
    return Shot(
        id=f"shot-{len(before) + 1}",
        seconds=one.seconds if canvas.fps else 0.0,
        layers=tuple(layers),
        camera=Camera(one.camera, one.toward) if canvas.fps else HELD,
        into=fitted(into, before[-1].seconds, one.seconds) if before else CUT,
    )


def _subject(
    thing: SketchThing,
    concept: str,
    place: Ground,
    seen: Counter[str],
    figures: Figures,
    canvas: Canvas,
) -> Subject:
    told = None if thing.does == thing.goes == "none" else Act(thing.does, thing.goes)
    does = doing(concept, told)
    concept = does if does in figures else concept
    seen[concept] += 1
    box, horizon = _box(thing.box), HORIZONS[place]
    near = 0.35 + 0.5 * max(0.0, (box.y + box.height - horizon) / (1.01 - min(horizon, 1.0)))
    depth = round(min(0.85, near), 3)
    one = Placed(Thing(concept, thing.what, 0, act=told), 0, box, depth, habitat(concept))
    moved = move(one, box, figures[concept].facing)
    return Subject(
        id=concept if seen[concept] == 1 else f"{concept}-{seen[concept]}",
        name=thing.what,
        what=concept,
        box=box,
        depth=depth,
        flip=flipped(figures[concept].facing, right=moved.right),
        colour=thing.colour,
        shadow=one.habitat == "ground",
        motion=moved.motion if canvas.fps else None,
    )


def _box(area: Area) -> Box:
    """On the sheet, and large enough to be seen."""
    wide, high = max(_LEAST, area.width), max(_LEAST, area.height)
    return Box(min(area.x, 1 - wide), min(area.y, 1 - high), wide, high)


EXAMPLES: tuple[tuple[str, Mapping[str, object]], ...] = (
    (
        'A cat on the left of a red house at night, title "Home"',
        {
            "title": "Home",
            "shots": [
                {
                    "place": "field",
                    "time": "night",
                    "things": [
                        {
                            "what": "cat",
                            "box": {"x": 0.16, "y": 0.62, "width": 0.16, "height": 0.24},
                        },
                        {
                            "what": "house",
                            "box": {"x": 0.5, "y": 0.34, "width": 0.3, "height": 0.42},
                            "colour": "#e53935",
                        },
                    ],
                    "texts": [
                        {
                            "text": "Home",
                            "box": {"x": 0.3, "y": 0.06, "width": 0.4, "height": 0.14},
                            "use": "title",
                        }
                    ],
                }
            ],
        },
    ),
    (
        "两个镜头：小狗在海边从左到右跑；然后叠化到夜晚城市里的汽车",  # noqa: RUF001
        {
            "shots": [
                {
                    "place": "beach",
                    "seconds": 3,
                    "things": [
                        {
                            "what": "dog",
                            "box": {"x": 0.4, "y": 0.64, "width": 0.16, "height": 0.24},
                            "does": "run",
                            "goes": "right",
                        }
                    ],
                },
                {
                    "place": "city",
                    "time": "night",
                    "seconds": 3,
                    "into": "dissolve",
                    "camera": "dolly",
                    "things": [
                        {
                            "what": "car",
                            "box": {"x": 0.34, "y": 0.6, "width": 0.34, "height": 0.3},
                        }
                    ],
                },
            ]
        },
    ),
)
"""What was asked, and the sketch that it became."""
