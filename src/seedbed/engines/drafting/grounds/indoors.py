"""Where no weather is: a plain colour, a gradient, a studio, a room.

Floor 3.
"""

import skia

from seedbed.engines.drafting.brush import across, down, glow, plain, polygon, stroke
from seedbed.engines.drafting.colours import lighter, mix
from seedbed.engines.drafting.grounds.plane import Plane, Setting
from seedbed.engines.drafting.grounds.plants import leafy


def single(at: Setting) -> list[Plane]:
    """One colour."""
    colour = at.light.lit(at.colour(0, "#f6f1e7"))
    return [Plane(0.0, lambda canvas: canvas.drawRect(at.area, plain(colour)))]


def gradient(at: Setting) -> list[Plane]:
    """Its colours from the upper left to the lower right, with a soft light."""
    colours = tuple(at.light.lit(one) for one in at.colours or ("#ffd9a0", "#f78fa7", "#7f6fd8"))

    def still(canvas: skia.Canvas) -> None:
        ramp = across((0.15 * at.width, 0.0), (0.85 * at.width, 1.0), colours)
        canvas.drawRect(at.area, ramp)
        glow(canvas, (0.25 * at.width, 0.12), 0.9, lighter(colours[0], 0.6), 0.35)

    return [Plane(0.0, still)]


def studio(at: Setting) -> list[Plane]:
    """A seamless wall and floor with a light on the middle of it."""
    wall = at.light.lit(at.colour(0, "#e7edf3"))
    floor = at.light.lit(at.colour(1, mix(at.colour(0, "#e7edf3"), "#aab6c6", 0.35)))

    def still(canvas: skia.Canvas) -> None:
        shades = (lighter(wall, -0.12), wall, lighter(wall, 0.3), mix(wall, floor, 0.6), floor)
        canvas.drawRect(at.area, down(0.0, 1.0, (*shades, lighter(floor, -0.12))))
        glow(canvas, (0.5 * at.width, 0.42), 0.75, "#ffffff", 0.5)
        saved = canvas.save()
        canvas.translate(0.5 * at.width, 0.86)
        canvas.scale(1.0, 0.2)
        glow(canvas, (0.0, 0.0), 0.75, "#ffffff", 0.45)
        canvas.restoreToCount(saved)

    return [Plane(0.0, still)]


def room(at: Setting) -> list[Plane]:
    """A wall with a window, pictures and a lamp; a wooden floor with a rug."""
    wall, wood = at.light.lit(at.colour(0, "#f3dcc0")), at.light.lit(at.colour(1, "#c08a5a"))

    def back(canvas: skia.Canvas) -> None:
        canvas.drawRect(at.area, down(0.0, 0.74, (lighter(wall, 0.18), wall)))
        for x, _ in at.cells("stripes", 0.16):
            strip = skia.Rect.MakeLTRB(x, at.top, x + 0.08, 0.74)
            canvas.drawRect(strip, plain(lighter(wall, 0.3), 0.35))
        _window(canvas, at)
        _pictures(canvas, at)
        board = skia.Rect.MakeLTRB(at.left, 0.715, at.right, 0.742)
        canvas.drawRect(board, plain(at.light.lit("#fff7ea")))

    def floor(canvas: skia.Canvas) -> None:
        area = skia.Rect.MakeLTRB(at.left, 0.74, at.right, at.bottom)
        canvas.drawRect(area, down(0.74, 1.0, (lighter(wood, -0.12), lighter(wood, 0.1))))
        seam = stroke(lighter(wood, -0.28), 0.002, 0.7)
        for y in (0.775, 0.825, 0.89, 0.97):
            canvas.drawLine(at.left, y, at.right, y, seam)
        for row, (top, low) in enumerate(
            ((0.742, 0.775), (0.775, 0.825), (0.825, 0.89), (0.89, 0.97))
        ):
            for x, dice in at.cells(f"boards{row}", 0.42):
                end = x + dice.uniform(-0.12, 0.12)
                canvas.drawLine(end, top, end, low, seam)
        _rug(canvas, at)
        _lamp(canvas, at)

    return [Plane(0.34, back), Plane(0.46, floor)]


def _window(canvas: skia.Canvas, at: Setting) -> None:
    frame = at.light.lit("#fffaf0")
    box = skia.Rect.MakeXYWH(0.3 * at.width - 0.17, 0.14, 0.34, 0.4)
    canvas.drawRoundRect(box.makeOutset(0.016, 0.016), 0.012, 0.012, plain(frame))
    saved = canvas.save()
    canvas.clipRect(box)
    canvas.drawRect(box, down(box.top(), box.bottom(), at.light.sky))
    if at.light.is_dark:
        canvas.drawCircle(box.right() - 0.08, box.top() + 0.09, 0.035, plain("#f3f1dc"))
    for aside, size in ((0.02, 0.17), (0.14, 0.21), (0.28, 0.16)):
        leafy(canvas, (box.left() + aside, box.bottom() + 0.02), size, at, 0.3)
    canvas.restoreToCount(saved)
    canvas.drawLine(box.centerX(), box.top(), box.centerX(), box.bottom(), stroke(frame, 0.012))
    canvas.drawLine(box.left(), 0.33, box.right(), 0.33, stroke(frame, 0.012))
    sill = skia.Rect.MakeXYWH(box.left() - 0.04, box.bottom() + 0.012, box.width() + 0.08, 0.02)
    canvas.drawRect(sill, plain(lighter(frame, -0.1)))
    cloth = at.light.lit(at.colour(2, "#d9705f"))
    for side, way in ((box.left(), 1), (box.right(), -1)):
        edge = side - 0.07 * way
        fold = [(edge, 0.1), (side + 0.07 * way, 0.1), (side - 0.005 * way, 0.6), (edge, 0.6)]
        canvas.drawPath(
            polygon(fold), across((edge, 0), (side + 0.07 * way, 0), (lighter(cloth, -0.2), cloth))
        )
    rail = stroke(at.light.lit("#8a6a4a"), 0.012)
    canvas.drawLine(box.left() - 0.1, 0.1, box.right() + 0.1, 0.1, rail)


def _pictures(canvas: skia.Canvas, at: Setting) -> None:
    gold = at.light.lit("#b58850")
    for left, top, wide, high, hues in (
        (0.56, 0.16, 0.2, 0.15, ("#f9d98f", "#e98b6d")),
        (0.56, 0.37, 0.12, 0.15, ("#a7d3e8", "#4f86b8")),
        (0.69, 0.37, 0.07, 0.1, ("#c9e2b0", "#6da56a")),
    ):
        x = left * at.width
        box = skia.Rect.MakeXYWH(x, top, wide, high)
        canvas.drawRect(box.makeOutset(0.008, 0.008), plain(gold))
        canvas.drawRect(box, down(top, top + high, tuple(at.light.lit(one) for one in hues)))
        hill = [(x, top + high), (x + 0.4 * wide, top + 0.5 * high), (x + wide, top + high)]
        canvas.drawPath(polygon(hill), plain(at.light.lit(lighter(hues[1], -0.2))))


def _lamp(canvas: skia.Canvas, at: Setting) -> None:
    x = 0.9 * at.width
    iron = at.light.lit("#5a4a42")
    canvas.drawLine(x, 0.34, x, 0.76, stroke(iron, 0.009))
    canvas.drawLine(x - 0.04, 0.765, x + 0.04, 0.765, stroke(iron, 0.012))
    shade = [(x - 0.045, 0.24), (x + 0.045, 0.24), (x + 0.08, 0.36), (x - 0.08, 0.36)]
    canvas.drawPath(
        polygon(shade), plain("#ffe3a0" if at.light.is_dark else at.light.lit("#fbeecb"))
    )
    if at.light.is_dark:
        glow(canvas, (x, 0.34), 0.55, "#ffdb8c", 0.5)


def _rug(canvas: skia.Canvas, at: Setting) -> None:
    cloth = at.light.lit(at.colour(3, "#4f7f8f"))
    for size, colour in (
        (1.0, cloth),
        (0.86, lighter(cloth, 0.35)),
        (0.8, cloth),
        (0.5, lighter(cloth, 0.25)),
    ):
        wide, high = 0.62 * min(1.0, at.width) * size, 0.075 * size
        rect = skia.Rect.MakeLTRB(
            0.5 * at.width - wide, 0.89 - high, 0.5 * at.width + wide, 0.89 + high
        )
        canvas.drawOval(rect, plain(colour))
