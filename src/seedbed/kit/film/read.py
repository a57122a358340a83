"""The frames of a film of this house's own, one by one.

Floor 1. Those of strangers are taken apart in the workshop, in a process that is confined.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.probing import has_codec, opened

_SLACK = 1e-6


def frames(
    path: Path, *, begin: float = 0.0, end: float | None = None, threads: int = 2
) -> Iterator[Frame]:
    """The frames from a moment in seconds up to another, which is not among them.

    Raises:
        FilmFault: it is empty, damaged, cut off, or holds no pictures.
    """
    with opened(path) as container:
        streams = container.streams.video
        if not streams or not has_codec(streams[0]):
            raise FilmFault("it holds no pictures that are read here")
        stream = streams[0]
        stream.codec_context.thread_count = threads
        reformatter = VideoReformatter()
        for picture in _between(container, stream, begin, end):
            plain = reformatter.reformat(picture, format="rgb24")
            yield cast(Frame, plain.to_ndarray())


def _between(
    container: InputContainer, stream: VideoStream, begin: float, end: float | None
) -> Iterator[VideoFrame]:
    origin = float((stream.start_time or 0) * (stream.time_base or 1))
    if begin > 0:
        container.seek(round((origin + begin) * av.time_base))
    count = 0
    for picture in container.decode(stream):
        count += 1
        at = picture.time - origin
        if end is not None and at >= end - _SLACK:
            return
        if at >= begin - _SLACK:
            yield picture
    if begin <= 0 and count < max(1, stream.frames):
        raise FilmFault(f"it breaks off after {count:,} of {max(1, stream.frames):,} frames")
