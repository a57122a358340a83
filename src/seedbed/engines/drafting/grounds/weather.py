"""What falls, drifts and flashes before a ground: rain, snow, fog and lightning.

Floor 3.
"""

import math
from random import Random

import skia

from seedbed.engines.drafting.brush import Place, down, plain, stroke
from seedbed.engines.drafting.colours import argb
from seedbed.engines.drafting.grounds.plane import Plane, Setting

_FLASH_EVERY, _FLASH_SECONDS = 3.7, 0.35


def weather(at: Setting) -> list[Plane]:
    """The planes of the weather: some behind what lies in the shot, some before it."""
    match at.light.weather:
        case "rain":
            return [_rain(at, 0.35, 70), _rain(at, 0.8, 60, front=True)]
        case "storm":
            return [_lightning(at), _rain(at, 0.35, 110), _rain(at, 0.8, 80, front=True)]
        case "snow":
            return [_snow(at, 0.3, 90, 0.0035), _snow(at, 0.85, 34, 0.0075, front=True)]
        case "fog":
            return [_fog(at, 0.3, 0.55), _fog(at, 0.75, 0.4, front=True)]
        case "clear" | "cloudy":
            return []


def lightning(at: Setting, horizon: float, seconds: float) -> tuple[list[Place], float]:
    """The way of the last flash from the clouds down, and how bright it still is."""
    number, since = divmod(seconds, _FLASH_EVERY)
    bright = max(0.0, 1.0 - since / _FLASH_SECONDS) ** 1.5
    dice = at.dice("lightning", int(number))
    x, y = at.width * dice.uniform(0.15, 0.85), 0.02
    way = [(x, y)]
    while y < horizon:
        x, y = x + dice.uniform(-0.055, 0.055), y + dice.uniform(0.035, 0.08)
        way.append((x, min(y, horizon)))
    return way, bright


def _lightning(at: Setting) -> Plane:
    def live(canvas: skia.Canvas, seconds: float) -> None:
        way, bright = lightning(at, 0.62, seconds)
        if not bright:
            return
        canvas.drawRect(at.area, plain("#e9eeff", 0.22 * bright))
        path = skia.Path()
        path.addPoly([skia.Point(*place) for place in way], False)
        for wide, opacity in ((0.026, 0.14), (0.013, 0.3), (0.0055, 1.0)):
            colour = "#fffbe0" if opacity == 1.0 else "#bcd0ff"
            canvas.drawPath(path, stroke(colour, wide, opacity * bright))

    return Plane(0.05, live=live)


def _rain(at: Setting, depth: float, count: int, *, front: bool = False) -> Plane:
    drops = _scattered(at, f"rain{front}", count)
    long, thick = (0.07, 0.0034) if front else (0.045, 0.0022)
    pen = stroke("#dcebf7", thick, 0.42 if front else 0.3)
    height = at.bottom - at.top + 2 * long

    def live(canvas: skia.Canvas, seconds: float) -> None:
        ends: list[skia.Point] = []
        for x, y, pace in drops:
            fallen = (y * height + (1.5 + 0.6 * pace) * seconds) % height
            top = at.top - long + fallen
            left = x - 0.18 * fallen
            ends += [skia.Point(left, top), skia.Point(left - 0.18 * long, top + long)]
        canvas.drawPoints(skia.Canvas.kLines_PointMode, ends, pen)

    return Plane(depth, live=live, front=front)


def _snow(at: Setting, depth: float, count: int, size: float, *, front: bool = False) -> Plane:
    flakes = _scattered(at, f"snow{front}", count)
    height = at.bottom - at.top + 4 * size

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for part in range(3):
            points: list[skia.Point] = []
            for x, y, pace in flakes[part::3]:
                fallen = (y * height + (0.05 + 0.05 * pace) * (1 + depth) * seconds) % height
                sway = 0.02 * math.sin(2 * math.pi * (seconds / (3 + 2 * pace) + y))
                points.append(skia.Point(x + sway, at.top - 2 * size + fallen))
            canvas.drawPoints(skia.Canvas.kPoints_PointMode, points, _dot(size * (1 + 0.5 * part)))

    return Plane(depth, live=live, front=front)


def _dot(size: float) -> skia.Paint:
    return skia.Paint(
        AntiAlias=True,
        Color=argb("#ffffff", 0.9),
        StrokeWidth=size,
        StrokeCap=skia.Paint.kRound_Cap,
    )


def _fog(at: Setting, depth: float, opacity: float, *, front: bool = False) -> Plane:
    dice = at.dice(f"fog{front}")
    banks = [(0.45 + 0.16 * place, dice.random(), dice.random()) for place in range(3)]
    clear = at.light.haze + "00"

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for y, phase, pace in banks:
            rise = 0.02 * math.sin(2 * math.pi * (seconds / (9 + 4 * pace) + phase))
            top, bottom = y + rise - 0.14, y + rise + 0.14
            band = skia.Rect.MakeLTRB(at.left, top, at.right, bottom)
            canvas.drawRect(band, down(top, bottom, (clear, at.light.haze, clear), opacity))

    return Plane(depth, live=live, front=front)


def _scattered(at: Setting, name: str, count: int) -> list[tuple[float, float, float]]:
    """Places over all that is seen: x in units, y from 0 to 1, and a pace from 0 to 1."""
    dice: Random = at.dice(name)
    left, wide = at.left - 0.05, at.right - at.left + 0.45
    return [
        (left + wide * dice.random(), dice.random(), dice.random())
        for _ in range(round(count * wide))
    ]
