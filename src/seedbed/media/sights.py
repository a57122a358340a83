"""When and where a layer of a Scene is seen best, so that a result can be looked at there.

Floor 5. Values only.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from seedbed.core.scene.layers import AnyLayer
from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Scene, Shot
from seedbed.core.scene.timeline import timeline
from seedbed.engines.drafting.moves import View, pose, view

_LOOKS = 24
_ROOM = 0.006
"""What is looked at beside a box, as shares of the canvas."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A layer at the frame at which it is seen best, and its box there."""

    at: str
    layer: AnyLayer
    frame: int
    box: Box


def sights(scene: Scene) -> Iterator[Sight]:
    """Every layer, in order; of a film, at frames that show one shot alone."""
    spans, fps = timeline(scene).spans, scene.canvas.fps
    for number, shot in enumerate(scene.shots):
        first, count, into = spans[number]
        after = spans[number + 1][2] if number + 1 < len(spans) else 0
        alone = range(into, max(into + 1, count - after))
        for place, layer in enumerate(shot.layers):
            frames = _tried(layer, alone, count)
            seconds = {one: one / fps if fps else 0.0 for one in frames}
            shares = {one: one / max(1, count - 1) for one in frames}
            boxes = {one: _box(layer, shot, shares[one], seconds[one]) for one in frames}
            best = max(frames, key=lambda one: _clear(layer, boxes[one], shares[one], seconds[one]))
            at = f"shots[{number}].layers[{place}]"
            yield Sight(at, layer, first + best, boxes[best])


def _tried(layer: AnyLayer, alone: range, count: int) -> list[int]:
    """Frames to choose from, those in the middle of the layer's time first."""
    last = max(1, count - 1)
    seen = [one for one in alone if layer.since <= one / last <= layer.until] or list(alone[:1])
    middle = seen[len(seen) // 2]
    step = max(1, len(seen) // _LOOKS)
    return sorted(seen[::step], key=lambda one: abs(one - middle))


def _box(layer: AnyLayer, shot: Shot, share: float, seconds: float) -> Box:
    lies = pose(layer, share, seconds)
    seen = View() if layer.fixed else view(shot.camera, share, layer.depth)
    x, y = layer.box.centre
    width = layer.box.width * lies.scale * seen.scale + 2 * _ROOM
    height = layer.box.height * lies.scale * seen.scale + 2 * _ROOM
    middle = ((x + lies.x) * seen.scale + seen.x, (y + lies.y) * seen.scale + seen.y)
    return Box(middle[0] - width / 2, middle[1] - height / 2, width, height)


def _clear(layer: AnyLayer, box: Box, share: float, seconds: float) -> float:
    """How well it is seen: opaque, upright, and on the canvas."""
    lies = pose(layer, share, seconds)
    outside = sum(
        max(0.0, beyond)
        for beyond in (-box.x, -box.y, box.x + box.width - 1, box.y + box.height - 1)
    )
    return lies.opacity - abs(lies.turn) / 45 - 4 * max(0.0, outside - 4 * _ROOM)
