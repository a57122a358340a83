"""Files of pictures and masks, made in a moment."""

import io
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw

Draw = Callable[[ImageDraw.ImageDraw], object]


def file_of(image: Image.Image, form: str = "png") -> bytes:
    """The bytes of its file."""
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def mask(size: tuple[int, int], *draw: Draw) -> bytes:
    """A mask that is clear where these draw."""
    alpha = Image.new("L", size, 255)
    pen = ImageDraw.Draw(alpha)
    for one in draw:
        one(pen)
    whole = Image.new("RGBA", size)
    whole.putalpha(alpha)
    return file_of(whole)


def boxed(*corners: float) -> Draw:
    """Draws a box that is clear."""
    return lambda pen: pen.rectangle(corners, fill=0)


def round_(*corners: float) -> Draw:
    """Draws an ellipse that is clear."""
    return lambda pen: pen.ellipse(corners, fill=0)


def between(places: Sequence[tuple[float, float]]) -> Draw:
    """Draws a polygon that is clear."""
    return lambda pen: pen.polygon(places, fill=0)
