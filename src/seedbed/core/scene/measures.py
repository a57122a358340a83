"""The measures of a Scene.

Floor 1. Places and sizes are shares of the canvas, counted from its upper left corner, so that one
Scene is drawn at any size; they may lie outside it, where something comes in or goes out.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from seedbed.core.record import Like, Most, Range

MOST_SECONDS = 600.0
"""How long a film may be."""
MOST_SIDE = 8_192
"""Pixels of a side of the canvas at most."""

MOST_FPS = 60
"""Frames a second of a film at most."""

Share: TypeAlias = Annotated[float, Range(0, 1)]
Place: TypeAlias = Annotated[float, Range(-4, 5)]
Extent: TypeAlias = Annotated[float, Range(0, 8)]
Degrees: TypeAlias = Annotated[float, Range(-3_600, 3_600)]
Seconds: TypeAlias = Annotated[float, Range(0, MOST_SECONDS)]
Factor: TypeAlias = Annotated[float, Range(0, 20)]
Colour: TypeAlias = Annotated[
    str, Like("#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?", "a colour such as #e8b04b or #e8b04b80")
]
Name: TypeAlias = Annotated[
    str, Like("[a-z0-9][a-z0-9_-]{0,63}", "a name of small letters, digits, _ and -")
]
Line: TypeAlias = Annotated[str, Most(200)]
Words: TypeAlias = Annotated[str, Most(4_000)]
Toward: TypeAlias = Literal["left", "right", "up", "down", "in", "out"]
Easing: TypeAlias = Literal["linear", "in", "out", "in_out", "bounce", "elastic"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `x` and `y` are its upper left corner."""

    x: Place
    y: Place
    width: Extent
    height: Extent

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def overlaps(self, other: "Box") -> bool:
        """Whether the two have an area in common."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, other: "Box", *, slack: float = 1e-6) -> bool:
        """Whether the other lies within this one."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.x + other.width <= self.x + self.width + slack
            and other.y + other.height <= self.y + self.height + slack
        )


WHOLE = Box(0.0, 0.0, 1.0, 1.0)
"""The whole canvas."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the canvas."""

    x: Place
    y: Place
