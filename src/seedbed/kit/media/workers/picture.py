"""One picture, made plain. Of one that moves it is the first frame.

Floor 1. Its size is read and checked before a pixel is unfolded.
"""

import io
from collections.abc import Sequence

from PIL import (
    Image,
    ImageOps,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Picture, Piece
from seedbed.kit.media.sizes import Frame
from seedbed.kit.media.workers.confined import work
from seedbed.kit.media.workers.plain import coloured, encoded, fit, opaque, refuse_bomb
from seedbed.kit.media.xmp import told

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
_LOSSY = frozenset({"JPEG", "WEBP"})

Image.MAX_IMAGE_PIXELS = None  # the order has its own bound
PngImagePlugin.MAX_TEXT_CHUNK = 4 << 20
LOADED = (TiffImagePlugin, WebPImagePlugin)
"""What would be looked for when no file can be opened any more; EXIF is written as TIFF is."""
Image.preinit()  # so are the others


def made_plain(given: bytes, order: Picture) -> list[Piece]:
    """The one picture.

    Raises:
        MediumFault: it is none that can be read, or is too large to be unfolded.
    """
    frame = Frame(order.side, order.pixels, order.fewest)
    try:
        with Image.open(io.BytesIO(given), formats=_FORMATS) as image:
            refuse_bomb(*image.size, order.most_source)
            is_exact = order.clear or image.format not in _LOSSY
            image.draft("RGB", (order.side, order.side))  # a JPEG is unfolded to what is needed
            upright = ImageOps.exif_transpose(image)
            plain = fit(coloured(upright) if order.clear else opaque(upright), frame)
            said = _said(image, order.texts)
    except UnidentifiedImageError as error:
        raise MediumFault("it is cut off, or no PNG, JPEG, GIF, WebP or BMP") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise MediumFault(f"it is damaged ({error})") from error
    return [Piece(picture=encoded(plain, exact=is_exact, said=said))]


def _said(image: Image.Image, names: Sequence[str]) -> PngImagePlugin.PngInfo:
    """The texts of these names in a picture that has been read to its end."""
    said = PngImagePlugin.PngInfo()
    for name in names:
        if isinstance(image, PngImagePlugin.PngImageFile):
            text = image.text.get(name)
        else:
            text = told(image.info.get("xmp", b""), name)
        if text is not None:
            said.add_itxt(name, str(text), zip=True)
    return said


if __name__ == "__main__":
    work(Picture, made_plain)
