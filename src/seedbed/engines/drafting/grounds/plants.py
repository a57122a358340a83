"""What grows: firs, leafy trees, cacti, grass, flowers, weeds of the sea.

Floor 3. Each stands on a place and is so high; its lit side is the left one.
"""

import math
from random import Random

import skia

from seedbed.engines.drafting.brush import Place, across, lump, plain, polygon, stroke
from seedbed.engines.drafting.colours import lighter
from seedbed.engines.drafting.grounds.plane import Setting

_PETALS = ("#ffffff", "#ffd84d", "#ff8fb1", "#c58bf2", "#ff7a5c")


def conifer(
    canvas: skia.Canvas, foot: Place, size: float, colour: str, cap: str | None = None
) -> None:
    """A fir of three skirts in a colour that is lit already; with snow on it, if a cap is given."""
    x, y = foot
    trunk = skia.Rect.MakeLTRB(x - 0.035 * size, y - 0.16 * size, x + 0.035 * size, y)
    canvas.drawRect(trunk, plain(lighter(colour, -0.45)))
    dark = lighter(colour, -0.22)
    for low, high, half in ((0.1, 0.56, 0.3), (0.34, 0.78, 0.23), (0.58, 1.0, 0.16)):
        top, base, wide = (x, y - high * size), y - low * size, half * size
        canvas.drawPath(polygon([top, (x + wide, base), (x - wide, base)]), plain(colour))
        inner = (x - 0.15 * wide, base)
        canvas.drawPath(polygon([top, (x + wide, base), inner]), plain(dark, 0.8))
        if cap:
            canvas.drawPath(_snowed(top, wide, base - top[1]), plain(cap))


def _snowed(top: Place, wide: float, high: float) -> skia.Path:
    """What lies on a skirt of a fir: down to its half, with a ragged edge."""
    x, y = top
    ragged = ((0.55, 0.55), (0.32, 0.46), (0.1, 0.62), (-0.14, 0.46), (-0.34, 0.6), (-0.55, 0.55))
    return polygon([top, *((x + aside * wide, y + low * high) for aside, low in ragged)])


def palm(canvas: skia.Canvas, foot: Place, size: float, at: Setting, lean: float) -> None:
    """A palm whose stem leans so far."""
    x, y = foot
    bark, leaf = at.light.lit("#9a6b43"), at.light.lit("#3f9a58")
    head = x + lean * size, y - size
    stem = skia.Path()
    stem.moveTo(x - 0.055 * size, y)
    stem.quadTo(x + 0.1 * lean * size, y - 0.6 * size, head[0] - 0.022 * size, head[1])
    stem.lineTo(head[0] + 0.022 * size, head[1])
    stem.quadTo(x + (0.1 * lean + 0.07) * size, y - 0.6 * size, x + 0.055 * size, y)
    stem.close()
    canvas.drawPath(stem, across((x, 0), (x + 0.12 * size, 0), (bark, lighter(bark, -0.3))))
    for place, turn in enumerate((200, 335, 168, 12, 236, 300, 252)):
        shade = lighter(leaf, (-0.22, -0.22, -0.08, -0.08, 0.06, 0.06, 0.16)[place])
        _frond(canvas, head, 0.52 * size, math.radians(turn), shade)
    for aside in (-0.03, 0.035):
        canvas.drawCircle(
            head[0] + aside * size, head[1] + 0.03 * size, 0.034 * size, plain(lighter(bark, -0.3))
        )


def _frond(canvas: skia.Canvas, head: Place, long: float, turn: float, colour: str) -> None:
    x, y = head
    tip = x + long * math.cos(turn), y + long * math.sin(turn) + 0.42 * long
    top = x + 0.62 * long * math.cos(turn), y + 0.62 * long * math.sin(turn) - 0.12 * long
    path = skia.Path()
    path.moveTo(x, y)
    path.quadTo(*top, *tip)
    path.quadTo(top[0], top[1] + 0.26 * long, x, y)
    path.close()
    canvas.drawPath(path, plain(colour))


def leafy(canvas: skia.Canvas, foot: Place, size: float, at: Setting, far: float) -> None:
    """A tree with a round crown."""
    x, y = foot
    trunk = at.light.lit("#7a5236", far)
    stem = [(x - 0.05 * size, y), (x - 0.025 * size, y - 0.5 * size)]
    canvas.drawPath(
        polygon([*stem, (x + 0.025 * size, y - 0.5 * size), (x + 0.05 * size, y)]), plain(trunk)
    )
    leaves = at.light.lit(at.colour(3, "#4c9a48"), far)
    crown = skia.Path()
    for aside, up, wide in ((0, 0.72, 0.56), (-0.2, 0.55, 0.4), (0.21, 0.57, 0.4)):
        lump(crown, (x + aside * size, y - up * size), wide * size, wide * size)
    canvas.drawPath(crown, plain(lighter(leaves, -0.16)))
    light = skia.Path()
    for aside, up, wide in ((-0.05, 0.77, 0.42), (-0.22, 0.59, 0.28), (0.14, 0.62, 0.24)):
        lump(light, (x + aside * size, y - up * size), wide * size, wide * size)
    canvas.drawPath(light, plain(lighter(leaves, 0.08)))


def cactus(canvas: skia.Canvas, foot: Place, size: float, at: Setting) -> None:
    """A column with two arms."""
    x, y = foot
    green = at.light.lit("#4f9a63", 0.08)
    for wide, colour, move in (
        (0.2, lighter(green, -0.18), 0.0),
        (0.11, lighter(green, 0.1), -0.03),
    ):
        pen = stroke(colour, wide * size)
        middle = x + move * size
        canvas.drawLine(middle, y, middle, y - 0.9 * size, pen)
        for aside, low, high in ((-0.26, 0.38, 0.68), (0.26, 0.28, 0.56)):
            arm = skia.Path()
            arm.moveTo(middle, y - low * size)
            arm.quadTo(
                middle + aside * size, y - low * size, middle + aside * size, y - high * size
            )
            canvas.drawPath(arm, stroke(colour, 0.75 * wide * size))


def grass(canvas: skia.Canvas, foot: Place, size: float, at: Setting) -> None:
    """A tuft of five blades."""
    x, y = foot
    green = at.light.lit("#3d8a3a")
    blades = skia.Path()
    for lean in (-0.6, -0.3, 0.0, 0.32, 0.62):
        high = size * (1.0 - 0.4 * abs(lean))
        blades.moveTo(x + (0.5 * lean - 0.09) * size, y)
        blades.quadTo(x + 0.55 * lean * size, y - 0.5 * high, x + lean * size, y - high)
        blades.quadTo(x + 0.7 * lean * size, y - 0.4 * high, x + (0.5 * lean + 0.09) * size, y)
        blades.close()
    canvas.drawPath(blades, plain(green, 0.8))


def flower(canvas: skia.Canvas, foot: Place, size: float, at: Setting, dice: Random) -> None:
    """A flower of five petals on a stem."""
    x, y = foot
    petals = at.light.lit(dice.choice(_PETALS))
    canvas.drawLine(x, y, x, y - 3.4 * size, stroke(at.light.lit("#3d8a3a"), 0.5 * size))
    head = y - 3.6 * size
    for turn in range(5):
        angle = 2 * math.pi * turn / 5 + 0.3
        canvas.drawCircle(
            x + size * math.cos(angle), head + size * math.sin(angle), 0.75 * size, plain(petals)
        )
    canvas.drawCircle(x, head, 0.6 * size, plain(at.light.lit("#f7b733")))


def weed(canvas: skia.Canvas, foot: Place, size: float, colour: str, lean: float) -> None:
    """A long leaf under water that leans so far."""
    x, y = foot
    path = skia.Path()
    path.moveTo(x - 0.06 * size, y)
    path.cubicTo(
        x - 0.2 * size,
        y - 0.4 * size,
        x + (0.16 + lean) * size,
        y - 0.6 * size,
        x + lean * size,
        y - size,
    )
    path.cubicTo(
        x + (0.24 + lean) * size,
        y - 0.6 * size,
        x - 0.02 * size,
        y - 0.4 * size,
        x + 0.06 * size,
        y,
    )
    path.close()
    canvas.drawPath(path, plain(colour))
