"""How layers are to lie to one another: what is broken, and boxes moved so that nothing is.

Floor 1.
"""

from collections.abc import Mapping
from dataclasses import replace

from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Relation, Shot

_ROUNDS = 32
_SLACK = 1e-4
_FAR = 4.0


def broken(shot: Shot) -> tuple[Relation, ...]:
    """The relations that do not hold."""
    boxes = {layer.id: layer.box for layer in shot.layers}
    return tuple(one for one in shot.relations if not holds(one, boxes[one.a], boxes[one.b]))


def settled(shot: Shot) -> Shot:
    """The shot with boxes moved until its relations hold, as far as they can all hold at once.

    Of each two layers the first is moved. Where not all can hold, most do that ever did; `broken`
    tells the others.
    """
    boxes = {layer.id: layer.box for layer in shot.layers}
    best, least = dict(boxes), len(shot.relations) + 1
    for _ in range(_ROUNDS):
        wrong = [one for one in shot.relations if not holds(one, boxes[one.a], boxes[one.b])]
        if len(wrong) < least:
            best, least = dict(boxes), len(wrong)
        if not wrong:
            break
        for one in wrong:
            boxes[one.a] = _on_canvas(_moved(one, boxes))
    return replace(shot, layers=tuple(replace(one, box=best[one.id]) for one in shot.layers))


def holds(relation: Relation, a: Box, b: Box) -> bool:
    """Whether `a` is so to `b`."""
    gap = relation.gap - _SLACK
    match relation.rule:
        case "left_of":
            return b.x - (a.x + a.width) >= gap
        case "right_of":
            return a.x - (b.x + b.width) >= gap
        case "above":
            return b.y - (a.y + a.height) >= gap
        case "below":
            return a.y - (b.y + b.height) >= gap
        case "inside":
            return b.holds(a, slack=_SLACK)
        case "apart":
            return not _grown(a, relation.gap - 2 * _SLACK).overlaps(b)
        case "centred":
            (ax, ay), (bx, by) = a.centre, b.centre
            return abs(ax - bx) <= _SLACK and abs(ay - by) <= _SLACK
        case _:  # the same size
            return abs(a.width - b.width) <= _SLACK and abs(a.height - b.height) <= _SLACK


def _moved(relation: Relation, boxes: Mapping[str, Box]) -> Box:
    a, b, gap = boxes[relation.a], boxes[relation.b], relation.gap
    match relation.rule:
        case "left_of":
            return replace(a, x=b.x - gap - a.width)
        case "right_of":
            return replace(a, x=b.x + b.width + gap)
        case "above":
            return replace(a, y=b.y - gap - a.height)
        case "below":
            return replace(a, y=b.y + b.height + gap)
        case "inside":
            width, height = min(a.width, b.width), min(a.height, b.height)
            x = min(max(a.x, b.x), b.x + b.width - width)
            y = min(max(a.y, b.y), b.y + b.height - height)
            return Box(x, y, width, height)
        case "apart":
            return _away(a, b, gap)
        case "centred":
            x, y = b.centre
            return replace(a, x=x - a.width / 2, y=y - a.height / 2)
        case _:  # the same size
            x, y = a.centre
            return Box(x - b.width / 2, y - b.height / 2, b.width, b.height)


def _on_canvas(box: Box) -> Box:
    """No farther away than a Scene may have it."""
    return replace(box, x=min(max(box.x, -_FAR), 1 + _FAR), y=min(max(box.y, -_FAR), 1 + _FAR))


def _away(a: Box, b: Box, gap: float) -> Box:
    """The nearest place beside, above or below, at which the two are apart."""
    ways = (
        replace(a, x=b.x - gap - a.width),
        replace(a, x=b.x + b.width + gap),
        replace(a, y=b.y - gap - a.height),
        replace(a, y=b.y + b.height + gap),
    )
    return min(ways, key=lambda one: abs(one.x - a.x) + abs(one.y - a.y))


def _grown(box: Box, by: float) -> Box:
    return Box(box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by)
