"""A part of a picture that is meant: circled, boxed or outlined; and what of a shot lies there.

Floor 1. Places are those of layers at rest, as their boxes have them.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from seedbed.core.scene.layers import AnyLayer, Backdrop, Mask
from seedbed.core.scene.measures import Box, Point
from seedbed.core.scene.scene import Shot

Form: TypeAlias = Literal["box", "ellipse", "outline"]
_CORNERS = 48
"""Of the polygon that stands for an ellipse."""
_GRID = 12
_HELD = 0.5
"""How much of a layer's box a region holds that means it."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the canvas: its box, the ellipse in that, or the area between its `points`."""

    box: Box
    form: Form = "box"
    points: tuple[Point, ...] = ()
    name: str = ""

    @classmethod
    def outlined(cls, points: Iterable[Point], *, name: str = "") -> "Region":
        """The area between places of the canvas, in order; three at least."""
        around = tuple(points)
        left, top = min(one.x for one in around), min(one.y for one in around)
        right, bottom = max(one.x for one in around), max(one.y for one in around)
        return cls(Box(left, top, right - left, bottom - top), "outline", around, name)

    @property
    def edge(self) -> tuple[Point, ...]:
        """What lies around it, as the corners of a polygon."""
        box, (x, y) = self.box, self.box.centre
        match self.form:
            case "outline":
                return self.points
            case "ellipse":
                turns = [2 * math.pi * place / _CORNERS for place in range(_CORNERS)]
                return tuple(
                    Point(x + box.width / 2 * math.cos(turn), y + box.height / 2 * math.sin(turn))
                    for turn in turns
                )
            case _:  # a box
                right, bottom = box.x + box.width, box.y + box.height
                corners = (box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)
                return tuple(Point(*one) for one in corners)

    def holds(self, x: float, y: float) -> bool:
        """Whether a place of the canvas lies in it."""
        edge, is_within = self.edge, False
        for one, other in zip(edge, (*edge[1:], edge[0]), strict=True):
            if (one.y > y) != (other.y > y):
                crossing = one.x + (y - one.y) / (other.y - one.y) * (other.x - one.x)
                is_within ^= x < crossing
        return is_within

    def share_of(self, box: Box) -> float:
        """How much of a box lies in it, from 0 to 1, as far as a grid of places tells."""
        steps = [(place + 0.5) / _GRID for place in range(_GRID)]
        held = sum(
            self.holds(box.x + across * box.width, box.y + down * box.height)
            for across in steps
            for down in steps
        )
        return held / _GRID**2

    def mask(self, id_: str, use: Literal["name", "keep", "remove", "clip"], of: str = "") -> Mask:
        """It as a layer; of another layer, where that is named."""
        points = () if self.form == "box" else self.edge
        return Mask(id=id_, name=self.name, box=self.box, use=use, of=of or None, points=points)


def meant(shot: Shot, region: Region) -> tuple[AnyLayer, ...]:
    """The layers that a region means, the topmost first: those of which it holds half or more, or
    else the topmost one that lies in its middle. Backdrops and masks are none of them.
    """
    upward = [layer for layer in shot.layers if not isinstance(layer, Backdrop | Mask)]
    things = upward[::-1]
    held = tuple(layer for layer in things if region.share_of(layer.box) >= _HELD)
    x, y = region.box.centre
    spot = Box(x, y, 0.0, 0.0)
    return held or tuple(layer for layer in things if layer.box.holds(spot))[:1]


def without(shot: Shot, ids: Collection[str]) -> Shot:
    """The shot without those layers, and without what is said of them."""
    layers = [
        layer
        for layer in shot.layers
        if layer.id not in ids and not (isinstance(layer, Mask) and layer.of in ids)
    ]
    relations = [one for one in shot.relations if one.a not in ids and one.b not in ids]
    return replace(shot, layers=tuple(layers), relations=tuple(relations))


def with_only(shot: Shot, ids: Collection[str]) -> Shot:
    """The shot with those layers alone, on its backdrops."""
    others = {
        layer.id
        for layer in shot.layers
        if layer.id not in ids and not isinstance(layer, Backdrop | Mask)
    }
    return without(shot, others)


def with_layer(shot: Shot, layer: AnyLayer) -> Shot:
    """The shot with a layer in the place of the one of its id, or in front of all others."""
    if shot.layer(layer.id) is None:
        return replace(shot, layers=(*shot.layers, layer))
    layers = tuple(layer if one.id == layer.id else one for one in shot.layers)
    return replace(shot, layers=layers)


def fresh_id(shot: Shot, stem: str) -> str:
    """An id that no layer of the shot has: the stem, or that with a number.

    >>> fresh_id(Shot("only"), "cat")
    'cat'
    """
    taken = {layer.id for layer in shot.layers}
    if stem not in taken:
        return stem
    return next(f"{stem}-{n}" for n in range(2, len(taken) + 3) if f"{stem}-{n}" not in taken)
