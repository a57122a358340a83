"""How things in a shot move, and how the camera does.

Floor 1. Moments are shares of the shot, so that a shot that is made longer moves more slowly.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from seedbed.core.record import Most
from seedbed.core.scene.measures import (
    Colour,
    Degrees,
    Easing,
    Factor,
    Place,
    Seconds,
    Share,
    Toward,
)

Habit: TypeAlias = Literal[
    "none", "bob", "sway", "spin", "pulse", "walk", "flutter", "drift", "bounce", "twinkle"
]


@dataclass(frozen=True, slots=True)
class Key:
    """Where a layer is at one moment, beside its box: moved by shares of the canvas, scaled about
    its middle, turned clockwise, and as clear as its opacity times this.
    """

    at: Share
    x: Place = 0.0
    y: Place = 0.0
    scale: Factor = 1.0
    turn: Degrees = 0.0
    opacity: Share = 1.0


@dataclass(frozen=True, slots=True)
class Motion:
    """The way of a layer through its shot: from key to key by one easing, straight or in a curve
    through all of them; and what it does all the while.
    """

    keys: Annotated[tuple[Key, ...], Most(64)] = ()
    easing: Easing = "in_out"
    path: Literal["straight", "curve"] = "straight"
    habit: Habit = "none"


@dataclass(frozen=True, slots=True)
class Camera:
    """What the camera does: `pan` and `tilt` go sidewards and up or down, `zoom` makes all larger
    or smaller alike, `dolly` goes near or away, so that near layers grow more than far ones,
    `orbit` goes around. `amount` is how far, as a share of the canvas; `x` and `y` are what stays
    in the middle.
    """

    move: Literal["hold", "pan", "tilt", "dolly", "zoom", "orbit"] = "hold"
    toward: Toward = "in"
    amount: Share = 0.15
    easing: Easing = "in_out"
    x: Share = 0.5
    y: Share = 0.5


@dataclass(frozen=True, slots=True)
class Transition:
    """How one shot becomes the next: the last `seconds` of the one are the first of the other."""

    form: Literal["cut", "dissolve", "fade", "wipe", "slide", "push"] = "cut"
    seconds: Seconds = 0.0
    toward: Toward = "left"
    colour: Colour = "#000000"


HELD = Camera()
"""A camera that stands still."""
CUT = Transition()
"""One shot after the other."""
