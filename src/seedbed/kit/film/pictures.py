"""A frame in red, green and blue as the picture that a codec takes.

Floor 1. The common form, eight bits with halved colours, is made by three plain operations over
whole planes, in BT.709 and its limited range. It is within one level of the exact value, and takes
half of the time that the general converter does. What is made is overwritten by the next one: a
codec has taken a picture when it returns.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import av
import cv2
import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from numpy.typing import NDArray

from seedbed.kit.film.form import Form

Frame: TypeAlias = NDArray[np.uint8]
"""Bytes of (height, width, 3), in red, green and blue."""
Take: TypeAlias = Callable[[Frame], VideoFrame]

_RED, _BLUE = 0.2126, 0.0722
_LUMA = np.array([_RED, 1 - _RED - _BLUE, _BLUE])
_MATRIX = np.array(
    [
        [*(_LUMA * 219 / 255), 16],
        [*((np.array([0, 0, 1]) - _LUMA) * 224 / 255 / 2 / (1 - _BLUE)), 128],
        [*((np.array([1, 0, 0]) - _LUMA) * 224 / 255 / 2 / (1 - _RED)), 128],
    ],
    dtype=np.float32,
)
"""What makes brightness and the two colours of BT.709 of a pixel."""


def taking(form: Form) -> Take:
    """What makes pictures for that form."""
    pixels = form.coder.pixels[form.depth]
    if pixels == "pal8":
        return Palettes(form)
    if pixels == "yuv420p":
        return Planes(form)
    return Reformatted(pixels)


class Planes:
    """Makes pictures of eight bits with halved colours."""

    def __init__(self, form: Form) -> None:
        width, height = form.width, form.height
        self._picture = VideoFrame(width, height, "yuv420p")
        self._whole = np.empty((height, width, 3), np.uint8)
        self._half = np.empty((height // 2, width // 2, 3), np.uint8)
        self._planes = [
            np.frombuffer(cast(Any, plane), np.uint8).reshape(-1, plane.line_size)[:, : plane.width]
            for plane in self._picture.planes
        ]
        tag(self._picture)

    def __call__(self, frame: Frame) -> VideoFrame:
        """The picture of a frame."""
        bright, blue, red = self._planes
        half = self._half
        cv2.transform(frame, _MATRIX, dst=self._whole)
        cv2.resize(self._whole, half.shape[1::-1], dst=half, interpolation=cv2.INTER_AREA)
        cv2.extractChannel(self._whole, 0, dst=bright)
        cv2.extractChannel(half, 1, dst=blue)
        cv2.extractChannel(half, 2, dst=red)
        return self._picture


class Reformatted:
    """Makes pictures of any other format by the library's converter."""

    def __init__(self, pixels: str) -> None:
        self._pixels, self._reformatter = pixels, VideoReformatter()
        self._is_rgb = not pixels.startswith("yuv")

    def __call__(self, frame: Frame) -> VideoFrame:
        """The picture of a frame."""
        source = VideoFrame.from_numpy_buffer(np.ascontiguousarray(frame), format="rgb24")
        if self._is_rgb:
            return self._reformatter.reformat(source, format=self._pixels)
        made = self._reformatter.reformat(
            source,
            format=self._pixels,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        tag(made)
        return made


class Palettes:
    """Makes pictures with the 256 colours that suit each best."""

    def __init__(self, form: Form) -> None:
        self._graph = graph = Graph()
        source = graph.add_buffer(
            width=form.width,
            height=form.height,
            format=av.VideoFormat("rgb24"),
            time_base=1 / form.rate,
        )
        split = graph.add("split")
        chosen = graph.add("palettegen", "stats_mode=single:reserve_transparent=0")
        used = graph.add("paletteuse", "new=1:dither=sierra2_4a")
        sink = graph.add("buffersink")
        source.link_to(split)
        split.link_to(used, 0, 0)
        split.link_to(chosen, 1, 0)
        chosen.link_to(used, 0, 1)
        used.link_to(sink)
        graph.configure()

    def __call__(self, frame: Frame) -> VideoFrame:
        """The picture of a frame."""
        self._graph.vpush(VideoFrame.from_ndarray(frame, format="rgb24"))
        return self._graph.vpull()


def tag(picture: VideoFrame) -> None:
    """Say that a picture is in BT.709, in the limited range."""
    picture.colorspace = Colorspace.ITU709
    picture.color_range = ColorRange.MPEG
    picture.color_primaries = ColorPrimaries.BT709
    picture.color_trc = ColorTrc.BT709
