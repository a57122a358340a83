"""Space: stars in three distances, a soft nebula, planets.

Floor 3.
"""

import math

import skia

from seedbed.engines.drafting.brush import Place, across, down, glow, plain, stroke
from seedbed.engines.drafting.colours import lighter, mix
from seedbed.engines.drafting.grounds.plane import Live, Plane, Setting
from seedbed.engines.drafting.grounds.sky import sparkle


def space(at: Setting) -> list[Plane]:
    """Dark blue and violet, with all that shines in it."""
    above, below = at.colour(0, "#0b1038"), at.colour(1, "#2a1650")
    hues = at.colour(2, "#5b3fd0"), at.colour(3, "#c14a9c"), at.colour(4, "#2f6fd6")

    def still(canvas: skia.Canvas) -> None:
        canvas.drawRect(at.area, down(0.0, 1.0, (above, below)))
        for place in range(22):
            dice = at.dice("nebula", place)
            along = place / 21
            middle = at.width * along, 0.85 - 0.7 * along + dice.uniform(-0.14, 0.14)
            glow(canvas, middle, dice.uniform(0.2, 0.55), hues[dice.randrange(3)], 0.24)
        _dust(canvas, at)

    def planets(canvas: skia.Canvas) -> None:
        _planet(canvas, (0.84 * at.width, 0.24), 0.12, at.colour(5, "#e8945a"), ring=True)
        _planet(canvas, (0.13 * at.width, 0.8), 0.07, at.colour(6, "#4fb0a8"))

    planes = [Plane(0.0, still), Plane(0.08, live=stars(at))]
    return [*planes, Plane(0.2, planets)] if at.lamps else planes


def _dust(canvas: skia.Canvas, at: Setting) -> None:
    for x, dice in at.cells("dust", 0.2):
        for _ in range(60):
            place = x + dice.uniform(-0.1, 0.1), dice.uniform(at.top, at.bottom)
            size = 0.0006 + 0.0014 * dice.random() ** 3
            canvas.drawCircle(*place, size, plain("#dfe6ff", 0.25 + 0.7 * dice.random()))


def stars(at: Setting) -> Live:
    """Stars all over the sheet that twinkle."""
    found = [
        (x + dice.uniform(-0.05, 0.05), dice.uniform(at.top, at.bottom), dice.random(), phase)
        for x, dice in at.cells("stars", 0.12)
        for phase in (dice.random(), dice.random())
    ]

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for x, y, size, phase in found:
            bright = 0.55 + 0.45 * math.sin(2 * math.pi * (seconds / (1.6 + 2 * size) + phase))
            reach = (0.003 + 0.009 * size**2) * (0.6 + 0.4 * bright)
            colour = ("#ffffff", "#ffe9c4", "#cfe0ff")[int(phase * 3)]
            canvas.drawPath(sparkle((x, y), reach), plain(colour, 0.25 + 0.7 * bright))

    return live


_BANDS = (-0.62, 0.2, 0.25), (-0.2, 0.16, -0.16), (0.12, 0.3, 0.18), (0.6, 0.2, -0.2)
"""Of a planet: where each begins and how high it is, in its radius, and how much lighter."""


def _planet(
    canvas: skia.Canvas, at: Place, radius: float, colour: str, *, ring: bool = False
) -> None:
    x, y = at
    glow(canvas, at, 1.7 * radius, lighter(colour, 0.3), 0.22)
    if ring:
        _ring(canvas, at, radius, colour, (180, 180))
    disc = skia.Path()
    disc.addCircle(x, y, radius)
    saved = canvas.save()
    canvas.clipPath(disc, skia.ClipOp.kIntersect, True)
    canvas.drawPaint(plain(colour))
    for low, high, by in _BANDS:
        band = skia.Rect.MakeLTRB(
            x - radius, y + low * radius, x + radius, y + (low + high) * radius
        )
        canvas.drawRect(band, plain(lighter(colour, by), 0.8))
    night = mix(colour, "#0a0c2a", 0.85)
    ramp = (night + "00", night + "30", night + "d8")
    canvas.drawPaint(
        across((x - 0.5 * radius, y - 0.5 * radius), (x + radius, y + 0.7 * radius), ramp)
    )
    canvas.restoreToCount(saved)
    if ring:
        _ring(canvas, at, radius, colour, (0, 180))


def _ring(
    canvas: skia.Canvas, at: Place, radius: float, colour: str, arc: tuple[float, float]
) -> None:
    """Half of a ring: what is behind the planet, or what is before it."""
    x, y = at
    saved = canvas.save()
    canvas.translate(x, y)
    canvas.rotate(-16)
    for reach, thick, opacity in ((1.65, 0.2, 0.75), (1.98, 0.09, 0.5)):
        oval = skia.Rect.MakeLTRB(
            -reach * radius, -0.34 * reach * radius, reach * radius, 0.34 * reach * radius
        )
        pen = stroke(lighter(colour, 0.45), thick * radius, opacity)
        pen.setStrokeCap(skia.Paint.kButt_Cap)
        canvas.drawArc(oval, *arc, False, pen)
    canvas.restoreToCount(saved)
