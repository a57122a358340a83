"""The art of subjects: pictures of some 1,600 concepts as vectors, at any size and in any colour.

Floor 3. `art.json.xz` beside this file is made by `make art` from Fluent Emoji, and Noto Emoji for
what that lacks. Each picture is kept with what was measured of it: where it lies in its square,
where it touches the ground, which of its colours a tint is for, and whither it looks.
"""

import lzma
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import msgspec
import skia

from seedbed.engines.drafting.tint import tinted

Facing = Literal["left", "right", "front"]

_COLOUR = re.compile("#[0-9a-f]{6}")
_DRAWN = 1024  # documents at once: as many as a long film has subjects, in all its tints


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture; `bounds` (left, top, right, bottom) and `foot` (left, right) in its own units.

    `body` is SVG without its root, `side` the side of its square. `shades` are the colours that a
    tint is for, as `#rrggbb`, the main one first; eyes, wheels and skin are not among them.
    `sign` is what it is written as among letters.
    """

    concept: str
    body: str
    side: float
    bounds: tuple[float, float, float, float]
    foot: tuple[float, float]
    shades: tuple[str, ...]
    facing: Facing
    sign: str = ""

    @property
    def svg(self) -> str:
        """All of it, in its own colours."""
        return _svg(self.body, self.side)

    @property
    def aspect(self) -> float:
        """How many times as wide as high it is."""
        left, top, right, bottom = self.bounds
        return (right - left) / (bottom - top)

    def place(self, box: skia.Rect) -> skia.Rect:
        """Where it lies when painted into a box: as large as fits, amid, on the foot of the box."""
        width = min(box.width(), box.height() * self.aspect)
        return skia.Rect.MakeXYWH(
            box.centerX() - width / 2,
            box.bottom() - width / self.aspect,
            width,
            width / self.aspect,
        )

    def paint(
        self,
        canvas: skia.Canvas,
        box: skia.Rect,
        *,
        tint: str | None = None,
        opacity: float = 1.0,
        flip: bool = False,
    ) -> None:
        """Draw it into a box, in its own colours or with `tint` (`#rrggbb`) for the main one.

        Raises:
            ValueError: the tint is not written like that.
        """
        document = _parsed(self._coloured(tint), self.side)
        place = self.place(box)
        left, top, right, _ = self.bounds
        scale = place.width() / (right - left)
        saved = canvas.save()
        if opacity < 1:
            canvas.saveLayerAlpha(place.makeOutset(1, 1), round(255 * max(0.0, opacity)))
        if flip:
            canvas.translate(2 * place.centerX(), 0)
            canvas.scale(-1, 1)
        canvas.translate(place.left() - left * scale, place.top() - top * scale)
        canvas.scale(scale, scale)
        document.render(canvas)
        canvas.restoreToCount(saved)

    def shadow(
        self, canvas: skia.Canvas, box: skia.Rect, *, opacity: float = 0.28, flip: bool = False
    ) -> None:
        """Draw the soft shadow that it casts where it stands; to be called before `paint`."""
        place = self.place(box)
        left, _, right, _ = self.bounds
        near, far = ((at - left) / (right - left) for at in self.foot)
        if flip:
            near, far = 1 - far, 1 - near
        spread = 0.08 * place.width()
        depth = 0.035 * place.width() + 0.04 * (far - near) * place.width()
        ground = skia.Rect.MakeLTRB(
            place.left() + near * place.width() - spread,
            place.bottom() - depth,
            place.left() + far * place.width() + spread,
            place.bottom() + depth,
        )
        soft = skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.1, depth * 0.55))
        dark = skia.Color(12, 16, 36, round(255 * min(1.0, max(0.0, opacity))))
        canvas.drawOval(ground, skia.Paint(AntiAlias=True, Color=dark, MaskFilter=soft))

    def _coloured(self, tint: str | None) -> str:
        if tint is None or not self.shades:
            return self.body
        shades = {each: tinted(each, self.shades[0], tint.lower()) for each in self.shades}
        return _COLOUR.sub(lambda found: shades.get(found[0], found[0]), self.body)


class Art(Mapping[str, Drawing]):
    """Every drawing, by its concept."""

    def __init__(self, drawings: Mapping[str, Drawing]) -> None:
        self._drawings = drawings
        self._signs = {one.sign: one for one in drawings.values() if one.sign}

    def written(self, sign: str) -> str | None:
        """The picture that a character stands for, as SVG, if there is one."""
        drawing = self._signs.get(sign)
        return drawing.svg if drawing is not None else None

    def find(self, concept: str) -> Drawing | None:
        """The drawing of a concept, as `Words` names them, if there is one."""
        return self._drawings.get(concept)

    def __getitem__(self, concept: str) -> Drawing:
        return self._drawings[concept]

    def __iter__(self) -> Iterator[str]:
        return iter(self._drawings)

    def __len__(self) -> int:
        return len(self._drawings)


def read_art() -> Art:
    """The art that is shipped; takes about a tenth of a second."""
    packed = files("seedbed.engines.drafting").joinpath("art.json.xz").read_bytes()
    drawings = msgspec.json.decode(lzma.decompress(packed), type=list[Drawing])
    return Art({drawing.concept: drawing for drawing in drawings})


@lru_cache(maxsize=_DRAWN)
def _parsed(body: str, side: float) -> skia.SVGDOM:
    text = _svg(body, side)
    document = skia.SVGDOM.MakeFromStream(skia.MemoryStream(text.encode(), True))
    document.setContainerSize(skia.Size(side, side))
    return document


def _svg(body: str, side: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {side:g} {side:g}" width="{side:g}" height="{side:g}">{body}</svg>'
    )
