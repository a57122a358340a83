"""The ground of a shot as it is drawn, frame after frame.

Floor 3. What does not change is recorded once and played back. The farthest plane, whose gradients
cost the most, is kept as pixels where it lies over the whole canvas, and only moved.
"""

import math
from dataclasses import dataclass, replace

import skia

from seedbed.core.scene.layers import Backdrop
from seedbed.core.scene.motion import Camera
from seedbed.engines.drafting.frames import Pixels, Sheet, fill
from seedbed.engines.drafting.grounds import SKIES, ground
from seedbed.engines.drafting.grounds.light import light
from seedbed.engines.drafting.grounds.plane import Live, Plane, Setting
from seedbed.engines.drafting.moves import View, view
from seedbed.engines.drafting.placing import Size, reach, viewed

_NEAREST = 0.85
_MARGIN = 0.02
_LARGEST = 1.6
"""How many times the pixels of the canvas are kept of the farthest plane."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    depth: float
    still: skia.Picture | None
    live: Live | None
    front: bool


class Scenery:
    """One backdrop, for a sheet of so many pixels and a camera; with `lamps` of its own, or without
    where the shot has one.
    """

    def __init__(
        self, backdrop: Backdrop, camera: Camera, size: Size, seed: int, *, lamps: bool = True
    ) -> None:
        self.backdrop = backdrop
        self._camera, self._size = camera, size
        width, height = size
        self._box = backdrop.box.width * width, backdrop.box.height * height
        self._at = replace(_setting(backdrop, camera, self._box, seed), lamps=lamps)
        self._planes = [_recorded(plane, self._at) for plane in ground(backdrop.place, self._at)]
        self._base: Pixels | None = None

    def fill(self, sheet: Sheet, share: float, seconds: float) -> None:
        """Draw it over the whole of a sheet, except for what is before all else."""
        first, *rest = self._planes
        if self._base is None and first.still is not None and self._scale():
            self._base = self._drawn(first.still)
        if self._base is None:
            self._draw(sheet.canvas, self._planes, share, seconds)
            return
        matrix = viewed(self._view(first, share), self._size)
        matrix.preTranslate(self._at.left * self._box[1], self._at.top * self._box[1])
        fill(sheet, self._base, matrix)
        live = _Recorded(first.depth, None, first.live, front=False)
        self._draw(sheet.canvas, [live, *rest], share, seconds)

    def draw(self, canvas: skia.Canvas, matrix: skia.Matrix, seconds: float) -> None:
        """Draw it into its box, where the matrix puts that; nothing outside of it."""
        saved = canvas.save()
        canvas.concat(matrix)
        canvas.clipRect(skia.Rect.MakeWH(*self._box), skia.ClipOp.kIntersect, True)
        canvas.scale(self._box[1], self._box[1])
        for plane in self._planes:
            _play(canvas, plane, seconds)
        canvas.restoreToCount(saved)

    def front(self, canvas: skia.Canvas, share: float, seconds: float) -> None:
        """Draw what is before all that lies in the shot: rain, snow, fog near by."""
        self._draw(canvas, self._planes, share, seconds, front=True)

    def _draw(
        self,
        canvas: skia.Canvas,
        planes: list[_Recorded],
        share: float,
        seconds: float,
        *,
        front: bool = False,
    ) -> None:
        for plane in planes:
            if plane.front == front:
                saved = canvas.save()
                canvas.concat(viewed(self._view(plane, share), self._size))
                canvas.scale(self._box[1], self._box[1])
                _play(canvas, plane, seconds)
                canvas.restoreToCount(saved)

    def _view(self, plane: _Recorded, share: float) -> View:
        own = self.backdrop.depth
        return view(self._camera, share, own + plane.depth * (1 - own))

    def _scale(self) -> bool:
        """Whether the farthest plane is small enough to be kept."""
        at = self._at
        return (at.right - at.left) * (at.bottom - at.top) <= _LARGEST * at.width

    def _drawn(self, still: skia.Picture) -> Pixels:
        at, unit = self._at, self._box[1]
        sheet = Sheet(
            math.ceil((at.right - at.left) * unit) + 1, math.ceil((at.bottom - at.top) * unit) + 1
        )
        sheet.canvas.scale(unit, unit)
        sheet.canvas.translate(-at.left, -at.top)
        sheet.canvas.drawPicture(still)
        return sheet.pixels


def _setting(backdrop: Backdrop, camera: Camera, box: tuple[float, float], seed: int) -> Setting:
    """How far a ground must reach so that the camera never sees beyond it."""
    width = box[0] / box[1]
    seen = [reach(camera, depth) for depth in (0.0, _NEAREST)]
    colours = backdrop.colours
    sky = backdrop.sky or (colours if backdrop.place in SKIES else ())
    return Setting(
        left=min(one.x for one in seen) * width - _MARGIN,
        top=min(one.y for one in seen) - _MARGIN,
        right=max(one.x + one.width for one in seen) * width + _MARGIN,
        bottom=max(one.y + one.height for one in seen) + _MARGIN,
        width=width,
        light=light(backdrop.time, backdrop.weather, sky),
        colours=colours,
        seed=seed + backdrop.seed,
    )


def _recorded(plane: Plane, at: Setting) -> _Recorded:
    if plane.still is None:
        return _Recorded(plane.depth, None, plane.live, plane.front)
    recorder = skia.PictureRecorder()
    plane.still(recorder.beginRecording(at.area))
    return _Recorded(plane.depth, recorder.finishRecordingAsPicture(), plane.live, plane.front)


def _play(canvas: skia.Canvas, plane: _Recorded, seconds: float) -> None:
    if plane.still is not None:
        canvas.drawPicture(plane.still)
    if plane.live is not None:
        plane.live(canvas, seconds)
