"""What is around letters: the plate behind them, their shadow, their outline.

Floor 3. Each is drawn in one colour, so that what is half clear is not seen twice where letters
touch.
"""

import skia

from seedbed.core.scene.layers import Type
from seedbed.engines.drafting.colours import argb

_ROUND = 0.24
"""Of a plate's corners, as a share of the size of its letters."""
_SHADOW_AWAY, _SHADOW_SOFT = 0.035, 0.05


def composed(
    letters: skia.Image,
    edge: skia.Image | None,
    kind: Type,
    plate: skia.Rect,
    size: float,
) -> skia.Image:
    """The whole picture of a text: `letters`, with `edge` as the same ones fatter."""
    surface = skia.Surface(letters.width(), letters.height())
    canvas = surface.getCanvas()
    canvas.clear(skia.Color(0, 0, 0, 0))
    if kind.plate is not None:
        paint = skia.Paint(AntiAlias=True, Color=argb(kind.plate))
        canvas.drawRoundRect(plate, _ROUND * size, _ROUND * size, paint)
    if kind.shadow is not None:
        canvas.drawImage(
            edge or letters, 0, _SHADOW_AWAY * size, _PLAIN, _shadow(kind.shadow, size)
        )
    if edge is not None and kind.outline is not None:
        canvas.drawImage(edge, 0, 0, _PLAIN, _faded(kind.outline))
    canvas.drawImage(letters, 0, 0, _PLAIN, _faded(kind.colour))
    return surface.makeImageSnapshot()


def solid(written: str) -> str:
    """A colour without what is clear in it.

    >>> solid("#e8b04b80")
    '#e8b04b'
    """
    return written[:7]


def _alpha(written: str) -> int:
    return int(written[7:9] or "ff", 16)


_PLAIN = skia.SamplingOptions()


def _faded(written: str) -> skia.Paint:
    return skia.Paint(Alpha=_alpha(written))


def _shadow(written: str, size: float) -> skia.Paint:
    blend = skia.ColorFilters.Blend(argb(written), skia.BlendMode.kSrcIn)
    soft = _SHADOW_SOFT * size
    return skia.Paint(ImageFilter=skia.ImageFilters.Blur(soft, soft), ColorFilter=blend)
