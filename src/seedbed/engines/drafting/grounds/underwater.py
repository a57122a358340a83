"""Under water: light from above, rocks and weeds, bubbles that rise.

Floor 3.
"""

import math

import skia

from seedbed.engines.drafting.brush import down, lump, plain, polygon, ridge, shaded, stroke
from seedbed.engines.drafting.colours import lighter, mix
from seedbed.engines.drafting.grounds.hills import waves
from seedbed.engines.drafting.grounds.plane import Live, Plane, Setting
from seedbed.engines.drafting.grounds.plants import weed

_DEEPS = {
    "day": ("#7fe3ec", "#2aa7d0", "#0f5f9e", "#0a3a72"),
    "dawn": ("#ffd9b8", "#6fb6c4", "#2a6f9e", "#173f70"),
    "dusk": ("#e58a8a", "#7d6aa8", "#2f4a8a", "#162a5c"),
    "night": ("#28509a", "#163a7c", "#0b2258", "#06123a"),
}


def underwater(at: Setting) -> list[Plane]:
    """Blue that grows deep, rays, a reef, sand, and bubbles."""
    usual = _DEEPS[at.light.time]
    deep = (*at.colours[:4], *usual[len(at.colours[:4]) :])
    sand = mix(under_sea("#f7dc9c", at), deep[2], 0.12)

    def still(canvas: skia.Canvas) -> None:
        canvas.drawRect(at.area, down(0.0, 1.0, deep))

    def far(canvas: skia.Canvas) -> None:
        _reef(canvas, at, "far", (0.72, 0.06), mix(deep[2], deep[1], 0.25))
        _reef(canvas, at, "middle", (0.8, 0.05), mix(deep[2], deep[3], 0.35))

    def near(canvas: skia.Canvas) -> None:
        path = ridge(waves(at.dice("sea floor"), 0.88, 0.015), at.span, at.bottom)
        shaded(canvas, path, (lighter(sand, 0.15), mix(sand, deep[3], 0.4)), (0.86, 1.0))
        _corals(canvas, at, deep[2])

    return [
        Plane(0.0, still, _rays(at, lighter(deep[0], 0.4))),
        Plane(0.15, far),
        Plane(0.3, live=_weeds(at, "far weeds", 0.84, 0.16, mix("#2f8f77", deep[2], 0.45))),
        Plane(0.46, near, _weeds(at, "weeds", 0.96, 0.2, mix("#2fa56f", deep[2], 0.15))),
        Plane(0.5, live=_bubbles(at, 16)),
        Plane(0.8, live=_bubbles(at, 7, "front"), front=True),
    ]


def under_sea(colour: str, at: Setting) -> str:
    """A colour as it looks in this water."""
    return mix(colour, _DEEPS[at.light.time][1], 0.62 if at.light.is_dark else 0.3)


def _reef(
    canvas: skia.Canvas, at: Setting, name: str, line: tuple[float, float], colour: str
) -> None:
    height = waves(at.dice(name), *line)
    path = skia.Path()
    for x, dice in at.cells(name, 0.12):
        size = dice.uniform(0.08, 0.22)
        lump(path, (x, height(x) + 0.03), size, size * dice.uniform(0.7, 1.6))
    canvas.drawPath(path, plain(colour))
    canvas.drawPath(ridge(height, at.span, at.bottom), plain(colour))


def _corals(canvas: skia.Canvas, at: Setting, deep: str) -> None:
    colours = ("#ff7f7f", "#ffb25c", "#d987d9", "#ff8fb8")
    for x, dice in at.cells("corals", 0.4):
        place = x + dice.uniform(-0.15, 0.15), 0.915 + 0.05 * dice.random()
        colour = mix(under_sea(dice.choice(colours), at), deep, 0.15)
        _coral(canvas, place, dice.uniform(0.05, 0.1), colour)
    for x, dice in at.cells("stones", 0.33):
        place = x + dice.uniform(-0.12, 0.12), 0.96 + 0.03 * dice.random()
        wide = dice.uniform(0.04, 0.1)
        stone = mix("#7f8ea0", deep, 0.4)
        rect = skia.Rect.MakeXYWH(place[0], place[1] - 0.5 * wide, wide, 0.6 * wide)
        canvas.drawOval(
            rect, down(rect.top(), rect.bottom(), (lighter(stone, 0.2), lighter(stone, -0.3)))
        )


def _coral(canvas: skia.Canvas, foot: tuple[float, float], size: float, colour: str) -> None:
    x, y = foot
    for pen, shade in ((0.2, lighter(colour, -0.2)), (0.11, colour)):
        line = stroke(shade, pen * size)
        for lean in (-0.55, -0.2, 0.2, 0.55):
            top = (x + lean * size, y - size * (1 - 0.35 * abs(lean)))
            path = skia.Path()
            path.moveTo(x, y)
            path.quadTo(x + 0.3 * lean * size, y - 0.5 * size, *top)
            canvas.drawPath(path, line)
            side = (x + 1.35 * lean * size, y - 0.62 * size)
            canvas.drawLine(x + 0.45 * lean * size, y - 0.45 * size, *side, line)


def _rays(at: Setting, light: str) -> Live:
    beams = [
        (x + dice.uniform(-0.08, 0.08), dice.uniform(0.03, 0.09), dice.random())
        for x, dice in at.cells("rays", 0.3)
    ]

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for x, wide, phase in beams:
            swing = 0.05 * math.sin(2 * math.pi * (seconds / 8 + phase))
            bright = 0.15 + 0.1 * math.sin(2 * math.pi * (seconds / 5 + phase))
            low = [(x + 0.25 + swing + 2 * wide, 0.85), (x + 0.18 + swing, 0.85)]
            beam = polygon([(x, at.top), (x + wide, at.top), *low])
            canvas.drawPath(beam, down(0.0, 0.85, (light, light + "00"), bright))

    return live


def _weeds(at: Setting, name: str, foot: float, size: float, colour: str) -> Live:
    leaves = [
        (x + dice.uniform(-0.05, 0.05), size * dice.uniform(0.6, 1.4), dice.random())
        for x, dice in at.cells(name, 0.17)
        if dice.random() < 0.75
    ]

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for x, high, phase in leaves:
            for place in range(3):
                turn = 2 * math.pi * (seconds / (3.5 + phase) + phase + 0.2 * place)
                lean = 0.25 * (place - 1) + 0.09 * math.sin(turn)
                shade = lighter(colour, 0.14 * (1 - place))
                at_foot = (x + 0.12 * high * (place - 1), foot)
                weed(canvas, at_foot, high * (1 - 0.2 * abs(place - 1)), shade, lean)

    return live


def _bubbles(at: Setting, count: int, name: str = "") -> Live:
    dice = at.dice(f"bubbles{name}")
    wide, high = at.right - at.left, at.bottom - at.top + 0.1
    each = [
        (at.left + wide * dice.random(), dice.random(), dice.random())
        for _ in range(round(count * wide))
    ]

    def live(canvas: skia.Canvas, seconds: float) -> None:
        for x, y, size in each:
            risen = (y * high + (0.05 + 0.07 * size) * seconds) % high
            place = x + 0.012 * math.sin(14 * risen), at.bottom + 0.05 - risen
            radius = 0.003 + 0.009 * size
            canvas.drawCircle(*place, radius, plain("#ffffff", 0.16))
            canvas.drawCircle(*place, radius, stroke("#ffffff", 0.0016, 0.6))
            glint = place[0] - 0.35 * radius, place[1] - 0.35 * radius
            canvas.drawCircle(*glint, 0.22 * radius, plain("#ffffff", 0.85))

    return live
