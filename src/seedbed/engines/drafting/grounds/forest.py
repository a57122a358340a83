"""A forest: row behind row of trees that fade into the light between them.

Floor 3.
"""

import math

import skia

from seedbed.engines.drafting.brush import across, down, lump, plain, polygon
from seedbed.engines.drafting.colours import lighter, mix
from seedbed.engines.drafting.grounds.hills import hill, waves
from seedbed.engines.drafting.grounds.plane import Live, Plane, Setting
from seedbed.engines.drafting.grounds.plants import conifer, grass


def forest(at: Setting) -> list[Plane]:
    """Firs far away, trunks and leaves near by, rays of light, and something small that flies."""
    leaf, floor = at.colour(0, "#3f8a55"), at.colour(1, "#5d9448")

    def row(name: str, line: tuple[float, float], size: float, far: float) -> "Plane":
        def still(canvas: skia.Canvas) -> None:
            height = waves(at.dice(name), *line)
            lit = at.light.lit(leaf, far)
            for x, dice in at.cells(name, 0.3 * size):
                place = x + dice.uniform(-0.1, 0.1) * size
                shade = lighter(lit, dice.uniform(-0.1, 0.1))
                at_foot = (place, height(place) + 0.03)
                conifer(canvas, at_foot, size * dice.uniform(0.75, 1.2), shade)
            base, high = line
            ground = (lighter(floor, 0.12), floor)
            hill(canvas, at, name, (base + 0.01, high), ground, far)

        return Plane(0.1 + 0.4 * (1 - far) ** 2, still)

    def near(canvas: skia.Canvas) -> None:
        hill(canvas, at, "glade", (0.77, 0.012), (lighter(floor, 0.22), lighter(floor, -0.2)), 0.0)
        for part in range(4):
            for x, dice in at.cells(f"tufts{part}", 0.09):
                place = x + dice.uniform(-0.04, 0.04), 0.82 + 0.05 * part + 0.03 * dice.random()
                grass(canvas, place, 0.016 + 0.006 * part, at)
        for x, dice in at.cells("trunks", 0.62):
            _trunk(canvas, at, x + dice.uniform(-0.12, 0.12), dice.uniform(0.05, 0.075))
        _canopy(canvas, at, lighter(leaf, -0.25))

    return [
        Plane(0.0, lambda canvas: _mist(canvas, at, leaf)),
        row("far", (0.58, 0.03), 0.28, 0.72),
        row("middle", (0.66, 0.025), 0.42, 0.46),
        Plane(0.3, lambda canvas: _rays(canvas, at)),
        row("close", (0.72, 0.02), 0.56, 0.2),
        Plane(0.5, near, _motes(at)),
    ]


def _trunk(canvas: skia.Canvas, at: Setting, x: float, wide: float) -> None:
    bark = at.light.lit("#6b4a37")
    path = skia.Path()
    path.moveTo(x - 0.4 * wide, at.top)
    path.lineTo(x - 0.45 * wide, 0.72)
    path.quadTo(x - 0.48 * wide, 0.84, x - 1.1 * wide, 0.875)
    path.quadTo(x, 0.855, x + 1.1 * wide, 0.88)
    path.quadTo(x + 0.5 * wide, 0.84, x + 0.45 * wide, 0.72)
    path.lineTo(x + 0.4 * wide, at.top)
    path.close()
    ramp = (lighter(bark, 0.14), bark, lighter(bark, -0.35))
    canvas.drawPath(path, across((x - 0.5 * wide, 0), (x + 0.5 * wide, 0), ramp))


def _mist(canvas: skia.Canvas, at: Setting, leaf: str) -> None:
    """The light between the trees; the sky is not seen."""
    air = mix(at.light.sky[-1], at.light.lit(lighter(leaf, 0.55), 0.4), 0.5)
    canvas.drawRect(at.area, down(0.0, 0.6, (mix(air, at.light.lit(leaf), 0.3), air)))


def _canopy(canvas: skia.Canvas, at: Setting, leaf: str) -> None:
    """Leaves that hang into the picture from above, dark before the light."""
    for deep, colour in ((0.17, at.light.lit(leaf, 0.1)), (0.1, at.light.lit(lighter(leaf, -0.3)))):
        path = skia.Path()
        path.setFillType(skia.PathFillType.kWinding)
        for x, dice in at.cells(f"canopy{deep}", 0.1):
            size = 0.2 * dice.uniform(0.8, 1.3)
            lump(path, (x, deep - 0.12 + 0.05 * dice.random()), size, size * 0.8)
        path.addRect(skia.Rect.MakeLTRB(at.left, at.top, at.right, deep - 0.1))
        canvas.drawPath(path, plain(colour))


def _rays(canvas: skia.Canvas, at: Setting) -> None:
    """Light that falls through the leaves."""
    if at.light.is_dark or not at.light.is_open:
        return
    warm = mix(at.light.sky[-1], "#fff6c8", 0.7)
    for x, dice in at.cells("rays", 0.42):
        top, wide = x + dice.uniform(-0.1, 0.1), dice.uniform(0.04, 0.1)
        beam = [(top, -0.1), (top + wide, -0.1), (top - 0.28 + wide, 0.85), (top - 0.42, 0.85)]
        canvas.drawPath(polygon(beam), down(0, 0.85, (warm, warm + "00"), 0.26))


def _motes(at: Setting) -> Live:
    dice = at.dice("motes")
    wide = at.right - at.left
    motes = [
        (at.left + wide * dice.random(), dice.uniform(0.3, 0.85), dice.random())
        for _ in range(round(14 * wide))
    ]
    colour = "#ffe98a" if at.light.is_dark else "#fffbe0"

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for x, y, phase in motes:
            turn = 2 * math.pi * (seconds / (4 + 3 * phase) + phase)
            place = x + 0.03 * math.sin(turn), y + 0.02 * math.sin(1.7 * turn)
            bright = 0.5 + 0.5 * math.sin(2.3 * turn)
            canvas.drawCircle(*place, 0.011, plain(colour, 0.16 * bright))
            canvas.drawCircle(*place, 0.0036, plain(colour, 0.9 * bright))

    return live
