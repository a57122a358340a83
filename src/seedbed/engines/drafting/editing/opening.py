"""A picture that is to be changed, as a Scene: its own, which it carries, or one that shows it.

Floor 3. A picture that was drawn here has its Scene in it, and is changed as that. One that is
another's, or was painted over or made another size since, or refers to files that are not with it,
is one layer.
"""

import hashlib
import io
from dataclasses import dataclass, replace

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Picture
from seedbed.core.scene.measures import Box
from seedbed.core.scene.regions import Region
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.drafting.carrying import carried
from seedbed.engines.drafting.editing.contours import region_of
from seedbed.engines.drafting.editing.laying import loose
from seedbed.engines.drafting.editing.revising import revised
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.engines.drafting.wire import Order

_LEAST_SIDE = 16
_SMALL = 48
_MOST_REGIONS = 16
_SPECK = 0.0002
"""What share of a mask is too small to be meant, beside larger ones."""
_SHAPE = 0.02
"""By how much the shape of a size may differ from the picture's."""
_PASSED_OVER = "The Scene in the picture is passed over, and nothing known by name: {}."


@dataclass(frozen=True, slots=True)
class Opened:
    """The Scene of a picture; whether parts of it are clear; its colours, very small; and why one
    that it has in it is passed over.
    """

    scene: Scene
    is_clear: bool
    small: NDArray[np.uint8]
    notes: tuple[str, ...] = ()

    def behind(self, box: Box) -> str:
        """The colour, about, that lies in a box: the one in the middle of them."""
        left, top = (max(0, min(_SMALL - 1, int(_SMALL * at))) for at in (box.x, box.y))
        right, bottom = int(_SMALL * (box.x + box.width)), int(_SMALL * (box.y + box.height))
        part = self.small[top : max(top + 1, bottom), left : max(left + 1, right)]
        red, green, blue = np.median(part.reshape(-1, 3), axis=0).astype(int).tolist()
        return f"#{red:02x}{green:02x}{blue:02x}"


def edited(order: Order, planner: Planner) -> tuple[Order, tuple[str, ...]]:
    """An order to change its `base`, as one to draw a Scene; and what is to be told of it.

    Raises:
        RequestMalformed: a file cannot be read, the words are not understood, or the size is of
            another shape.
    """
    base = opened(order.pictures.get(order.base, b""), order.base)
    scene = replace(base.scene, references=(*base.scene.references, *_laid(order)))
    regions = marked(order.pictures.get(order.mask, b"")) if order.mask else ()
    try:
        scene = revised(scene, order.prompt, regions, planner=planner, behind=base.behind)
    except RequestMalformed as error:
        hint = " ".join((error.hint, *base.notes))
        raise RequestMalformed(error.what, hint=hint, field="prompt") from error
    _see_placed(scene)
    made = msgspec.structs.replace(
        order,
        base="",
        mask="",
        laid=(),
        scene=write_scene(scene),
        size=_size(scene.canvas, order),
        clear=order.clear or (base.is_clear and order.format != "jpeg"),
    )
    return made, base.notes


def opened(data: bytes, hash_: str = "") -> Opened:
    """The Scene of a picture in PNG, JPEG or WebP.

    Raises:
        RequestMalformed: it cannot be read.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            image.load()
            (own, why), size, media = carried(image), image.size, image.get_format_mimetype()
            is_clear = image.has_transparency_data
            small = np.asarray(image.convert("RGB").resize((_SMALL, _SMALL)))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unreadable("image", str(error)) from error
    name = hash_ or hashlib.sha256(data).hexdigest()
    notes = (_PASSED_OVER.format(why),) if why else ()
    return Opened(own or _shown(size, name, str(media)), is_clear, small, notes)


def marked(data: bytes) -> tuple[Region, ...]:
    """The parts of a mask that are clear, the largest first.

    Raises:
        RequestMalformed: it cannot be read, or nothing of it is clear, or too many parts are.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "WEBP")) as image:
            alpha = np.asarray(image.convert("RGBA"))[:, :, 3]
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unreadable("mask", str(error)) from error
    height, width = alpha.shape
    clear = np.asarray(alpha < 128, np.uint8)
    contours, _ = cv2.findContours(clear, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = sorted(contours, key=cv2.contourArea, reverse=True)
    speck = _SPECK * width * height
    areas = [one for one in areas if one is areas[0] or cv2.contourArea(one) > speck]
    if not areas:
        raise RequestMalformed(
            f"Nothing of the mask, {width}x{height} pixels, is clear.",
            hint="Make it clear (alpha 0) where the picture is to be changed.",
            field="mask",
        )
    if len(areas) > _MOST_REGIONS:
        raise RequestMalformed(
            f"The mask is clear at {len(areas)} places.",
            hint=f"Mark {_MOST_REGIONS} at most.",
            field="mask",
        )
    return tuple(region_of(np.asarray(one, np.int32), width, height) for one in areas)


def _shown(size: tuple[int, int], hash_: str, media: str) -> Scene:
    by = max(1.0, _LEAST_SIDE / min(size))
    canvas = Canvas(round(size[0] * by), round(size[1] * by))
    picture = Picture(id="picture", reference="picture", fit="stretch")
    reference = Reference("picture", "picture", hash_, media)
    return Scene(canvas, (Shot("shot-1", layers=(picture,)),), references=(reference,))


def _laid(order: Order) -> tuple[Reference, ...]:
    return tuple(
        Reference(f"picture-{number}", "picture", hash_, "image/png")
        for number, hash_ in enumerate(order.laid, 2)
    )


def _see_placed(scene: Scene) -> None:
    """See that each picture that came along is somewhere.

    Raises:
        RequestMalformed: one is not.
    """
    if left := loose(scene):
        raise RequestMalformed(
            f"It is not said where {left[0].id.replace('-', ' ')} goes: the first is changed.",
            hint='Say for instance "put the second picture here", with the place marked.',
            field="prompt",
        )


def _size(canvas: Canvas, order: Order) -> tuple[int, int]:
    """How large it is drawn: as it was, as is wanted, or as many pixels as a tier has."""
    shape = canvas.width / canvas.height
    if order.size is None:
        by = order.side / (canvas.width * canvas.height) ** 0.5 if order.side else 1.0
        return round(canvas.width * by), round(canvas.height * by)
    width, height = order.size
    if abs(width / height / shape - 1) > _SHAPE:
        raise RequestMalformed(
            f"The size {width}x{height} is of another shape than the picture, "
            f"{canvas.width}x{canvas.height}.",
            hint="Leave the size out, or keep the shape.",
            field="size",
        )
    return order.size


def _unreadable(what: str, why: str) -> RequestMalformed:
    hint = "Send PNG, JPEG or WebP." if what == "image" else "Send PNG with an alpha channel."
    return RequestMalformed(f"The {what} cannot be read: {why[:200]}.", hint=hint, field=what)
