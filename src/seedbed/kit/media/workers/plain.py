"""A picture of any kind as a plain one: upright, in three colours, PNG or JPEG.

Floor 1. What is made opaque lies on white.
"""

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

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
    plain = coloured(image)
    if plain.mode == "RGB":
        return plain
    ground = Image.new("RGB", plain.size, _WHITE)
    ground.paste(plain, mask=plain)
    return ground


def coloured(image: Image.Image) -> Image.Image:
    """The same in red, green and blue, and alpha where anything of it is clear."""
    if image.mode.startswith("I;16"):  # would otherwise be cut off at 255
        return image.convert("I").point(lambda value: value / 256).convert("RGB")
    is_clear = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    return image.convert("RGBA" if is_clear else "RGB")


def fit(image: Image.Image, frame: Frame) -> Image.Image:
    """The same in the size that fits."""
    size = fitted(image.width, image.height, frame)
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC)


def encoded(image: Image.Image, *, exact: bool, said: PngInfo | None = None) -> bytes:
    """Its bytes: in PNG if they are to be exact, with what is `said` in it; else in JPEG, which is
    a tenth of the size.
    """
    written = io.BytesIO()
    if exact:
        image.save(written, "PNG", compress_level=3, pnginfo=said)
    else:
        image.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
