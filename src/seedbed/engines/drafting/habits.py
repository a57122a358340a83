"""What layers do all the while, by seconds: bob, sway, walk, flutter and the like.

Floor 3. A habit starts from rest, so that a picture shows things where the Scene has them. Lengths
go by the height of the layer.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from seedbed.core.scene.motion import Habit

_TAU = 2 * math.pi


@dataclass(frozen=True, slots=True)
class Pose:
    """How a layer lies beside its box: moved by shares of the canvas, scaled and turned (degrees,
    clockwise) about its middle. `stretch` makes it higher and as much narrower.
    """

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    turn: float = 0.0
    opacity: float = 1.0
    stretch: float = 1.0


def habit(kind: Habit, seconds: float, height: float) -> Pose:
    """What a habit does to a layer of that height, a share of the canvas, at a moment."""
    return _HABITS[kind](seconds, height)


def _wave(seconds: float, period: float) -> float:
    return math.sin(_TAU * seconds / period)


def _walk(seconds: float, height: float) -> Pose:
    step = _wave(seconds, 0.9)
    return Pose(y=-0.05 * height * abs(step), turn=3.5 * step)


def _bouncing(seconds: float, height: float) -> Pose:
    up = abs(_wave(seconds, 1.8))
    stretch = 1.0 + (0.12 * up - 0.1 * (1.0 - up) ** 6) * min(1.0, 4 * seconds)
    return Pose(y=-0.35 * height * up + 0.5 * height * (1.0 - stretch), stretch=stretch)


def _flutter(seconds: float, height: float) -> Pose:
    beat = _wave(seconds, 0.42)
    y = height * (0.04 * beat + 0.1 * _wave(seconds, 2.6))
    return Pose(y=y, turn=5 * _wave(seconds, 1.7), stretch=1 + 0.07 * beat)


def _drift(seconds: float, height: float) -> Pose:
    x, y = 0.09 * _wave(seconds, 9.0), 0.05 * _wave(seconds, 6.1)
    return Pose(x=height * x, y=height * y, turn=2 * _wave(seconds, 7.3))


_HABITS: Mapping[Habit, Callable[[float, float], Pose]] = {
    "none": lambda _seconds, _height: Pose(),
    "bob": lambda seconds, height: Pose(y=0.06 * height * _wave(seconds, 2.4)),
    "sway": lambda seconds, _height: Pose(turn=6 * _wave(seconds, 3.0)),
    "spin": lambda seconds, _height: Pose(turn=(120 * seconds) % 360),
    "pulse": lambda seconds, _height: Pose(scale=1 + 0.08 * _wave(seconds, 1.5)),
    "walk": _walk,
    "flutter": _flutter,
    "drift": _drift,
    "bounce": _bouncing,
    "twinkle": lambda seconds, _height: Pose(
        opacity=0.65 + 0.35 * math.cos(_TAU * seconds / 1.6),
        scale=0.97 + 0.03 * math.cos(_TAU * seconds / 1.6),
    ),
}
