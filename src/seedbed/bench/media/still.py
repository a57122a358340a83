"""What a still of 2048 x 2048 pixels costs: five strings in three scripts on a drawn ground.

Floor 5. Beside it Skia alone, which sets the same strings on a plain ground; Pillow writes the same
kind of file of both. Run in a process of its own; what a process needs once is made before.
"""

import io
import time
from typing import Any

import numpy as np
import skia
from PIL import Image

from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import AnyLayer, Backdrop, Subject, Text
from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.engines.drafting.draftsman import Draftsman
from seedbed.engines.drafting.wire import Line, Made, Order

_SKIA: Any = skia
SIDE = 2_048
STRINGS = ("The Harbour at Dusk", "海港的黄昏", "夕暮れの港", "Open 9:00-17:00", "免费入场")
_FAMILY, _EM = "Noto Sans CJK SC", 120


def scene() -> Scene:
    """The still."""
    boxes = [Box(0.1, 0.05 + 0.1 * number, 0.8, 0.08) for number in range(len(STRINGS))]
    lettering = [
        Text(id=f"text-{number}", text=text, box=box)
        for number, (text, box) in enumerate(zip(STRINGS, boxes, strict=True))
    ]
    drawn: list[AnyLayer] = [
        Backdrop(id="ground", place="sea", time="dusk"),
        Subject(id="boat", what="sailboat", box=Box(0.3, 0.6, 0.3, 0.3)),
    ]
    return Scene(Canvas(SIDE, SIDE), (Shot("only", layers=(*drawn, *lettering)),))


def ours() -> float:
    """CPU-seconds of the first still in a process."""
    draftsman, order = Draftsman.ready(), Order(key="", scene=write_scene(scene()))
    said: list[Line] = []
    begun = time.process_time()
    draftsman.draw(order, said.append)
    spent = time.process_time() - begun
    if not isinstance(said[-1], Made):
        raise AssertionError("a still that is drawn ends in a file")
    return spent


def bare() -> float:
    """CPU-seconds of Skia alone, with Pillow for the file."""
    sheet = np.zeros((SIDE, SIDE, 4), np.uint8)
    begun = time.process_time()
    canvas = _SKIA.Canvas(sheet, colorType=_SKIA.kRGBA_8888_ColorType)
    canvas.clear(_SKIA.ColorBLUE)
    font, ink = _SKIA.Font(_SKIA.Typeface(_FAMILY), _EM), _SKIA.Paint(Color=_SKIA.ColorWHITE)
    for number, text in enumerate(STRINGS):
        canvas.drawString(text, _EM, 2 * _EM * (number + 1), font, ink)
    Image.fromarray(sheet[:, :, :3]).save(io.BytesIO(), "png", compress_level=3)
    return time.process_time() - begun
