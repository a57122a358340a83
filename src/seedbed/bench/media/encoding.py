"""What it costs to encode frames of 3840 x 2160 pixels, by our encoder and by the bare library.

Floor 5. Both are told the same, and encode the same frames, which are made before. Each runs in a
process of its own, so that what it held at most can be told.
"""

import time
from collections.abc import Callable
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import av
import numpy as np

from seedbed.core.scene.layers import Backdrop, Subject
from seedbed.core.scene.measures import Box
from seedbed.core.scene.motion import Camera
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.stage import Stage
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.form import Form
from seedbed.kit.film.pictures import Frame

_AV: Any = av
FORM = Form(3_840, 2_160, fps=60)
_DIFFERENT = 8
"""How many frames differ; they come again and again, since many would fill the memory."""
_THREADS = 4


def drawn(form: Form = FORM, count: int = _DIFFERENT) -> list[Frame]:
    """Frames of a film of the house."""
    fox = Subject(id="fox", what="fox", box=Box(0.4, 0.4, 0.2, 0.4))
    layers = Backdrop(id="ground", place="forest"), fox
    shot = Shot("only", count / 60, layers, camera=Camera("pan", toward="right"))
    scene = Scene(Canvas(form.width, form.height, fps=60), (shot,))
    stage = Stage(scene, art=read_art(), lettering=Lettering(Fonts()), pictures={})
    return [np.array(stage.frame(number)) for number in range(count)]


def ours(path: Path, count: int, form: Form = FORM) -> float:
    """CPU-seconds of so many frames."""

    def encode(frames: list[Frame]) -> None:
        with Encoder(path, form, threads=_THREADS) as encoder:
            for frame in islice(cycle(frames), count):
                encoder.write(frame)

    return _spent(encode, form)


def bare(path: Path, count: int, form: Form = FORM) -> float:
    """CPU-seconds of so many frames, by the library alone."""

    def encode(frames: list[Frame]) -> None:
        with _AV.open(str(path), "w", format="mp4") as out:
            options = dict(form.options(_THREADS))
            stream = out.add_stream(form.coder.name, Fraction(form.rate), options=options)
            stream.width, stream.height, stream.pix_fmt = form.width, form.height, "yuv420p"
            stream.codec_context.gop_size = round(2 * form.rate)
            for frame in islice(cycle(frames), count):
                out.mux(stream.encode(_AV.VideoFrame.from_ndarray(frame, format="rgb24")))
            out.mux(stream.encode(None))

    return _spent(encode, form)


def _spent(encode: Callable[[list[Frame]], None], form: Form) -> float:
    frames = drawn(form)
    begun = time.process_time()
    encode(frames)
    return time.process_time() - begun
