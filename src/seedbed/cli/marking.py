"""Places of a picture as options of commands name them, and as the mask that doors take.

Floor 6.
"""

import io
from collections.abc import Iterable

import click
from PIL import Image, ImageDraw

from seedbed.core.scene.measures import Box

_SIDE = 1_000
"""Pixels of a side of a mask, whatever the picture's size: it lies over all of it."""


class Place(click.ParamType[Box]):
    """A box in shares of the picture, such as 0.1,0.5,0.2,0.3."""

    name = "x,y,width,height"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Box:
        """The box that is written there."""
        try:
            x, y, width, height = (float(one) for one in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no place; write x,y,width,height, as in {_LIKE}.", param, ctx)
        is_within = x >= 0 and y >= 0 and x + width <= 1.001 and y + height <= 1.001
        if not is_within or min(width, height) <= 0:
            self.fail(f"{value!r} leaves the picture, whose shares are from 0 to 1.", param, ctx)
        return Box(x, y, width, height)


_LIKE = "0.1,0.5,0.2,0.3"


def mask_of(places: Iterable[Box]) -> bytes:
    """A PNG that is clear at those places."""
    alpha = Image.new("L", (_SIDE, _SIDE), 255)
    pen = ImageDraw.Draw(alpha)
    for box in places:
        right, bottom = round((box.x + box.width) * _SIDE), round((box.y + box.height) * _SIDE)
        corner = round(box.x * _SIDE), round(box.y * _SIDE)
        pen.rectangle((*corner, max(corner[0], right - 1), max(corner[1], bottom - 1)), fill=0)
    mask = Image.new("RGBA", alpha.size)
    mask.putalpha(alpha)
    file = io.BytesIO()
    mask.save(file, "png")
    return file.getvalue()
