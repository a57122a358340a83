"""Areas that somebody marked in a picture, by a circle, a box or an outline in a strong colour.

Floor 5. A mark is a line of one colour that goes around something: what is filled with the colour
is none. It need not be closed. The words in it, and those beside it, are read by OCR, without the
mark. It looks into files of strangers, and belongs into a process of its own.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from seedbed.core.errors import RequestMalformed
from seedbed.core.record import write
from seedbed.core.scene.measures import Box
from seedbed.core.scene.regions import Region
from seedbed.engines.drafting.editing.contours import region_of
from seedbed.kit.film.pictures import Frame
from seedbed.media.marks import Mark, marks
from seedbed.media.reading import Read, Reader

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_MOST_PIXELS = 64 << 20
_LOOKED_AT = 2_400
"""Pixels of the longer side at which it is looked at."""
_ALIKE = 0.86
"""How much of a circle or a box a mark has that was drawn by hand."""
_NEAR = 1.0
"""How far words may stand from a mark, as a share of their height."""
_NEAR_IN_COLOUR = 2.5
_FURTHER = 40.0
"""By how much colours may differ that are one."""


@dataclass(frozen=True, slots=True)
class Area:
    """A marked area: in which colour, and the words that stand in it and beside it."""

    region: Region
    colour: str
    named: str
    words: tuple[str, ...]
    beside: tuple[str, ...]

    def written(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "form": self.region.form,
            "box": write(self.region.box),
            "points": [write(one) for one in self.region.points],
            "colour": self.colour,
            "named": self.named,
            "words": list(self.words),
            "beside": list(self.beside),
        }


def found(picture: bytes, out: Path | None = None) -> dict[str, object]:
    """The marked areas of a picture as JSON has them; drawn into a copy of it, where one is named.

    Raises:
        RequestMalformed: it is no picture that can be read, or too large, or the copy cannot be
            written.
    """
    all_ = areas(picture)
    if out is not None:
        drawn(picture, all_, out)
    return {"regions": [one.written() for one in all_]}


def areas(picture: bytes, reader: Callable[[], Reader] = Reader) -> tuple[Area, ...]:
    """The marked areas of a picture, from the top to the bottom.

    Raises:
        RequestMalformed: it is no picture that can be read, or too large.
    """
    seen = _opened(picture)
    lines = marks(seen)
    if not lines:
        return ()
    words = reader().read(_without(seen, lines))
    return tuple(_area(seen, one, words) for one in lines)


def drawn(picture: bytes, marked: Sequence[Area], out: Path) -> None:
    """Write the picture as a PNG, with the box of each area and its number, counted from 1.

    Raises:
        RequestMalformed: that file cannot be written.
    """
    with Image.open(io.BytesIO(picture), formats=_FORMATS) as image:
        shown = ImageOps.exif_transpose(image).convert("RGB")
    pen, thick = ImageDraw.Draw(shown), max(2, max(shown.size) // 400)
    font = ImageFont.load_default(max(12, max(shown.size) // 45))
    for number, area in enumerate(marked, 1):
        box = area.region.box
        left, top = round(box.x * shown.width) - 2 * thick, round(box.y * shown.height) - 2 * thick
        right = round((box.x + box.width) * shown.width) + 2 * thick
        bottom = round((box.y + box.height) * shown.height) + 2 * thick
        pen.rectangle((left, top, right, bottom), outline="#ffffff", width=2 * thick)
        pen.rectangle((left, top, right, bottom), outline="#111111", width=thick)
        plate = pen.textbbox((left, top), f" {number} ", font=font)
        pen.rectangle(plate, fill="#111111")
        pen.text((left, top), f" {number} ", fill="#ffffff", font=font)
    try:
        shown.save(out, "png")
    except OSError as error:
        raise RequestMalformed(
            f"The copy cannot be written: {error.strerror}.",
            hint="Name a file in a folder that is there.",
            field="out",
        ) from error


def _opened(picture: bytes) -> Frame:
    try:
        with Image.open(io.BytesIO(picture), formats=_FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise _unreadable(f"it has more than {_MOST_PIXELS:,} pixels")
            whole = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unreadable(str(error)) from error
    white = Image.new("RGBA", whole.size, "#ffffff")
    plain = Image.alpha_composite(white, whole).convert("RGB")
    plain.thumbnail((_LOOKED_AT, _LOOKED_AT), Image.Resampling.BOX)
    return np.asarray(plain)


def _without(picture: Frame, marked: Sequence[Mark]) -> Frame:
    """The picture with all marks taken out, so that none is read as a letter."""
    lines: NDArray[np.uint8] = np.zeros(picture.shape[:2], np.uint8)
    for one in marked:
        lines |= one.line.astype(np.uint8)
    lines = np.asarray(cv2.dilate(lines, np.ones((5, 5), np.uint8)), np.uint8)
    return np.asarray(cv2.inpaint(picture, lines, 3.0, cv2.INPAINT_TELEA), np.uint8)


def _area(picture: Frame, mark: Mark, lines: tuple[Read, ...]) -> Area:
    height, width = picture.shape[:2]
    region = region_of(mark.contour, width, height, alike=_ALIKE)
    inside = [one for one in lines if one.text.strip() and region.holds(*one.box.centre)]
    others = [one for one in lines if one.text.strip() and one not in inside]
    beside = list(_beside(picture, region, others, mark))
    red, green, blue = mark.colour
    return Area(
        region,
        f"#{red:02x}{green:02x}{blue:02x}",
        mark.named,
        tuple(one.text for one in inside),
        tuple(one.text for one in beside),
    )


def _beside(picture: Frame, region: Region, lines: list[Read], mark: Mark) -> Iterator[Read]:
    """Lines right beside a region: those in its own colour, or if there are none the others."""
    shape = picture.shape[0] / picture.shape[1]
    apart = {id(one): _apart(region.box, one.box, shape) / one.box.height for one in lines}
    own = [one for one in lines if _is_coloured(picture, one.box, mark.colour)]
    near = [one for one in own if apart[id(one)] <= _NEAR_IN_COLOUR]
    yield from near or [one for one in lines if apart[id(one)] <= _NEAR and one not in own]


def _apart(one: Box, other: Box, shape: float) -> float:
    """How far two boxes are from one another, as a share of the picture's height."""
    aside = max(0.0, other.x - one.x - one.width, one.x - other.x - other.width) / shape
    up = max(0.0, other.y - one.y - one.height, one.y - other.y - other.height)
    return float((aside**2 + up**2) ** 0.5)


def _is_coloured(picture: Frame, box: Box, colour: tuple[int, int, int]) -> bool:
    """Whether letters in a box have a colour."""
    height, width = picture.shape[:2]
    top, bottom = round(box.y * height), round((box.y + box.height) * height)
    left, right = round(box.x * width), round((box.x + box.width) * width)
    part: Any = picture[max(0, top) : bottom, max(0, left) : right].astype(np.float32)
    if not part.size:
        return False
    near = np.abs(part - np.array(colour, np.float32)).max(axis=2) < _FURTHER
    return bool(near.mean() > 0.03)


def _unreadable(why: str) -> RequestMalformed:
    return RequestMalformed(
        f"The picture cannot be read: {why[:200]}.",
        hint="Give a PNG, JPEG, WebP, GIF or BMP.",
        field="image",
    )
