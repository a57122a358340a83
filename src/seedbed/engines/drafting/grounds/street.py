"""A street: houses with shops side by side, a pavement with lamps, a road.

Floor 3.
"""

from random import Random

import skia

from seedbed.engines.drafting.brush import Place, glow, plain, polygon, stroke
from seedbed.engines.drafting.colours import lighter
from seedbed.engines.drafting.grounds.city import LAMP, slab
from seedbed.engines.drafting.grounds.plane import Plane, Setting
from seedbed.engines.drafting.grounds.sky import sky

_HOUSES = ("#e98b6d", "#f2c46d", "#8fc0a9", "#7fa8d1", "#d98ba5", "#f0e0c0")


def street(at: Setting) -> list[Plane]:
    """Houses side by side along a pavement and a road."""
    houses = (*at.colours[:6], *_HOUSES[len(at.colours[:6]) :])

    def skyline(canvas: skia.Canvas) -> None:
        colour = at.light.lit("#7f93b5", 0.68)
        for x, dice in at.cells("skyline", 0.11):
            top = dice.uniform(0.26, 0.46)
            canvas.drawRect(skia.Rect.MakeLTRB(x - 0.05, top, x + 0.05, 0.8), plain(colour))

    def fronts(canvas: skia.Canvas) -> None:
        for x, dice in at.cells("houses", 0.34):
            top = 0.72 - dice.uniform(0.3, 0.46)
            box = skia.Rect.MakeLTRB(x - 0.17, top, x + 0.17, 0.74)
            _house(canvas, at, box, at.light.lit(dice.choice(houses), 0.06), dice)

    def road(canvas: skia.Canvas) -> None:
        stone, tar = at.light.lit("#cfc8bd"), at.light.lit("#565c6b")
        slab(canvas, at, (0.74, 0.815), stone)
        slab(canvas, at, (0.815, 0.828), lighter(stone, -0.3))
        slab(canvas, at, (0.828, at.bottom), tar)
        for x, _ in at.cells("marks", 0.3):
            mark = [(x, 0.914), (x + 0.14, 0.914), (x + 0.135, 0.928), (x - 0.01, 0.928)]
            canvas.drawPath(polygon(mark), plain(at.light.lit("#f4ead0"), 0.85))
        for x, dice in at.cells("lamps", 0.9):
            _street_lamp(canvas, at, (x + dice.uniform(-0.1, 0.1), 0.8))

    return [*sky(at, 0.72), Plane(0.1, skyline), Plane(0.36, fronts), Plane(0.47, road)]


def _house(canvas: skia.Canvas, at: Setting, box: skia.Rect, colour: str, dice: Random) -> None:
    canvas.drawRect(box, plain(colour))
    shade = skia.Rect.MakeLTRB(box.right() - 0.03, box.top(), box.right(), box.bottom())
    canvas.drawRect(shade, plain(lighter(colour, -0.2), 0.6))
    roof = at.light.lit(dice.choice(("#8a4f4a", "#5d5f78", "#a0604a")), 0.06)
    top = dice.uniform(0.07, 0.11)
    eaves = [(box.left() - 0.012, box.top()), (box.right() + 0.012, box.top())]
    ends = [(box.right() - 0.05, box.top() - top), (box.left() + 0.05, box.top() - top)]
    canvas.drawPath(polygon([*eaves, *ends]), plain(roof))
    rows = max(1, int((box.height() - 0.16) / 0.11))
    for row in range(rows):
        for column in range(3):
            middle = box.left() + 0.06 + 0.108 * column
            _window(canvas, at, (middle, box.top() + 0.06 + 0.11 * row), dice)
    _shop(canvas, at, box, dice)


def _window(canvas: skia.Canvas, at: Setting, middle: Place, dice: Random) -> None:
    x, y = middle
    frame = at.light.lit("#fff8ea", 0.05)
    canvas.drawRect(skia.Rect.MakeXYWH(x - 0.026, y - 0.034, 0.052, 0.068), plain(frame))
    lit = at.light.has_lamps and dice.random() < 0.65
    pane = LAMP if lit else at.light.lit("#8fb8d6", 0.05)
    for left, top in ((-0.021, -0.029), (0.002, -0.029), (-0.021, 0.002), (0.002, 0.002)):
        canvas.drawRect(skia.Rect.MakeXYWH(x + left, y + top, 0.019, 0.027), plain(pane))
    sill = skia.Rect.MakeXYWH(x - 0.031, y + 0.034, 0.062, 0.007)
    canvas.drawRect(sill, plain(lighter(frame, -0.18)))


def _shop(canvas: skia.Canvas, at: Setting, box: skia.Rect, dice: Random) -> None:
    """The ground floor: a door, a large pane and a striped awning."""
    door = at.light.lit(dice.choice(("#6b4a3a", "#3f6b5f", "#8a3f4a")), 0.04)
    left = box.left() + 0.03
    canvas.drawRect(skia.Rect.MakeXYWH(left, 0.63, 0.06, 0.11), plain(door))
    canvas.drawCircle(left + 0.05, 0.69, 0.004, plain(at.light.lit("#f4d06f")))
    pane = LAMP if at.light.has_lamps else at.light.lit("#a9d3e6", 0.04)
    show = skia.Rect.MakeXYWH(box.left() + 0.115, 0.64, 0.19, 0.075)
    canvas.drawRect(show, plain(at.light.lit("#fff8ea", 0.05)))
    canvas.drawRect(show.makeOutset(-0.005, -0.005), plain(pane))
    hues = ("#ffffff", dice.choice(("#e2574c", "#3f8f8a", "#e8a33d")))
    for place in range(8):
        x = box.left() + 0.105 + 0.0265 * place
        strip = [(x, 0.61), (x + 0.0265, 0.61), (x + 0.0275, 0.645), (x - 0.001, 0.645)]
        canvas.drawPath(polygon(strip), plain(at.light.lit(hues[place % 2], 0.03)))


def _street_lamp(canvas: skia.Canvas, at: Setting, foot: Place) -> None:
    x, y = foot
    iron = at.light.lit("#3a4152")
    canvas.drawLine(x, y, x, y - 0.27, stroke(iron, 0.008))
    canvas.drawLine(x - 0.012, y, x + 0.012, y, stroke(iron, 0.012))
    head = [
        (x - 0.014, y - 0.31),
        (x + 0.014, y - 0.31),
        (x + 0.009, y - 0.268),
        (x - 0.009, y - 0.268),
    ]
    canvas.drawPath(polygon(head), plain(LAMP if at.light.has_lamps else at.light.lit("#f4ecd2")))
    canvas.drawLine(x - 0.018, y - 0.313, x + 0.018, y - 0.313, stroke(iron, 0.008))
    if at.light.has_lamps:
        glow(canvas, (x, y - 0.29), 0.16, LAMP, 0.6)
