"""The moon: grey plains with craters below a black sky of stars, and the earth in it.

Floor 3. There is no air: neither the time of day nor the weather changes anything.
"""

import math

import skia

from seedbed.engines.drafting.brush import glow, plain, ridge, shaded
from seedbed.engines.drafting.colours import lighter
from seedbed.engines.drafting.grounds.plane import Plane, Setting
from seedbed.engines.drafting.grounds.space import stars

_FAR, _NEAR = 0.64, 0.7
"""How high both begin."""
_CRATERS = ((0.77, 0.045), (0.85, 0.08), (0.95, 0.13))
"""Rows of them: how far down, and how large."""


def moon(at: Setting) -> list[Plane]:
    """Two plains, the far one lighter; craters are seen flat, as from where one stands."""
    above, grey = at.colour(0, "#0b1030"), at.colour(1, "#9a9cab")

    def sky(canvas: skia.Canvas) -> None:
        canvas.drawRect(at.area, plain(above))

    def earth(canvas: skia.Canvas) -> None:
        _earth(canvas, (0.84 * at.width, 0.22), 0.11)

    def far(canvas: skia.Canvas) -> None:
        line = ridge(lambda x: _FAR - 0.05 * _rolling(1.7 * x + 3), (at.left, at.right), at.bottom)
        shaded(canvas, line, (lighter(grey, 0.3), grey), (_FAR - 0.06, _NEAR))

    def near(canvas: skia.Canvas) -> None:
        line = ridge(lambda x: _NEAR + 0.02 * _rolling(1.3 * x), (at.left, at.right), at.bottom)
        shaded(canvas, line, (lighter(grey, 0.12), lighter(grey, -0.25)), (_NEAR, 1.0))
        _craters(canvas, at, grey)

    planes = [Plane(0.0, sky), Plane(0.05, live=stars(at))]
    planes += [Plane(0.08, earth)] if at.lamps else []
    return [*planes, Plane(0.25, far), Plane(0.45, near)]


def _rolling(x: float) -> float:
    return 0.5 + 0.3 * math.sin(2.1 * x) + 0.2 * math.sin(5.3 * x + 1)


def _craters(canvas: skia.Canvas, at: Setting, grey: str) -> None:
    """Larger and flatter the nearer they are: a rim in the light, a floor in the shade."""
    for row, (y, size) in enumerate(_CRATERS):
        for x, dice in at.cells(f"craters-{row}", 4.2 * size):
            reach = size * dice.uniform(0.6, 1.1)
            place = x + dice.uniform(-1, 1) * size, y + dice.uniform(-0.02, 0.02)
            _bowl(canvas, place, reach, grey)


def _bowl(canvas: skia.Canvas, at: tuple[float, float], reach: float, grey: str) -> None:
    x, y = at
    for colour, wide, down in (
        (lighter(grey, 0.28), 1.0, 0.0),
        (lighter(grey, -0.38), 0.86, -0.02),
    ):
        across, high = wide * reach, 0.26 * wide * reach
        middle = y + down * reach
        oval = skia.Rect.MakeLTRB(x - across, middle - high, x + across, middle + high)
        canvas.drawOval(oval, plain(colour, 0.85))


def _earth(canvas: skia.Canvas, at: tuple[float, float], radius: float) -> None:
    x, y = at
    glow(canvas, at, 1.8 * radius, "#7fc4ff", 0.3)
    disc = skia.Path()
    disc.addCircle(x, y, radius)
    saved = canvas.save()
    canvas.clipPath(disc, skia.ClipOp.kIntersect, True)
    canvas.drawPaint(plain("#2f86d8"))
    lands = ((-0.5, -0.35, 0.5, 0.36), (0.35, -0.1, 0.34, 0.5), (-0.25, 0.55, 0.4, 0.26))
    for aside, down, wide, high in lands:
        left, top = x + (aside - wide) * radius, y + (down - high) * radius
        land = skia.Rect.MakeXYWH(left, top, 2 * wide * radius, 2 * high * radius)
        canvas.drawOval(land, plain("#4fae5a"))
    canvas.drawCircle(x + 0.55 * radius, y + 0.3 * radius, 1.25 * radius, plain("#04102e", 0.22))
    canvas.restoreToCount(saved)
