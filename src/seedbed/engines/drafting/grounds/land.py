"""Green land: fields under trees, and mountains behind woods.

Floor 3.
"""

from random import Random

import skia

from seedbed.engines.drafting.brush import Place, plain, polygon, shaded
from seedbed.engines.drafting.colours import lighter
from seedbed.engines.drafting.grounds.hills import flowers, hill, waves, wood
from seedbed.engines.drafting.grounds.plane import Plane, Setting
from seedbed.engines.drafting.grounds.plants import leafy
from seedbed.engines.drafting.grounds.sky import sky


def field(at: Setting) -> list[Plane]:
    """Green hills, a few trees, flowers and grass before one's feet."""
    far, middle, near = (
        at.colour(place, usual) for place, usual in enumerate(("#8cc46a", "#6fb551", "#55a544"))
    )

    def hills(canvas: skia.Canvas) -> None:
        hill(canvas, at, "far", (0.56, 0.05), (lighter(far, 0.25), far), 0.62)
        hill(canvas, at, "hills", (0.61, 0.035), (lighter(far, 0.1), far), 0.38)

    def trees(canvas: skia.Canvas) -> None:
        line = waves(at.dice("trees"), 0.655, 0.022)
        for x, dice in at.cells("trees", 0.21):
            if dice.random() < 0.6:
                place = x + dice.uniform(-0.08, 0.08)
                leafy(canvas, (place, line(place) + 0.012), 0.1 * dice.uniform(0.7, 1.3), at, 0.22)
        hill(canvas, at, "trees", (0.655, 0.022), (lighter(middle, 0.18), middle), 0.2)

    def meadow(canvas: skia.Canvas) -> None:
        hill(canvas, at, "meadow", (0.73, 0.02), (lighter(near, 0.16), lighter(near, -0.12)), 0.0)
        flowers(canvas, at)

    return [
        *sky(at, 0.6),
        Plane(0.12, hills),
        Plane(0.26, trees),
        Plane(0.46, meadow),
    ]


def mountains(at: Setting) -> list[Plane]:
    """Peaks with snow, woods at their foot, a meadow."""
    rock, needles, green = (
        at.colour(place, usual) for place, usual in enumerate(("#7b8db5", "#3f7d66", "#6db35a"))
    )

    def far(canvas: skia.Canvas) -> None:
        for x, dice in at.cells("far peaks", 0.3):
            top = (x + dice.uniform(-0.08, 0.08), dice.uniform(0.3, 0.42))
            _peak(canvas, at, (top, 0.27, dice), rock, 0.62)

    def near(canvas: skia.Canvas) -> None:
        for x, dice in at.cells("peaks", 0.52):
            top = (x + dice.uniform(-0.14, 0.14), dice.uniform(0.2, 0.38))
            _peak(canvas, at, (top, 0.42, dice), rock, 0.25)

    def woods(canvas: skia.Canvas) -> None:
        wood(canvas, at, "back", (0.66, 0.025), (0.075, 0.034, needles, 0.32))
        wood(canvas, at, "front", (0.715, 0.02), (0.1, 0.05, needles, 0.1))

    def meadow(canvas: skia.Canvas) -> None:
        hill(canvas, at, "meadow", (0.77, 0.02), (lighter(green, 0.2), lighter(green, -0.1)), 0.0)
        flowers(canvas, at)

    return [
        *sky(at, 0.62),
        Plane(0.07, far),
        Plane(0.15, near),
        Plane(0.3, woods),
        Plane(0.46, meadow),
    ]


def _peak(
    canvas: skia.Canvas,
    at: Setting,
    peak: tuple[Place, float, Random],
    rock: str,
    far: float,
) -> None:
    (x, y), wide, dice = peak
    lean, foot = dice.uniform(-0.05, 0.05), 0.78
    left, right = (x - wide, foot), (x + wide, foot)
    bright, dark = at.light.lit(lighter(rock, 0.12), far), at.light.lit(lighter(rock, -0.2), far)
    top = (x, y)
    spine = [(x + lean * 0.4, y + 0.12), (x - lean * 0.5, y + 0.24), (x + lean, foot)]
    shaded(
        canvas, polygon([top, right, left]), (bright, at.light.lit(rock, far + 0.25)), (0.42, 0.68)
    )
    canvas.drawPath(polygon([top, right, *reversed(spine)]), plain(dark, 0.75))
    cap = 0.13 + 0.06 * dice.random()
    reach = wide * cap / (foot - y)
    zigzag = [
        (x + reach * share, y + cap * (deep + 0.35 * (place % 2)))
        for place, (share, deep) in enumerate(
            ((0.8, 0.8), (0.5, 0.66), (0.2, 0.9), (-0.1, 0.6), (-0.42, 0.86), (-0.8, 0.8))
        )
    ]
    zigzag[0], zigzag[-1] = (x + reach, y + cap), (x - reach, y + cap)
    white, grey = at.light.lit("#ffffff", far * 0.8), at.light.lit("#c4d2ea", far * 0.8)
    canvas.drawPath(polygon([top, *zigzag]), plain(white))
    split = [one for one in zigzag if one[0] > x]
    canvas.drawPath(polygon([top, *split, spine[0]]), plain(grey, 0.8))
