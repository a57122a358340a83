"""Frames go in one by one, and a film or a still lies there when the last one has.

Floor 1.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.form import Form, available
from seedbed.kit.film.pictures import Frame, Take, taking
from seedbed.kit.film.writing import Coded, Out, Target, written

_THREADS = 4
"""More of them hold more pictures at once, of which one of 4K takes 50 MB."""
_STILLS = frozenset({"png"})
_KEY_SECONDS = 2


@dataclass(slots=True)
class _Open:
    """What is being written."""

    out: Out
    stream: Coded
    take: Take


class Encoder:
    """Writes frames in a form. It is entered, and what it writes is there when it is left well."""

    def __init__(self, target: Target, form: Form, *, threads: int = _THREADS) -> None:
        if form.codec not in available():
            raise FilmFault(f"the library at hand does not write {form.codec} ({form.coder.name})")
        self._target, self._form, self._threads = target, form, threads
        self._exit = ExitStack()
        self._open: _Open | None = None
        self.frames = self._packets = 0

    def __enter__(self) -> Self:
        out = self._exit.enter_context(written(self._target, self._form.container))
        self._open = _Open(out, _stream(out, self._form, self._threads), taking(self._form))
        return self

    def write(self, frame: Frame) -> None:
        """Write the next frame.

        Raises:
            NoRoom: the disk is full.
            FilmFault: it is no frame of this form, or a still is to have a second one.
        """
        form = self._form
        if frame.shape != (form.height, form.width, 3) or frame.dtype != np.uint8:
            wanted = f"({form.height}, {form.width}, 3) bytes"
            raise FilmFault(f"a frame has {wanted}, and this one is {frame.shape} {frame.dtype}")
        if self.frames and form.codec in _STILLS:
            raise FilmFault(f"{form.codec} holds one picture, and this is the second")
        now = self._now()
        picture = now.take(frame)
        picture.pts, picture.time_base = self.frames, 1 / form.rate
        self.frames += 1
        self._mux(now, picture)

    def _mux(self, now: _Open, picture: VideoFrame | None) -> None:
        """Write what is ready. A codec that reorders frames is not asked when each is decoded: of a
        film of a frame or two it does not always know.
        """
        reorders = self._form.coder.reorders
        for packet in now.stream.encode(picture):
            if reorders:
                packet.dts = min(packet.pts, self._packets - reorders)
            self._packets += 1
            now.out.mux_one(packet)

    def _now(self) -> _Open:
        if self._open is None:
            raise FilmFault("frames are written between the beginning and the end of a `with`")
        return self._open

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        now, self._open = self._now(), None
        with self._exit:
            if error is not None:
                raise error
            if not self.frames:
                raise FilmFault("it has no frame; at least one is written")
            self._mux(now, None)


def _stream(out: Out, form: Form, threads: int) -> Coded:
    coder = form.coder
    stream = out.add_stream(coder.name, form.rate, options=form.options(threads))
    stream.width, stream.height = form.width, form.height
    stream.pix_fmt = coder.pixels[form.depth]
    context = stream.codec_context
    context.time_base = Fraction(1, 1) / form.rate
    context.gop_size = form.key_every or max(1, round(_KEY_SECONDS * form.rate))
    if coder.is_halved:
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    if form.codec == "hevc":
        context.codec_tag = "hvc1"  # players of one maker know no other
    return stream
