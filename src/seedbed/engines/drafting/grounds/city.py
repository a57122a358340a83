"""A city: three rows of towers, whose windows are lit at night, and a park before them.

Floor 3.
"""

from random import Random

import skia

from seedbed.engines.drafting.brush import plain, polygon, stroke
from seedbed.engines.drafting.colours import lighter, mix
from seedbed.engines.drafting.grounds.hills import hill
from seedbed.engines.drafting.grounds.plane import Plane, Setting
from seedbed.engines.drafting.grounds.plants import leafy
from seedbed.engines.drafting.grounds.sky import sky

LAMP = "#ffdf8c"
"""The colour of lamps, and of windows behind which one is lit."""
_TOWERS = ("#6f86ad", "#8a7fae", "#5f93a8", "#a58b9c", "#7a93b8")


def city(at: Setting) -> list[Plane]:
    """Three rows of towers behind one another, and a park before them."""
    towers = (*at.colours[:5], *_TOWERS[len(at.colours[:5]) :])

    def row(name: str, step: float, high: tuple[float, float], far: float) -> Plane:
        def still(canvas: skia.Canvas) -> None:
            for x, dice in at.cells(name, step):
                top = 0.82 - dice.uniform(*high)
                wide = step * dice.uniform(0.72, 1.05)
                colour = at.light.lit(dice.choice(towers), far)
                box = skia.Rect.MakeLTRB(x - wide / 2, top, x + wide / 2, 0.86)
                _tower(canvas, at, box, colour, (dice, far))

        return Plane(0.06 + 0.36 * (1 - far), still)

    def park(canvas: skia.Canvas) -> None:
        green = at.colour(5, "#6fae5a")
        for x, dice in at.cells("park", 0.15):
            if dice.random() < 0.75:
                place = (x + dice.uniform(-0.05, 0.05), 0.842)
                leafy(canvas, place, 0.085 * dice.uniform(0.7, 1.3), at, 0.08)
        hill(canvas, at, "park", (0.84, 0.008), (lighter(green, 0.18), lighter(green, -0.16)), 0.0)
        _path(canvas, at)

    return [
        *sky(at, 0.8),
        row("far towers", 0.09, (0.16, 0.42), 0.72),
        row("towers", 0.13, (0.16, 0.5), 0.42),
        row("near towers", 0.19, (0.1, 0.36), 0.14),
        Plane(0.47, park),
    ]


def _tower(
    canvas: skia.Canvas, at: Setting, box: skia.Rect, colour: str, how: tuple[Random, float]
) -> None:
    dice, far = how
    canvas.drawRect(box, plain(colour))
    side = skia.Rect.MakeLTRB(box.left() + 0.68 * box.width(), box.top(), box.right(), box.bottom())
    canvas.drawRect(side, plain(lighter(colour, -0.14)))
    _roof(canvas, box, colour, dice)
    lamp = mix(LAMP, at.light.haze, 0.55 * far)
    pane = at.light.lit("#dcefff", far)
    columns = max(2, round(box.width() / 0.024))
    wide = box.width() / (columns + 0.7)
    rows = int((box.bottom() - 0.04 - box.top()) / 0.03)
    for row in range(rows):
        for column in range(columns):
            lit = dice.random() < (0.45 if at.light.has_lamps else 0.0)
            x = box.left() + (column + 0.55) * wide
            y = box.top() + 0.018 + 0.03 * row
            window = skia.Rect.MakeXYWH(x, y, 0.6 * wide, 0.015)
            canvas.drawRect(window, plain(lamp, 0.9) if lit else plain(pane, 0.32 * (1 - far)))


def _roof(canvas: skia.Canvas, box: skia.Rect, colour: str, dice: Random) -> None:
    """What stands on a tower: nothing, a step, a slope or a mast."""
    x, y, wide = box.centerX(), box.top(), box.width()
    match dice.randrange(4):
        case 0:
            step = skia.Rect.MakeLTRB(x - 0.28 * wide, y - 0.03, x + 0.28 * wide, y)
            canvas.drawRect(step, plain(colour))
        case 1:
            slope = [(box.left(), y), (box.left(), y - 0.05), (box.right(), y)]
            canvas.drawPath(polygon(slope), plain(colour))
        case 2:
            canvas.drawLine(x, y, x, y - 0.06, stroke(colour, 0.004))
        case _:
            pass


def _path(canvas: skia.Canvas, at: Setting) -> None:
    """A pale way through the park, along the whole of it."""
    stone = at.light.lit("#e8dcc0")
    slab(canvas, at, (0.905, 0.945), stone)
    slab(canvas, at, (0.945, 0.951), lighter(stone, -0.25))


def slab(canvas: skia.Canvas, at: Setting, between: tuple[float, float], colour: str) -> None:
    """A strip of one colour along the whole of the ground, between two heights."""
    top, bottom = between
    canvas.drawRect(skia.Rect.MakeLTRB(at.left, top, at.right, bottom), plain(colour))
