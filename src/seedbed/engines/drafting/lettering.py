"""Words as pictures, letter by letter as they are given, set by typst.

Floor 3. What is set goes to typst as data and never as its markup; no letter is joined with another
into a third, no word is broken by a hyphen, no quote is bent. `lettering.typ` beside this file does
the layout: lines or columns, of a given size or of the largest that fits.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from threading import RLock
from typing import Any, cast

import skia
import typst

from seedbed.core.errors import SceneUndrawable
from seedbed.core.scene.layers import Type
from seedbed.engines.drafting.fonts import Fonts, seen
from seedbed.engines.drafting.looks import composed, solid
from seedbed.engines.drafting.typesetting import OUTLINE, PLATE, Order, ordered

_KEPT = 24  # pictures: few titles of a film are seen at once
_MEASURED = 4_096
_LEAST = 0.004
"""Letters that are smaller than this share of the canvas's height are not legible."""
_SHOWN = 40
_PICTURED = re.compile(r"[\U0001f000-\U0001faff]|.(?=\ufe0f)")
"""Characters that are pictures wherever they stand, or say so; fonts have them in one colour."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a text lies in its box, in pixels: how large its letters are, and where its block is.

    `pitch` is from line to line.
    """

    size: float
    x: float
    y: float
    width: float
    height: float
    pitch: float
    upright: bool

    @property
    def lines(self) -> tuple[tuple[float, float, float, float], ...]:
        """Left, top, width and height of each line, or of each column, in reading order."""
        if self.upright:
            count = round((self.width - self.size) / self.pitch) + 1
            right = self.x + self.width - self.size
            places = (right - number * self.pitch for number in range(count))
            return tuple((left, self.y, self.size, self.height) for left in places)
        count = max(1, round(self.height / self.pitch))
        high = self.height - (count - 1) * self.pitch
        tops = (self.y + number * self.pitch for number in range(count))
        return tuple((self.x, top, self.width, high) for top in tops)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A text in a box of so many pixels, on a canvas that is so high."""

    text: str
    kind: Type
    width: int
    height: int
    canvas_height: int


class Lettering:
    """Sets texts. `emoji` gives the picture that a character is, as SVG."""

    def __init__(self, fonts: Fonts, *, emoji: Callable[[str], str | None] | None = None) -> None:
        self._fonts, self._emoji = fonts, emoji
        program = Path(str(files("seedbed.engines.drafting").joinpath("lettering.typ")))
        self._compiler = typst.Compiler(
            program, root=program.parent, font_paths=fonts.found, ignore_system_fonts=True
        )
        self._lock = RLock()  # the compiler works for one at a time, and breaks where two ask it
        self._kept = lru_cache(maxsize=_KEPT)(self._drawn)
        self._known = lru_cache(maxsize=_MEASURED)(self._laid)

    def set(
        self,
        text: str,
        type: Type,  # noqa: A002 - its name in the Scene
        width: int,
        height: int,
        canvas_height: int,
    ) -> skia.Image:
        """A text in a box of so many pixels, clear where nothing of it is.

        Raises:
            SceneUndrawable: no font has one of its characters, or it does not fit.
        """
        with self._lock:
            return self._kept(_Wish(text, type, width, height, canvas_height))

    def measure(
        self,
        text: str,
        type: Type,  # noqa: A002 - its name in the Scene
        width: int,
        height: int,
        canvas_height: int,
    ) -> Setting:
        """Where in its box a text will lie.

        Raises:
            SceneUndrawable: as `set`.
        """
        with self._lock:
            return self._known(_Wish(text, type, width, height, canvas_height))[0]

    def _drawn(self, wish: _Wish) -> skia.Image:
        kind, width, height = wish.kind, wish.width, wish.height
        if not wish.text.strip() or width < 1 or height < 1:
            return skia.Surface(max(1, width), max(1, height)).makeImageSnapshot()
        found, order = self._known(wish)
        order = {**order, "size": found.size}
        letters, edge = self._page({**order, "colour": solid(kind.colour)}), None
        if kind.outline is not None:
            edge = self._page({**order, "colour": solid(kind.outline), "stroke": OUTLINE})
        across, down = (share * found.size for share in PLATE)
        block = skia.Rect.MakeXYWH(found.x, found.y, found.width, found.height)
        return composed(letters, edge, kind, block.makeOutset(across, down), found.size)

    def _page(self, order: Mapping[str, object]) -> skia.Image:
        drawn = self._compiler.compile(
            format="png", ppi=72, sys_inputs={"order": json.dumps(order)}
        )
        kept = skia.Data.MakeWithCopy(cast(bytes, drawn))  # decoded when it is first drawn
        return cast(skia.Image, skia.Image.MakeFromEncoded(kept))

    def _laid(self, wish: _Wish) -> tuple[Setting, Order]:
        text, kind, canvas_height = wish.text, wish.kind, wish.canvas_height
        pictures = self._pictures(text)
        lettered = "".join(one for one in text if one not in pictures)
        order = {
            **ordered(text, kind, self._fonts.for_text(lettered, kind.families), pictures),
            "width": wish.width,
            "height": wish.height,
            "size": kind.size * canvas_height,
            "least": _LEAST * canvas_height,
        }
        # A page of SVG is the cheapest way to have the layout done.
        self._compiler.compile(format="svg", sys_inputs={"order": json.dumps(order)})
        told: dict[str, Any] = json.loads(self._compiler.query("<facts>", field="value"))[0]
        if "largest" in told:
            raise _too_long(text, kind, told["largest"] / canvas_height)
        return Setting(**told, pitch=kind.leading * told["size"], upright=kind.upright), order

    def _pictures(self, text: str) -> Mapping[str, str]:
        """The pictures of characters that are seen as such, and of those that no font has."""
        if self._emoji is None:
            return {}
        wanted = {*_PICTURED.findall(text), *self._fonts.missing(seen(text))}
        pictures = {one: self._emoji(one) for one in sorted(wanted)}
        return {one: picture for one, picture in pictures.items() if picture is not None}


def _too_long(text: str, kind: Type, largest: float) -> SceneUndrawable:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    wanted = f"at a size of {kind.size:g}" if kind.size else "at a size that can be read"
    fitting = int(largest * 10_000) / 10_000
    return SceneUndrawable(
        "text",
        why=f"{shown!r} does not fit its box {wanted}",
        hint=f"A size of {fitting:g} fits; or make the box larger, or the text shorter.",
    )
