"""Where a layer comes to lie on a sheet of so many pixels.

Floor 3.
"""

from dataclasses import replace

import skia

from seedbed.core.scene.layers import AnyLayer, Backdrop, Picture, Shape, Text
from seedbed.core.scene.measures import WHOLE, Box
from seedbed.core.scene.motion import HELD, Camera
from seedbed.engines.drafting.habits import Pose
from seedbed.engines.drafting.moves import View, view

Size = tuple[int, int]
_LOOKS = 64
_SHARPEST = 2.0
"""How many times larger than its box a picture or text is kept, where it is to grow."""


def placed(box: Box, pose: Pose, seen: View, size: Size) -> skia.Matrix:
    """From a rectangle that begins at 0 and is as large as the box, in pixels, to the sheet."""
    width, height = size
    matrix = viewed(seen, size)
    x, y = box.centre
    matrix.preTranslate((x + pose.x) * width, (y + pose.y) * height)
    matrix.preRotate(pose.turn)
    matrix.preScale(pose.scale / pose.stretch, pose.scale * pose.stretch)
    matrix.preTranslate(-box.width * width / 2, -box.height * height / 2)
    return matrix


def viewed(seen: View, size: Size) -> skia.Matrix:
    """From the canvas as it lies to the canvas as the camera sees it."""
    matrix = skia.Matrix()
    matrix.setTranslate(seen.x * size[0], seen.y * size[1])
    matrix.preScale(seen.scale, seen.scale)
    return matrix


def looked(layer: AnyLayer, camera: Camera, share: float) -> View:
    """How the camera sees a layer; what lies on the glass it does not move."""
    return View() if layer.fixed else view(camera, share, layer.depth)


def reach(camera: Camera, depth: float) -> Box:
    """All of a layer of that depth that is seen while the camera moves."""
    views = [view(camera, place / _LOOKS, depth) for place in range(_LOOKS + 1)]
    left = min(-one.x / one.scale for one in views)
    top = min(-one.y / one.scale for one in views)
    right = max((1 - one.x) / one.scale for one in views)
    bottom = max((1 - one.y) / one.scale for one in views)
    return Box(left, top, right - left, bottom - top)


def covering(layer: AnyLayer, camera: Camera) -> AnyLayer:
    """A layer that is to cover the canvas, as large as the camera will have it."""
    if not isinstance(layer, Picture | Shape) or layer.fixed or not layer.box.holds(WHOLE):
        return layer
    if camera == HELD or layer.motion is not None or layer.turn:
        return layer
    need = reach(camera, layer.depth)
    by = 2 * max(
        0.5, 0.5 - need.x, 0.5 - need.y, need.x + need.width - 0.5, need.y + need.height - 0.5
    )
    (x, y), width, height = layer.box.centre, layer.box.width * by, layer.box.height * by
    return replace(layer, box=Box(x - width / 2, y - height / 2, width, height))


def is_ground(layer: AnyLayer) -> bool:
    """Whether it is a backdrop that lies over all of the canvas, as it is."""
    return (
        isinstance(layer, Backdrop)
        and layer.box == WHOLE
        and layer.motion is None
        and layer.opacity == 1.0
        and not layer.turn
        and not layer.fixed
        and not layer.flip
    )


def sharp(layer: Picture | Text) -> float:
    """How many times larger it is kept than its box, for the largest that it will become."""
    keys = layer.motion.keys if layer.motion else ()
    return min(_SHARPEST, max((1.0, *(key.scale for key in keys))))


def kept(layer: Picture | Text, size: Size) -> tuple[int, int, int]:
    """Width and height in pixels that it is kept in, and how high the sheet would be beside it."""
    grows = sharp(layer)
    width, height = (
        max(1, round(grows * share * side))
        for share, side in zip((layer.box.width, layer.box.height), size, strict=True)
    )
    return width, height, round(grows * size[1])
