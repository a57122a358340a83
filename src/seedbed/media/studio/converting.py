"""Films in another form, and pictures made larger.

Floor 5. In the process of an order alone.
"""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from seedbed.engines.drafting.carrying import said
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.enlarge import Enlarger
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.form import Form
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.probing import probe
from seedbed.kit.film.read import frames
from seedbed.kit.film.scale import resized
from seedbed.media.studio.assembling import Tell, facts, signed
from seedbed.media.studio.orders import Convert, Enlarge

_QUALITY = 92


def converted(order: Convert, tell: Tell) -> dict[str, object]:
    """The facts of a film that was written in another form.

    Raises:
        FilmFault: it is damaged, or is not written in that form.
        NoRoom: the disk is full.
    """
    path, out = Path(order.film), Path(order.out)
    about = probe(path)
    form = Form(
        about.width, about.height, fps=about.fps, codec=order.codec, container=order.container
    )
    with Encoder(out, form) as encoder:
        for frame in frames(path):
            encoder.write(frame)
            tell(encoder.frames / max(1, about.frames), "converted")
    signed(out, order.told)
    return facts(out)


def enlarged(order: Enlarge) -> dict[str, object]:
    """The facts of a picture that was made larger; what a PNG says of itself stays with it.

    Raises:
        FilmFault: it is no picture, has a clear ground, or there is no net.
    """
    out, (frame, words) = Path(order.out), _opened(Path(order.picture))
    height, width = (order.factor * side for side in frame.shape[:2])
    large = Enlarger(order.factor).enlarged(frame) if order.by_net else None
    picture = Image.fromarray(resized(frame, width, height) if large is None else large)
    try:
        picture.save(out, quality=_QUALITY, pnginfo=words)
    except (OSError, ValueError) as error:
        raise FilmFault(f"it cannot be written ({error})") from error
    signed(out, order.told)
    return {"width": width, "height": height}


def _opened(path: Path) -> tuple[Frame, PngInfo]:
    """A picture, and what it says of itself."""
    try:
        with Image.open(path) as picture:
            clear = picture.convert("RGBA").getchannel("A").getextrema()
            if clear != (255, 255):
                raise FilmFault("its ground is clear, and only whole pictures are made larger")
            return np.asarray(picture.convert("RGB")), said(picture)
    except (UnidentifiedImageError, OSError) as error:
        raise FilmFault("it is no picture that is read here") from error
