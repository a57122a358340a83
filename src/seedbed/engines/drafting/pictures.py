"""Pictures that are referred to: the part that is meant, fitted into a box, its corners rounded.

Floor 3.
"""

import numpy as np
import skia

from seedbed.core.scene.layers import Picture
from seedbed.core.scene.measures import WHOLE
from seedbed.engines.drafting.brush import plain
from seedbed.engines.drafting.frames import Pixels, Sheet, resized, taken


def fitted(picture: Picture, image: skia.Image, width: int, height: int) -> Pixels:
    """The pixels of a picture for a box of that size; clear where the picture does not reach."""
    pixels = _part(picture, taken(image))
    tall, wide = pixels.shape[:2]
    match picture.fit:
        case "stretch":
            whole = resized(pixels, width, height)
        case "cover":
            by = max(width / wide, height / tall)
            whole = _middle(
                resized(pixels, *_sides(wide, tall, by, (width, height))), width, height
            )
        case "contain":
            by = min(width / wide, height / tall)
            inner = resized(pixels, max(1, round(wide * by)), max(1, round(tall * by)))
            whole = np.zeros((height, width, 4), np.uint8)
            top, left = (height - inner.shape[0]) // 2, (width - inner.shape[1]) // 2
            whole[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return _rounded(whole, picture.radius) if picture.radius else whole


def _part(picture: Picture, pixels: Pixels) -> Pixels:
    part = picture.part
    if part is None or not WHOLE.overlaps(part):
        return pixels
    tall, wide = pixels.shape[:2]
    left, top = round(max(0.0, part.x) * wide), round(max(0.0, part.y) * tall)
    right = max(left + 1, round(min(1.0, part.x + part.width) * wide))
    bottom = max(top + 1, round(min(1.0, part.y + part.height) * tall))
    return np.ascontiguousarray(pixels[min(top, tall - 1) : bottom, min(left, wide - 1) : right])


def _sides(wide: int, tall: int, by: float, least: tuple[int, int]) -> tuple[int, int]:
    return max(least[0], round(wide * by)), max(least[1], round(tall * by))


def _middle(pixels: Pixels, width: int, height: int) -> Pixels:
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


def _rounded(pixels: Pixels, radius: float) -> Pixels:
    tall, wide = pixels.shape[:2]
    sheet = Sheet(wide, tall)
    corner = radius * min(wide, tall) / 2
    sheet.canvas.drawRoundRect(skia.Rect.MakeWH(wide, tall), corner, corner, plain("#ffffff"))
    edge = sheet.pixels[:, :, 3:].astype(np.uint16)
    return ((pixels * edge + 127) // 255).astype(np.uint8)
