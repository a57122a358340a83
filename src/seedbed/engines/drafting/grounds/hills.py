"""What open land is made of: lines of hills, rows of firs along them, flowers in the grass.

Floor 3.
"""

import math
from collections.abc import Callable
from random import Random

import skia

from seedbed.engines.drafting.brush import plain, ridge, shaded
from seedbed.engines.drafting.colours import lighter
from seedbed.engines.drafting.grounds.plane import Setting
from seedbed.engines.drafting.grounds.plants import conifer, flower, grass


def waves(dice: Random, base: float, high: float) -> Callable[[float], float]:
    """The height of a soft line of hills over each place."""
    parts = [
        (high * share, reach * dice.uniform(0.8, 1.25), dice.uniform(0, 2 * math.pi))
        for share, reach in ((0.6, 1.1), (0.3, 0.47), (0.1, 0.21))
    ]

    def height(x: float) -> float:
        return base + sum(
            part * math.sin(2 * math.pi * x / reach + turn) for part, reach, turn in parts
        )

    return height


def hill(
    canvas: skia.Canvas,
    at: Setting,
    name: str,
    line: tuple[float, float],
    colours: tuple[str, str],
    far: float,
) -> None:
    """Hills along a line (its height and how far it swings), light above and darker below."""
    base, high = line
    path = ridge(waves(at.dice(name), base, high), at.span, at.bottom)
    light, dark = (at.light.lit(colour, far) for colour in colours)
    shaded(canvas, path, (light, dark), (base, base + high + 0.1))


def wood(
    canvas: skia.Canvas,
    at: Setting,
    name: str,
    line: tuple[float, float],
    trees: tuple[float, float, str, float],
    cap: str | None = None,
) -> None:
    """A row of firs (how high, how far apart, their colour, how far away) along a line."""
    size, step, colour, far = trees
    height = waves(at.dice(name), *line)
    lit = at.light.lit(colour, far)
    for x, dice in at.cells(name, step):
        place = x + dice.uniform(-0.3, 0.3) * step
        shade = lighter(lit, dice.uniform(-0.08, 0.08))
        at_foot = (place, height(place) + 0.02)
        snowed = cap and at.light.lit(cap, far)
        conifer(canvas, at_foot, size * dice.uniform(0.7, 1.25), shade, snowed)
    canvas.drawPath(ridge(height, at.span, at.bottom), plain(lighter(lit, -0.06)))


def flowers(canvas: skia.Canvas, at: Setting) -> None:
    """Tufts and flowers, larger the nearer they are."""
    for row in range(5):
        y = 0.8 + 0.045 * row
        size = 0.55 + 0.18 * row
        for x, dice in at.cells(f"flowers{row}", 0.11 * size):
            place = (x + dice.uniform(-0.05, 0.05), y + dice.uniform(-0.02, 0.02))
            if dice.random() < 0.45:
                grass(canvas, place, 0.022 * size, at)
            elif dice.random() < 0.35:
                flower(canvas, place, 0.006 * size, at, dice)
