"""What a shot is laid of, from the back to the front.

Floor 1. All layers have what `Layer` has; each has a `kind` of its own.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from seedbed.core.record import Most, Range
from seedbed.core.scene.measures import (
    WHOLE,
    Box,
    Colour,
    Degrees,
    Extent,
    Line,
    Name,
    Point,
    Share,
    Words,
)
from seedbed.core.scene.motion import Motion

Ground: TypeAlias = Literal[
    "plain",
    "gradient",
    "sky",
    "sea",
    "beach",
    "city",
    "forest",
    "mountains",
    "desert",
    "field",
    "snow",
    "space",
    "studio",
    "room",
    "street",
    "underwater",
    "moon",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What all layers have. It is seen from the share `since` of the shot to the share `until`.

    The nearer it is, by `depth` from 0 (far) to 1 (near), the more it moves with the camera; what
    is `fixed` lies on the glass and does not. `name` is what people call it.
    """

    id: Name
    name: Line = ""
    box: Box = WHOLE
    turn: Degrees = 0.0
    opacity: Share = 1.0
    depth: Share = 0.5
    flip: bool = False
    fixed: bool = False
    since: Share = 0.0
    until: Share = 1.0
    motion: Motion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop(Layer):
    """The ground of a shot, made by rule. Its first colours stand for those that are usual, and
    those of its `sky`, from above, for those of the time of day.
    """

    kind: Literal["backdrop"] = "backdrop"
    depth: Share = 0.0
    place: Ground = "plain"
    time: Literal["day", "dawn", "dusk", "night"] = "day"
    weather: Literal["clear", "cloudy", "rain", "snow", "fog", "storm"] = "clear"
    colours: Annotated[tuple[Colour, ...], Most(8)] = ()
    sky: Annotated[tuple[Colour, ...], Most(3)] = ()
    seed: Annotated[int, Range(0, 1 << 31)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(Layer):
    """Somebody or something, by the word for it. `colour` is its main one."""

    kind: Literal["subject"] = "subject"
    what: Line
    colour: Colour | None = None
    shadow: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture(Layer):
    """A picture that is referred to; `part` of it, where not all is wanted. `radius` rounds its
    corners, as a share of its smaller side.
    """

    kind: Literal["picture"] = "picture"
    reference: Name
    fit: Literal["cover", "contain", "stretch"] = "cover"
    part: Box | None = None
    radius: Share = 0.0


@dataclass(frozen=True, slots=True)
class Type:
    """How a text is set. `size` is the height of its letters as a share of the canvas's height;
    0 is as large as its box allows. Of `families` the first that has a letter gives it. A `plate`
    lies behind it; `outline` and `shadow` go around it. `leading` is from line to line.
    """

    families: Annotated[tuple[Line, ...], Most(8)] = ()
    weight: Annotated[int, Range(100, 900)] = 400
    italic: bool = False
    size: Share = 0.0
    colour: Colour = "#ffffff"
    align: Literal["left", "centre", "right"] = "centre"
    across: Literal["top", "middle", "bottom"] = "middle"
    leading: Annotated[float, Range(0.5, 4)] = 1.2
    spacing: Annotated[float, Range(-0.5, 2)] = 0.0
    outline: Colour | None = None
    shadow: Colour | None = None
    plate: Colour | None = None
    upright: bool = False
    """Whether its lines run from the top to the bottom, as in Chinese and Japanese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Layer):
    """Words, letter by letter as they are here. They lie on the glass unless told otherwise."""

    kind: Literal["text"] = "text"
    text: Words
    type: Type = Type()
    fixed: bool = True
    depth: Share = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape(Layer):
    """A plain form. A polygon and a line have `points`, as shares of the box. With a `second`
    colour its fill runs from the first down to that. `stroke` is drawn `thick`, a share of the
    canvas's height.
    """

    kind: Literal["shape"] = "shape"
    form: Literal["rectangle", "ellipse", "line", "arrow", "polygon", "star", "heart"] = "rectangle"
    fill: Colour | None = "#ffffff"
    second: Colour | None = None
    stroke: Colour | None = None
    thick: Extent = 0.004
    radius: Share = 0.0
    points: Annotated[tuple[Point, ...], Most(200)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask(Layer):
    """A part that is meant: its box, or the area between `points` (shares of the canvas).

    It is only named, kept as it is, or changed; removed, where it is a part `of` a picture, which
    is filled from around it; or it is all that is seen of the layer `of`.
    """

    kind: Literal["mask"] = "mask"
    use: Literal["name", "keep", "change", "remove", "clip"] = "name"
    of: Name | None = None
    points: Annotated[tuple[Point, ...], Most(200)] = ()


AnyLayer: TypeAlias = Backdrop | Subject | Picture | Text | Shape | Mask
