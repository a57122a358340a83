"""One shot while it is drawn: its layers, each as it lies at a moment.

Floor 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import skia

from seedbed.core.scene.layers import AnyLayer, Backdrop, Mask, Picture, Shape, Subject, Text
from seedbed.core.scene.scene import Shot
from seedbed.engines.drafting.art import Art
from seedbed.engines.drafting.brush import polygon
from seedbed.engines.drafting.filling import covered, filled
from seedbed.engines.drafting.frames import Pixels, Sheet, put, taken
from seedbed.engines.drafting.habits import Pose
from seedbed.engines.drafting.horizons import LAMPS
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.moves import pose
from seedbed.engines.drafting.pictures import fitted
from seedbed.engines.drafting.placing import Size, covering, is_ground, kept, looked, placed, sharp
from seedbed.engines.drafting.scenery import Scenery
from seedbed.engines.drafting.shapes import paint_shape

_SHADOW = 0.28


@dataclass(frozen=True, slots=True)
class Props:
    """What a shot is drawn with; `pictures` by the ids of their references."""

    art: Art
    lettering: Lettering
    pictures: Mapping[str, skia.Image]
    seed: int


class Playing:
    """A shot on a sheet of so many pixels."""

    def __init__(self, shot: Shot, size: Size, props: Props) -> None:
        self._shot, self._size, self._props = shot, size, props
        self._layers = [covering(layer, shot.camera) for layer in shot.layers]
        self._clips = {
            layer.of: layer
            for layer in self._layers
            if isinstance(layer, Mask) and layer.use == "clip"
        }
        self._kept: dict[str, Pixels] = {}
        self._grounds: dict[str, Scenery] = {}
        loose = [place for place, layer in enumerate(self._layers) if not layer.fixed]
        self._front = max(loose, default=-1)

    def draw(self, sheet: Sheet, share: float, seconds: float, *, alpha: bool = False) -> None:
        """Draw all layers as they lie when that share of the shot is over; no backdrops, if the
        ground is to stay clear.
        """
        for place, layer in enumerate(self._layers):
            is_seen = layer.since <= share < layer.until or share == layer.until == 1.0
            if is_seen and not (alpha and isinstance(layer, Backdrop)):
                self._layer(sheet, layer, share, seconds)
            if place == self._front and not alpha:
                self._fronts(sheet, share, seconds)

    def _layer(self, sheet: Sheet, layer: AnyLayer, share: float, seconds: float) -> None:
        if isinstance(layer, Backdrop) and is_ground(layer) and layer.id not in self._clips:
            self._ground(layer).fill(sheet, share, seconds)
            return
        how = pose(layer, share, seconds)
        if how.opacity == 0 or how.scale == 0:
            return
        canvas = sheet.canvas
        saved = canvas.save()
        if (clip := self._clips.get(layer.id)) is not None:
            canvas.clipPath(self._area(clip, share, seconds), skia.ClipOp.kIntersect, True)
        matrix = placed(layer.box, how, looked(layer, self._shot.camera, share), self._size)
        if layer.flip and not isinstance(layer, Subject):
            matrix.preTranslate(layer.box.width * self._size[0], 0)
            matrix.preScale(-1, 1)
        match layer:
            case Subject():
                self._subject(canvas, layer, matrix, (share, how))
            case Shape():
                self._shape(canvas, layer, matrix, how.opacity)
            case Backdrop():
                self._backdrop(canvas, layer, matrix, (seconds, how.opacity))
            case Picture() | Text():
                self._pixels(canvas, layer, matrix, how.opacity)
            case Mask():
                pass
        canvas.restoreToCount(saved)

    def _subject(
        self, canvas: skia.Canvas, layer: Subject, matrix: skia.Matrix, at: tuple[float, Pose]
    ) -> None:
        share, how = at
        drawing = self._props.art[layer.what]
        box = self._box(layer)
        if layer.shadow:
            rest = pose(layer, share, 0.0)
            lifted = min(1.0, max(0.0, rest.y - how.y) / max(1e-6, layer.box.height))
            seen = looked(layer, self._shot.camera, share)
            canvas.save()
            canvas.concat(placed(layer.box, rest, seen, self._size))
            opacity = _SHADOW * how.opacity * (1 - 0.75 * lifted)
            drawing.shadow(canvas, box, opacity=opacity, flip=layer.flip)
            canvas.restore()
        canvas.concat(matrix)
        tint = layer.colour and layer.colour[:7]
        drawing.paint(canvas, box, tint=tint, opacity=how.opacity, flip=layer.flip)

    def _shape(
        self, canvas: skia.Canvas, layer: Shape, matrix: skia.Matrix, opacity: float
    ) -> None:
        if opacity < 1:
            canvas.saveLayerAlpha(None, round(255 * opacity))
        canvas.concat(matrix)
        paint_shape(canvas, layer, self._box(layer), self._size[1])

    def _backdrop(
        self, canvas: skia.Canvas, layer: Backdrop, matrix: skia.Matrix, at: tuple[float, float]
    ) -> None:
        seconds, opacity = at
        if opacity < 1:
            canvas.saveLayerAlpha(None, round(255 * opacity))
        self._ground(layer).draw(canvas, matrix, seconds)

    def _pixels(
        self, canvas: skia.Canvas, layer: Picture | Text, matrix: skia.Matrix, opacity: float
    ) -> None:
        if layer.id not in self._kept:
            self._kept[layer.id] = self._made(layer)
        if (grows := sharp(layer)) != 1:
            matrix.preScale(1 / grows, 1 / grows)
        put(canvas, self._kept[layer.id], matrix, opacity)

    def _made(self, layer: Picture | Text) -> Pixels:
        """A picture or a text as pixels of its box."""
        width, height, tall = kept(layer, self._size)
        if isinstance(layer, Picture):
            whole = fitted(layer, self._props.pictures[layer.reference], width, height)
            return self._emptied(layer, whole)
        return taken(self._props.lettering.set(layer.text, layer.type, width, height, tall))

    def _emptied(self, layer: Picture, pixels: Pixels) -> Pixels:
        """A picture with its removed parts filled from around them."""
        for mask in self._shot.layers:
            if not isinstance(mask, Mask) or (mask.use, mask.of) != ("remove", layer.id):
                continue
            pixels = filled(pixels, covered(mask, layer.box, pixels.shape[1], pixels.shape[0]))
        return pixels

    def _ground(self, layer: Backdrop) -> Scenery:
        if layer.id not in self._grounds:
            lit = any(isinstance(one, Subject) and one.what in LAMPS for one in self._layers)
            made = Scenery(layer, self._shot.camera, self._size, self._props.seed, lamps=not lit)
            self._grounds[layer.id] = made
        return self._grounds[layer.id]

    def _fronts(self, sheet: Sheet, share: float, seconds: float) -> None:
        for scenery in self._grounds.values():
            if is_ground(scenery.backdrop):
                scenery.front(sheet.canvas, share, seconds)

    def _area(self, mask: Mask, share: float, seconds: float) -> skia.Path:
        """What is seen through a mask, on the sheet."""
        width, height = self._size
        if mask.points:
            path = polygon((point.x * width, point.y * height) for point in mask.points)
            path.offset(-mask.box.x * width, -mask.box.y * height)
        else:
            path = skia.Path()
            path.addRect(self._box(mask))
        seen = looked(mask, self._shot.camera, share)
        path.transform(placed(mask.box, pose(mask, share, seconds), seen, self._size))
        return path

    def _box(self, layer: AnyLayer) -> skia.Rect:
        width, height = self._size
        return skia.Rect.MakeWH(layer.box.width * width, layer.box.height * height)
