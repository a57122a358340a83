"""Where everything is at a moment: layers by their keys and habits, and what the camera does.

Floor 3. Pure: shares and seconds in, places out. At the moment of a key a layer is exactly there.
"""

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from seedbed.core.scene.layers import Layer
from seedbed.core.scene.measures import Easing
from seedbed.core.scene.motion import Camera, Key, Motion
from seedbed.engines.drafting.habits import Pose, habit

_TAU = 2 * math.pi
_STILL = Key(at=0.0)
_FALLS = ((1 / 2.75, 0.0, 0.0), (2 / 2.75, 1.5 / 2.75, 0.75), (2.5 / 2.75, 2.25 / 2.75, 0.9375))


@dataclass(frozen=True, slots=True)
class View:
    """What the camera makes of a place on the canvas: `scale` times it, moved by shares."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0


def eased(easing: Easing, share: float) -> float:
    """How much of a way is gone when so much of its time is over; 0 at 0 and 1 at 1."""
    return _EASINGS[easing](share)


def pose(layer: Layer, share: float, seconds: float) -> Pose:
    """How a layer lies when that share of its shot, and so many seconds of it, are over."""
    motion = layer.motion or Motion()
    key = _between(motion, share)
    own = habit(motion.habit, _pace(layer) * seconds, layer.box.height)
    return Pose(
        x=key.x + own.x,
        y=key.y + own.y,
        scale=max(0.0, key.scale * own.scale),
        turn=layer.turn + key.turn + own.turn,
        opacity=layer.opacity * min(1.0, max(0.0, key.opacity)) * own.opacity,
        stretch=own.stretch,
    )


def view(camera: Camera, share: float, depth: float) -> View:
    """What the camera does to layers of a depth when that share of the shot is over."""
    gone = eased(camera.easing, share)
    if camera.toward in {"left", "up", "out"}:
        gone = 1.0 - gone
    near = nearness(depth)
    match camera.move:
        case "pan":
            return View(x=camera.amount * near * (0.5 - gone))
        case "tilt":
            return View(y=camera.amount * near * (0.5 - gone))
        case "zoom":
            return _about(camera, 1.0 + camera.amount * gone)
        case "dolly":
            return _about(camera, 1.0 + camera.amount * gone * near)
        case "orbit":
            aside = camera.amount * math.sin(math.pi * (gone - 0.5)) * (near - 1.0)
            return View(x=-aside)
        case "hold":
            return View()


def nearness(depth: float) -> float:
    """How much a depth moves with the camera: what is in the middle once, what is far less."""
    return 0.2 + 1.6 * depth


def _about(camera: Camera, scale: float) -> View:
    """Larger, with one place where it was."""
    scale = max(0.05, scale)
    return View(scale, camera.x * (1 - scale), camera.y * (1 - scale))


def _between(motion: Motion, share: float) -> Key:
    keys = motion.keys
    if not keys:
        return _STILL
    after = next((place for place, key in enumerate(keys) if key.at > share), len(keys))
    if after in {0, len(keys)}:
        return keys[max(0, after - 1)]
    before, then = keys[after - 1], keys[after]
    time = (share - before.at) / (then.at - before.at)
    gone = eased(motion.easing, time)
    x, y = _mixed(before.x, then.x, gone), _mixed(before.y, then.y, gone)
    if motion.path == "curve" and len(keys) > 2:
        x, y = (_curved(motion, after, time, way) for way in (_x, _y))
    return Key(
        at=share,
        x=x,
        y=y,
        scale=_mixed(before.scale, then.scale, gone),
        turn=_mixed(before.turn, then.turn, gone),
        opacity=_mixed(before.opacity, then.opacity, gone),
    )


def _curved(motion: Motion, after: int, time: float, way: Callable[[Key], float]) -> float:
    """A place on the smooth curve through all keys (Hermite's, with the slopes of Catmull-Rom)."""
    keys = motion.keys
    before, then = keys[after - 1], keys[after]
    span = then.at - before.at
    start, end = (span * _slope(motion, place, way) for place in (after - 1, after))
    square, cube = time * time, time * time * time
    return (
        (2 * cube - 3 * square + 1) * way(before)
        + (cube - 2 * square + time) * start
        + (3 * square - 2 * cube) * way(then)
        + (cube - square) * end
    )


def _slope(motion: Motion, place: int, way: Callable[[Key], float]) -> float:
    """How fast it goes by a key; at its first and last it rests, where it is eased there."""
    keys, last = motion.keys, len(motion.keys) - 1
    if (place == 0 and motion.easing in {"in", "in_out"}) or (
        place == last and motion.easing in {"out", "in_out"}
    ):
        return 0.0
    before, then = keys[max(0, place - 1)], keys[min(last, place + 1)]
    time = then.at - before.at
    return (way(then) - way(before)) / time if time else 0.0


def _x(key: Key) -> float:
    return key.x


def _y(key: Key) -> float:
    return key.y


def _mixed(before: float, then: float, gone: float) -> float:
    return then if gone == 1.0 else before + (then - before) * gone


def _pace(layer: Layer) -> float:
    """From 0.85 to 1.15 by its id, so that two that are alike do not move in step."""
    return 0.85 + 0.3 * (zlib.crc32(layer.id.encode()) % 1_000) / 1_000


def _bounce(share: float) -> float:
    for until, middle, height in _FALLS:
        if share < until:
            return 7.5625 * (share - middle) ** 2 + height
    return 7.5625 * (share - 2.625 / 2.75) ** 2 + 0.984375


def _elastic(share: float) -> float:
    if share in {0.0, 1.0}:
        return share
    return 1.0 - 2.0 ** (-9.0 * share) * math.cos(_TAU * 1.75 * share) * (1.0 - share)


_EASINGS: Mapping[Easing, Callable[[float], float]] = {
    "linear": lambda share: share,
    "in": lambda share: share**3,
    "out": lambda share: 1.0 - (1.0 - share) ** 3,
    "in_out": lambda share: share * share * share * (share * (share * 6 - 15) + 10),
    "bounce": _bounce,
    "elastic": _elastic,
}
