"""The sea, and the beach: water that moves in rows, larger and darker the nearer they are.

Floor 3.
"""

import math
from collections.abc import Callable

import skia

from seedbed.engines.drafting.brush import Place, down, plain, polygon, ridge, shaded, stroke
from seedbed.engines.drafting.colours import lighter, mix
from seedbed.engines.drafting.grounds.hills import hill, waves
from seedbed.engines.drafting.grounds.plane import Live, Plane, Setting
from seedbed.engines.drafting.grounds.plants import grass, palm
from seedbed.engines.drafting.grounds.sky import sky, sun

_HORIZON = 0.58
_ROWS = 6


def sea(at: Setting) -> list[Plane]:
    """Open water under the sky, with the light of sun or moon on it."""
    far, near = at.colour(0, "#4fb3d9"), at.colour(1, "#125a93")

    def isles(canvas: skia.Canvas) -> None:
        for x, dice in at.cells("isles", 0.9):
            if dice.random() < 0.6:
                _isle(canvas, at, x + dice.uniform(-0.3, 0.3), dice.uniform(0.1, 0.2))

    rows = [
        Plane(0.1 + 0.42 * (place / _ROWS) ** 1.5, live=_row(at, place, (far, near)))
        for place in range(_ROWS)
    ]
    water = [_water(at, (far, near)), *rows, *_glitter(at, 0.4)]
    return [*sky(at, _HORIZON), Plane(0.05, isles), *water]


def beach(at: Setting) -> list[Plane]:
    """A bay: the sea behind, surf that comes and goes, sand, and a palm at the side."""
    far, near = at.colour(0, "#58c4dd"), at.colour(1, "#2b93bd")
    sand = at.colour(2, "#f4d79b")
    rows = [Plane(0.1 + 0.07 * place, live=_row(at, place, (far, near))) for place in range(2)]

    def isles(canvas: skia.Canvas) -> None:
        for x, dice in at.cells("isles", 0.9):
            _isle(canvas, at, x + dice.uniform(-0.3, 0.3), dice.uniform(0.12, 0.24))

    def shore(canvas: skia.Canvas) -> None:
        light = (lighter(sand, 0.25), lighter(sand, -0.06))
        hill(canvas, at, "shore", (0.775, 0.012), light, 0.0)
        for x, dice in at.cells("shells", 0.13):
            place = x + dice.uniform(-0.05, 0.05), dice.uniform(0.85, 1.0)
            colour = at.light.lit(dice.choice(("#ffffff", "#e9b98f", "#d9a877", "#f7b7a3")))
            canvas.drawOval(skia.Rect.MakeXYWH(*place, 0.011, 0.0065), plain(colour, 0.9))

    return [
        *sky(at, _HORIZON),
        Plane(0.06, isles),
        _water(at, (far, near)),
        *rows,
        *_glitter(at, 0.14),
        Plane(0.45, shore, _surf(at, sand)),
        Plane(0.48, lambda canvas: _palms(canvas, at)),
    ]


def _water(at: Setting, colours: tuple[str, str]) -> Plane:
    """The sea itself, which mirrors the sky at the horizon and the sun below it."""
    far, near = colours
    mirrored = mix(at.light.lit(far, 0.25), at.light.sky[-1], 0.4)
    upper = skia.Rect.MakeLTRB(at.left, _HORIZON, at.right, 0.72)
    lower = skia.Rect.MakeLTRB(at.left, 0.715, at.right, at.bottom)

    def still(canvas: skia.Canvas) -> None:
        canvas.drawRect(lower, plain(at.light.lit(near)))
        canvas.drawRect(upper, down(_HORIZON, 0.72, (mirrored, at.light.lit(far))))

    return Plane(0.08, still)


def _palms(canvas: skia.Canvas, at: Setting) -> None:
    """Two of them at the side, and what they stand on."""
    mound = skia.Rect.MakeLTRB(-0.3, 0.82, 0.3, 1.0)
    canvas.drawOval(mound, plain(at.light.lit("#dcbb7d")))
    palm(canvas, (0.12, 0.86), 0.5, at, 0.32)
    palm(canvas, (0.02, 0.87), 0.62, at, 0.12)
    for x, size in ((-0.02, 0.05), (0.06, 0.035), (0.16, 0.045)):
        grass(canvas, (x, 0.875), size, at)


def _glitter(at: Setting, deepest: float) -> list[Plane]:
    """The light of sun or moon on the water, as far as that below the horizon."""
    if not (at.light.is_open and at.lamps):
        return []
    (x, _), radius = sun(at, _HORIZON)
    colour = {"day": "#ffffff", "dawn": "#fff0cf", "dusk": "#ffd08a", "night": "#dfe6ff"}
    dice = at.dice("glitter")
    streaks = [(dice.random(), dice.uniform(-1, 1), dice.random()) for _ in range(46)]
    glint = colour[at.light.time]

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for deep, aside, phase in streaks:
            y = _HORIZON + 0.008 + deepest * deep**1.6
            shine = 0.5 + 0.5 * math.sin(2 * math.pi * (seconds / (1.6 + phase) + phase))
            wide = radius * (0.25 + 1.1 * deep) * (0.35 + 0.65 * shine)
            place = x + aside * radius * (0.7 + 1.3 * deep)
            high = 0.0035 + 0.006 * deep
            line = skia.Rect.MakeXYWH(place - wide / 2, y, wide, high)
            canvas.drawRoundRect(line, high / 2, high / 2, plain(glint, 0.75 * shine))

    return [Plane(0.08, live=live)]


def _row(at: Setting, place: int, colours: tuple[str, str]) -> Live:
    """One row of waves that goes sidewards while it heaves."""
    far, near = colours
    part = (place + 1) / _ROWS
    base = _HORIZON + 0.02 + 0.36 * part**1.5
    high, long = 0.004 + 0.016 * part, 0.09 + 0.3 * part
    above = at.light.sky[1]
    body = mix(at.light.lit(mix(far, near, 0.15 + 0.75 * part)), above, 0.34 - 0.2 * part)
    crest = mix(body, at.light.lit("#ffffff"), 0.3)
    turn = at.dice("waves", place).random()
    way = 1 if place % 2 else -1

    def line(seconds: float, raised: float) -> Callable[[float], float]:
        moved = way * (0.012 + 0.03 * part) * seconds + turn
        heave = 0.005 * part * math.sin(2 * math.pi * (seconds / 3.4 + turn))
        return lambda x: base + heave - raised - high * _crest((x + moved) / long)

    def live(canvas: skia.Canvas, seconds: float) -> None:
        step = long / 16
        foam = ridge(line(seconds, 0.004 * part + 0.0015), at.span, base + 2 * high, step)
        canvas.drawPath(foam, plain(crest))
        canvas.drawPath(ridge(line(seconds, 0.0), at.span, at.bottom, step), plain(body))

    return live


def _crest(turn: float) -> float:
    """A wave with a narrow crest and a wide trough, from -1 to 1."""
    return 1.0 - 2.0 * abs(math.sin(math.pi * turn)) ** 0.8


def _surf(at: Setting, sand: str) -> Live:
    """The edge of the water on the sand: wet sand, foam, and water that comes and goes."""
    height = waves(at.dice("surf"), 0.775, 0.014)
    wet, water = at.light.lit(lighter(sand, -0.22)), at.light.lit("#6fcfe0")
    foam = at.light.lit("#ffffff")

    def live(canvas: skia.Canvas, seconds: float) -> None:
        reach = 0.012 + 0.016 * math.sin(2 * math.pi * seconds / 5.5)
        top = _HORIZON + 0.13
        for lower, colour, opacity in (
            (0.045, wet, 0.75),
            (0.011 + reach, foam, 0.95),
            (reach, water, 1.0),
        ):
            step = 0.02
            count = int((at.right - at.left) / step) + 2
            edge = [
                (x, height(x) + lower + 0.004 * math.sin(9 * x + 0.7 * seconds))
                for x in (at.left + step * place for place in range(count))
            ]
            across = [(edge[-1][0], top), (at.left, top)]
            canvas.drawPath(polygon([*edge, *across]), plain(colour, opacity))
        _lines(canvas, at, seconds, foam)

    return live


def _lines(canvas: skia.Canvas, at: Setting, seconds: float, foam: str) -> None:
    """Short lines of foam on the shallow water."""
    for x, dice in at.cells("foam", 0.17):
        y = 0.715 + 0.05 * dice.random()
        aside = 0.03 * math.sin(2 * math.pi * (seconds / 6 + dice.random()))
        wide = 0.03 + 0.05 * dice.random()
        canvas.drawLine(x + aside, y, x + aside + wide, y, stroke(foam, 0.0035, 0.55))


def _isle(canvas: skia.Canvas, at: Setting, x: float, wide: float) -> None:
    colour = at.light.lit("#5c8f79", 0.6)
    places: list[Place] = [
        (x + wide * part / 20, _HORIZON - 0.24 * wide * math.sin(math.pi * part / 20) ** 1.4)
        for part in range(21)
    ]
    path = polygon(places)
    top = _HORIZON - 0.24 * wide
    shaded(canvas, path, (colour, at.light.lit("#5c8f79", 0.85)), (top, _HORIZON))
