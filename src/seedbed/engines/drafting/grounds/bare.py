"""Land on which little grows: deserts, and hills under snow.

Floor 3.
"""

import skia

from seedbed.engines.drafting.brush import Place, plain, polygon
from seedbed.engines.drafting.colours import lighter, mix
from seedbed.engines.drafting.grounds.hills import hill, waves, wood
from seedbed.engines.drafting.grounds.plane import Plane, Setting
from seedbed.engines.drafting.grounds.plants import cactus, conifer
from seedbed.engines.drafting.grounds.sky import sky


def desert(at: Setting) -> list[Plane]:
    """Dunes with a light and a dark side, mesas far away, cacti."""
    sand = at.colour(0, "#efbf72")
    stone = at.colour(1, "#c9774f")

    def mesas(canvas: skia.Canvas) -> None:
        for x, dice in at.cells("mesas", 0.55):
            wide, high = dice.uniform(0.12, 0.26), dice.uniform(0.07, 0.14)
            _mesa(canvas, at, (x + dice.uniform(-0.15, 0.15), 0.6), (wide, high), stone)

    def dunes(canvas: skia.Canvas) -> None:
        hill(canvas, at, "far dunes", (0.585, 0.03), (lighter(sand, 0.3), sand), 0.35)
        _dunes(canvas, at, "dunes", (0.655, 0.05), (lighter(sand, 0.18), lighter(sand, -0.1)))

    def near(canvas: skia.Canvas) -> None:
        line = waves(at.dice("near dunes"), 0.75, 0.03)
        for x, dice in at.cells("cacti", 0.62):
            place = x + dice.uniform(-0.2, 0.2)
            cactus(canvas, (place, line(place) + 0.02), 0.13 * dice.uniform(0.7, 1.3), at)
        _dunes(canvas, at, "near dunes", (0.75, 0.03), (lighter(sand, 0.1), lighter(sand, -0.16)))

    return [*sky(at, 0.58), Plane(0.08, mesas), Plane(0.22, dunes), Plane(0.44, near)]


def snow(at: Setting) -> list[Plane]:
    """White hills with blue shadows, and firs under snow."""
    white, shadow = at.colour(0, "#ffffff"), at.colour(1, "#bcd3ee")
    fir = at.colour(2, "#3f6f78")

    def hills(canvas: skia.Canvas) -> None:
        hill(canvas, at, "far snow", (0.53, 0.06), (white, shadow), 0.5)
        wood(canvas, at, "far firs", (0.6, 0.025), (0.07, 0.05, fir, 0.45), white)
        hill(canvas, at, "snow hills", (0.61, 0.025), (white, shadow), 0.2)

    def firs(canvas: skia.Canvas) -> None:
        line, lit = waves(at.dice("near snow"), 0.72, 0.03), at.light.lit(fir, 0.06)
        for x, dice in at.cells("firs", 0.23):
            if dice.random() < 0.65:
                place = x + dice.uniform(-0.08, 0.08)
                size = 0.2 * dice.uniform(0.6, 1.2)
                conifer(canvas, (place, line(place) + 0.02), size, lit, at.light.lit(white))
        hill(canvas, at, "near snow", (0.72, 0.03), (white, mix(white, shadow, 0.75)), 0.0)

    return [*sky(at, 0.58), Plane(0.14, hills), Plane(0.42, firs)]


def _mesa(
    canvas: skia.Canvas, at: Setting, foot: Place, size: tuple[float, float], stone: str
) -> None:
    (x, y), (wide, high) = foot, size
    lit, dark = at.light.lit(stone, 0.55), at.light.lit(lighter(stone, -0.15), 0.5)
    sides = [(x - 0.5 * wide, y), (x - 0.36 * wide, y - high), (x + 0.38 * wide, y - high)]
    canvas.drawPath(polygon([*sides, (x + 0.5 * wide, y)]), plain(lit))
    shade = [(x + 0.14 * wide, y - high), (x + 0.38 * wide, y - high), (x + 0.5 * wide, y)]
    canvas.drawPath(polygon([*shade, (x + 0.2 * wide, y)]), plain(dark, 0.8))


def _dunes(
    canvas: skia.Canvas, at: Setting, name: str, line: tuple[float, float], sides: tuple[str, str]
) -> None:
    """Hills of sand whose crests throw a shadow to the right."""
    base, high = line
    hill(canvas, at, name, line, sides, 0.1)
    height = waves(at.dice(name), base, high)
    dark = at.light.lit(lighter(sides[1], -0.12), 0.1)
    for x, dice in at.cells(f"{name} crests", 0.5):
        crest = x + dice.uniform(-0.1, 0.1)
        reach = dice.uniform(0.3, 0.5)
        path = skia.Path()
        path.moveTo(crest, height(crest))
        for part in range(1, 17):
            place = crest + reach * part / 16
            path.lineTo(place, height(place))
        low = height(crest + reach) + 0.4 * high
        path.cubicTo(
            crest + 0.7 * reach, low, crest + 0.5 * reach, low + 0.3 * high, crest, height(crest)
        )
        canvas.drawPath(path, plain(dark, 0.55))
