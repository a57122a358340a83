"""The sky: its colours, sun or moon, stars, and clouds that drift.

Floor 3.
"""

import math
from random import Random

import skia

from seedbed.engines.drafting.brush import Place, down, glow, lump, plain
from seedbed.engines.drafting.colours import lighter, mix
from seedbed.engines.drafting.grounds.light import Light
from seedbed.engines.drafting.grounds.plane import Live, Plane, Setting

_CLOUDS = {"clear": 4, "cloudy": 7, "rain": 8, "snow": 6, "fog": 0, "storm": 9}
_LUMPS = ((-0.34, 0.0, 0.26), (-0.15, -0.06, 0.4), (0.11, -0.02, 0.34), (0.33, 0.0, 0.22))


def sky(at: Setting, horizon: float) -> list[Plane]:
    """What is over a horizon; it reaches down to the bottom of what is seen."""

    def still(canvas: skia.Canvas) -> None:
        canvas.drawRect(at.area, down(min(0.0, at.top), horizon, at.light.sky))
        if at.light.is_dark and at.light.is_open:
            _stars(canvas, at, horizon)
        if at.light.is_open and at.lamps:
            _lamp(canvas, at, horizon)

    has_stars = at.light.is_dark and at.light.is_open
    planes = [Plane(0.0, still, _twinkling(at, horizon) if has_stars else None)]
    return [*planes, _clouds(at, horizon)] if _CLOUDS[at.light.weather] else planes


def sun(at: Setting, horizon: float) -> tuple[Place, float]:
    """Where the sun or the moon stands, and its radius."""
    match at.light.time:
        case "day":
            return (0.8 * at.width, 0.3 * horizon), 0.062
        case "dawn":
            return (0.28 * at.width, horizon - 0.1 * horizon), 0.07
        case "dusk":
            return (0.68 * at.width, horizon - 0.1 * horizon), 0.085
        case "night":
            return (0.78 * at.width, 0.28 * horizon), 0.058


def _lamp(canvas: skia.Canvas, at: Setting, horizon: float) -> None:
    place, radius = sun(at, horizon)
    veil = 0.55 if at.light.weather == "cloudy" else 1.0
    if at.light.is_dark:
        glow(canvas, place, 6 * radius, "#9db9ff", 0.4 * veil)
        _moon(canvas, place, radius)
        return
    warm = {"day": "#ffffff", "dawn": "#ffe2a8", "dusk": "#ffb35e"}[at.light.time]
    core = {"day": "#fff7d6", "dawn": "#fff3cf", "dusk": "#ffdf9a"}[at.light.time]
    glow(canvas, place, 8 * radius, warm, 0.7 * veil)
    canvas.drawCircle(*place, 1.7 * radius, plain(warm, 0.16 * veil))
    canvas.drawCircle(*place, 1.35 * radius, plain(warm, 0.24 * veil))
    canvas.drawCircle(*place, radius, plain(core, 0.3 + 0.7 * veil))


def _moon(canvas: skia.Canvas, place: Place, radius: float) -> None:
    x, y = place
    canvas.drawCircle(x, y, radius, plain("#f3f1dc"))
    for aside, below, wide in ((-0.35, -0.2, 0.24), (0.3, 0.3, 0.3), (0.25, -0.45, 0.14)):
        canvas.drawCircle(x + aside * radius, y + below * radius, wide * radius, plain("#dedbc4"))
    canvas.save()
    disc = skia.Path()
    disc.addCircle(x, y, radius)
    canvas.clipPath(disc, skia.ClipOp.kIntersect, True)
    night = skia.Path()
    night.addCircle(x, y, 1.3 * radius)
    night.addCircle(x - 0.28 * radius, y - 0.18 * radius, 1.12 * radius)
    night.setFillType(skia.PathFillType.kEvenOdd)
    canvas.drawPath(night, plain("#8c93bd", 0.55))
    canvas.restore()


def _stars(canvas: skia.Canvas, at: Setting, horizon: float) -> None:
    for x, dice in at.cells("stars", 0.25):
        for _ in range(int(34 * max(0.3, horizon))):
            place = x + dice.uniform(-0.125, 0.125), dice.random() ** 1.3 * horizon
            size, bright = 0.0006 + 0.0016 * dice.random() ** 3, 0.35 + 0.6 * dice.random()
            canvas.drawCircle(*place, size, plain("#e8eeff", bright))


def _twinkling(at: Setting, horizon: float) -> Live:
    """Stars with four rays, each with a pace of its own."""
    stars = [
        (x + dice.uniform(-0.1, 0.1), dice.random() * 0.8 * horizon, dice.random(), dice.random())
        for x, dice in at.cells("twinkling", 0.16)
    ]

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for x, y, size, phase in stars:
            bright = 0.55 + 0.45 * math.sin(2 * math.pi * (seconds / (2 + 2 * size) + phase))
            reach = (0.004 + 0.006 * size) * (0.6 + 0.4 * bright)
            canvas.drawPath(sparkle((x, y), reach), plain("#ffffff", 0.25 + 0.7 * bright))

    return live


def sparkle(at: Place, reach: float) -> skia.Path:
    """A star with four rays."""
    x, y = at
    path = skia.Path()
    path.moveTo(x, y - reach)
    for aside, below in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        path.quadTo(x, y, x + aside * reach, y + below * reach)
    path.close()
    return path


def _clouds(at: Setting, horizon: float) -> Plane:
    reach = at.right - at.left + 1.2
    total = max(3, round(_CLOUDS[at.light.weather] * reach / 2.6))
    heavy = 1.0 if at.light.weather == "clear" else 1.5
    clouds: list[tuple[float, float, float, float, skia.Path]] = []
    for place in range(total):
        dice = at.dice("clouds", place)
        near = (place + 0.5 * dice.random()) / total
        size = heavy * (0.13 + 0.24 * near) * dice.uniform(0.85, 1.25)
        x = reach * ((place * 0.618 + 0.3 + 0.1 * dice.random()) % 1.0)
        y = (0.46 * size if heavy == 1.0 else 0.2 * size) + horizon * 0.5 * (1 - near)
        clouds.append((x, y, size, 0.006 + 0.012 * near, cloud(dice)))
    colours = _shades(at.light)

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for x, y, size, pace, path in clouds:
            canvas.save()
            canvas.translate(at.left - 0.6 + (x + pace * seconds) % reach, y)
            canvas.scale(size, size)
            _puff(canvas, path, colours)
            canvas.restore()

    return Plane(0.04, live=live)


def cloud(dice: Random) -> skia.Path:
    """One cloud, about as wide as 1, whose foot is flat and lies at 0."""
    path = skia.Path()
    for x, y, size in _LUMPS:
        wide = size * dice.uniform(0.85, 1.2)
        lump(path, (x + dice.uniform(-0.04, 0.04), y - 0.5 * wide), wide, wide)
    path.addRoundRect(skia.Rect.MakeLTRB(-0.5, -0.16, 0.5, 0.0), 0.08, 0.08)
    return skia.Simplify(path)


def _puff(canvas: skia.Canvas, path: skia.Path, colours: tuple[str, str]) -> None:
    light, dark = colours
    canvas.drawPath(path, down(-0.45, 0.0, (light, light, dark)))


def _shades(light: Light) -> tuple[str, str]:
    """The colours of clouds: above, and at their foot."""
    above = {"storm": "#7a8794", "rain": "#aab7c2"}.get(light.weather, "#ffffff")
    lit = {
        "day": above,
        "dawn": mix(above, "#ffe9dd", 0.7),
        "dusk": mix(above, "#f6a58c", 0.75),
        "night": mix(above, "#4a5fa0", 0.85),
    }[light.time]
    middle = light.sky[len(light.sky) // 2]
    if light.weather in {"rain", "storm", "snow"}:
        lit = mix(lit, lighter(middle, 0.12), 0.55)
    return lit, lighter(mix(middle, lit, 0.35), -0.12 if light.weather == "storm" else 0.0)
