"""The nearest place on a sheet where something covers nobody.

Floor 3.
"""

from collections.abc import Sequence

from seedbed.core.scene.measures import Box

EDGE = 0.03
"""How far things stay from the sides of the sheet."""
GAP = 0.012
"""How far they stay from one another."""
_STEP = 0.03
_ROUNDS = 14


def free(box: Box, others: Sequence[Box], reach: float | None) -> Box:
    """The nearest place where it covers nobody; smaller, where there is none for it. With a
    `reach` it goes aside alone, and not farther.
    """
    for _ in range(_ROUNDS):
        for one in _around(box, reach):
            if not any(_covers(one, other) for other in others):
                return one
        foot, middle = box.y + box.height, box.x + box.width / 2
        wide, high = box.width * 0.86, box.height * 0.86
        box = Box(middle - wide / 2, foot - high, wide, high)
    return inside(box)


def _around(box: Box, reach: float | None) -> list[Box]:
    """Places in all directions, the nearest first; aside rather than up or down."""
    found: list[tuple[float, Box]] = []
    for up in (0.0, -0.04, 0.04, -0.09, 0.09, -0.15) if reach is None else (0.0,):
        for aside in range(round((1.0 if reach is None else reach) / _STEP) + 1):
            for x in {box.x + aside * _STEP, box.x - aside * _STEP}:
                one = inside(Box(x, box.y + up, box.width, box.height))
                found.append((abs(one.x - box.x) + 3 * abs(one.y - box.y), one))
    return [one for _, one in sorted(found, key=lambda each: each[0])]


def _covers(one: Box, other: Box) -> bool:
    wider = Box(one.x - GAP / 2, one.y, one.width + GAP, one.height)
    return wider.overlaps(other)


def inside(box: Box) -> Box:
    """The same on the sheet."""
    x = min(max(box.x, EDGE), 1 - EDGE - box.width)
    y = min(max(box.y, EDGE), 0.975 - box.height)
    return Box(x, y, box.width, box.height)
