"""Pixels: a sheet that is drawn on, and pictures that are put on it, turned and scaled.

Floor 3. Pixels are rows of red, green, blue and alpha, with the colours multiplied by alpha as
skia has them. Skia draws vectors fast and scaled pictures slowly; those are scaled by OpenCV.
"""

import math
from typing import TypeAlias, cast

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
_SMOOTH = cv2.INTER_LINEAR


class Sheet:
    """Pixels with a canvas to draw on them."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.pixels: Pixels = np.zeros((height, width, 4), np.uint8)
        info = skia.ImageInfo.Make(width, height, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        self._surface = skia.Surface.MakeRasterDirect(info, self.pixels)
        self.canvas = self._surface.getCanvas()

    def touched(self) -> None:
        """Tell skia that its pixels were changed by others."""
        self._surface.notifyContentWillChange(
            skia.Surface.ContentChangeMode.kRetain_ContentChangeMode
        )

    def opaque(self) -> Pixels:
        """A copy as rows of red, green and blue."""
        return cast("Pixels", cv2.cvtColor(self.pixels, cv2.COLOR_RGBA2RGB))

    def clear(self) -> Pixels:
        """A copy whose colours are not multiplied by alpha."""
        alpha = self.pixels[:, :, 3:].astype(np.float32)
        colours = self.pixels[:, :, :3] * (255.0 / np.maximum(alpha, 1.0))
        whole = np.concatenate([np.minimum(colours + 0.5, 255.0), alpha], axis=2)
        return whole.astype(np.uint8)


def taken(image: skia.Image) -> Pixels:
    """The pixels of a picture."""
    info = skia.ImageInfo.Make(
        image.width(), image.height(), skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType
    )
    pixels: Pixels = np.zeros((image.height(), image.width(), 4), np.uint8)
    image.readPixels(info, pixels, 4 * image.width(), 0, 0)
    return pixels


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """As large as that; without a shimmer where it becomes smaller."""
    if pixels.shape[:2] == (height, width):
        return pixels
    smaller = width * height < pixels.shape[0] * pixels.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return cast("Pixels", cv2.resize(pixels, (width, height), interpolation=how))


def put(canvas: skia.Canvas, pixels: Pixels, matrix: skia.Matrix, opacity: float = 1.0) -> None:
    """Draw a picture where the matrix puts it; exactly, pixel on pixel, where it is only moved."""
    paint = skia.Paint(Alphaf=opacity)
    plain = matrix.isTranslate() or matrix.isIdentity()
    if plain:
        x, y = round(matrix.getTranslateX()), round(matrix.getTranslateY())
        canvas.drawImage(_image(pixels), x, y, skia.SamplingOptions(), paint)
        return
    bounds = matrix.mapRect(skia.Rect.MakeWH(pixels.shape[1], pixels.shape[0]))
    if not bounds.intersect(skia.Rect.Make(canvas.getDeviceClipBounds())):
        return
    left, top = math.floor(bounds.left()), math.floor(bounds.top())
    size = math.ceil(bounds.right()) - left + 1, math.ceil(bounds.bottom()) - top + 1
    way = _affine(matrix) - np.array([[0, 0, left], [0, 0, top]], np.float32)
    moved = cv2.warpAffine(pixels, way, size, flags=_SMOOTH)
    canvas.drawImage(_image(cast("Pixels", moved)), left, top, skia.SamplingOptions(), paint)


def fill(sheet: Sheet, pixels: Pixels, matrix: skia.Matrix) -> None:
    """Fill the sheet with a picture that is larger than it, where the matrix puts that."""
    size = sheet.width, sheet.height
    if matrix.isTranslate() or matrix.isIdentity():
        left, top = round(-matrix.getTranslateX()), round(-matrix.getTranslateY())
        np.copyto(sheet.pixels, pixels[top : top + size[1], left : left + size[0]])
        sheet.touched()
        return
    cv2.warpAffine(
        pixels,
        _affine(matrix),
        size,
        dst=sheet.pixels,
        flags=_SMOOTH,
        borderMode=cv2.BORDER_REPLICATE,
    )
    sheet.touched()


def _affine(matrix: skia.Matrix) -> NDArray[np.float32]:
    """As OpenCV writes it; whose pixels lie on whole numbers, while skia's lie between them."""
    a, c, x = matrix.getScaleX(), matrix.getSkewX(), matrix.getTranslateX()
    b, d, y = matrix.getSkewY(), matrix.getScaleY(), matrix.getTranslateY()
    x += (a + c) / 2 - 0.5
    y += (b + d) / 2 - 0.5
    return np.array([[a, c, x], [b, d, y]], np.float32)


def _image(pixels: Pixels) -> skia.Image:
    return skia.Image.fromarray(
        pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType, copy=False
    )
