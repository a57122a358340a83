"""The strokes that everything is drawn with: paints, gradients, glows, hills, lumps.

Floor 3. Small words over skia. Gradients are dithered, so that no bands are seen.
"""

from collections.abc import Callable, Iterable, Sequence

import skia

from seedbed.engines.drafting.colours import argb

Place = tuple[float, float]


def plain(colour: str, opacity: float = 1.0) -> skia.Paint:
    """One colour."""
    return skia.Paint(AntiAlias=True, Color=argb(colour, opacity))


def stroke(colour: str, thick: float, opacity: float = 1.0) -> skia.Paint:
    """A line of one colour with round ends."""
    return skia.Paint(
        AntiAlias=True,
        Color=argb(colour, opacity),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=thick,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


def down(top: float, bottom: float, colours: Sequence[str], opacity: float = 1.0) -> skia.Paint:
    """A gradient from one height to another; before and after it is as at its ends."""
    return across((0.0, top), (0.0, bottom), colours, opacity)


def across(start: Place, end: Place, colours: Sequence[str], opacity: float = 1.0) -> skia.Paint:
    """A gradient from one place to another."""
    ramp = [argb(colour, opacity) for colour in colours]
    ends = [skia.Point(*start), skia.Point(*end)]
    shader = skia.GradientShader.MakeLinear(ends, ramp * 2 if len(ramp) == 1 else ramp)
    return skia.Paint(AntiAlias=True, Dither=True, Shader=shader)


def glow(canvas: skia.Canvas, at: Place, radius: float, colour: str, opacity: float = 1.0) -> None:
    """Light around a place, which is gone at the radius."""
    ramp = [argb(colour, opacity * part) for part in (1.0, 0.55, 0.22, 0.06, 0.0)]
    places = [0.0, 0.25, 0.5, 0.75, 1.0]
    shader = skia.GradientShader.MakeRadial(skia.Point(*at), radius, ramp, places)
    canvas.drawCircle(*at, radius, skia.Paint(AntiAlias=True, Dither=True, Shader=shader))


def polygon(places: Iterable[Place]) -> skia.Path:
    """A closed path by its corners."""
    path = skia.Path()
    path.addPoly([skia.Point(*place) for place in places], True)
    return path


def lump(path: skia.Path, at: Place, width: float, height: float) -> None:
    """Add an ellipse about a place."""
    x, y = at
    path.addOval(skia.Rect.MakeXYWH(x - width / 2, y - height / 2, width, height))


def ridge(
    height: Callable[[float], float], span: tuple[float, float], bottom: float, step: float = 0.012
) -> skia.Path:
    """The area below a line: its height over each place from one side to the other."""
    left, right = span
    count = int((right - left) / step) + 2
    first = step * (left // step)
    places = [(first + place * step, height(first + place * step)) for place in range(count + 1)]
    return polygon([*places, (places[-1][0], bottom), (places[0][0], bottom)])


def shaded(
    canvas: skia.Canvas, path: skia.Path, colours: tuple[str, str], reach: tuple[float, float]
) -> None:
    """Fill a path that is one colour above and becomes another between two heights.

    A gradient costs twenty times what one colour does: it is drawn between the heights alone.
    """
    light, dark = colours
    top, bottom = reach
    bounds = path.getBounds()
    left, right = bounds.left(), bounds.right()
    saved = canvas.save()
    canvas.drawPath(path, plain(dark))
    canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    if bounds.top() < top:
        canvas.drawRect(skia.Rect.MakeLTRB(left, bounds.top(), right, top), plain(light))
    band = skia.Rect.MakeLTRB(left, max(top, bounds.top()), right, bottom)
    canvas.drawRect(band, down(top, bottom, (light, dark)))
    canvas.restoreToCount(saved)
