"""A picture of any kind as a plain one: upright, in three colours, opaque, PNG or JPEG.

Floor 1. What has no alpha any more lay on white.
"""

import io

from PIL import Image

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.sizes import Frame, fitted

_QUALITY = 90
_WHITE = (255, 255, 255)


def refuse_bomb(width: int, height: int, most: int) -> None:
    """Refuse what would take too much to unfold.

    Raises:
        MediumFault: it has no pixels, or more than `most`.
    """
    if not 0 < width * height <= most:
        raise MediumFault(f"it has {width:,} x {height:,} pixels, and {most:,} is the most")


def opaque(image: Image.Image) -> Image.Image:
    """The same in red, green and blue."""
    if image.mode.startswith("I;16"):  # would otherwise be cut off at 255
        return image.convert("I").point(lambda value: value / 256).convert("RGB")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        alpha = image.convert("RGBA")
        ground = Image.new("RGB", image.size, _WHITE)
        ground.paste(alpha, mask=alpha)
        return ground
    return image.convert("RGB")


def fit(image: Image.Image, frame: Frame) -> Image.Image:
    """The same in the size that fits."""
    size = fitted(image.width, image.height, frame)
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC)


def encoded(image: Image.Image, *, exact: bool) -> bytes:
    """Its bytes: in PNG if they are to be exact, else in JPEG, which is a tenth of the size."""
    written = io.BytesIO()
    if exact:
        image.save(written, "PNG", compress_level=3)
    else:
        image.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
