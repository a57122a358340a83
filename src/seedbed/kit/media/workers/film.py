"""Frames of a film, each with its moment.

Floor 1. The container is told and not guessed: one that only names other files is not among them.
A film of unknown length, or of another than it says, is thinned out as it turns out longer. Where
frames lie far apart, what is between them is skipped.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import av
import av.error
from av.codec import CodecContext
from av.container import InputContainer
from av.subtitles import stream as subtitles
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Film, Piece
from seedbed.kit.media.sizes import Frame, Sampling
from seedbed.kit.media.workers.confined import work
from seedbed.kit.media.workers.plain import encoded, fit, refuse_bomb

_FAR = 4.0
"""Seconds between two frames from which on it pays to skip what is between them."""
_SLACK = 0.001

Timed: TypeAlias = tuple[float, VideoFrame]
LOADED = (subtitles,)
"""What would be looked for at the first film, when no file can be opened any more."""
Image.preinit()  # reads files, which can be done now


@dataclass(slots=True)
class _Kept:
    """The frames that are kept: one for each step, and half of them when there are too many."""

    sampling: Sampling
    step: float
    frames: list[tuple[float, Image.Image]] = field(default_factory=list[tuple[float, Image.Image]])

    def wants(self, at: float) -> bool:
        """Whether a step has gone by since the last one."""
        return not self.frames or at >= self.frames[-1][0] + self.step - _SLACK

    def keep(self, at: float, image: Image.Image) -> None:
        """Keep one more."""
        bound = self.sampling.pixels(1)
        self.frames.append((at, fit(image, Frame(max(image.size), bound))))
        if len(self.frames) > self.sampling.most:
            del self.frames[1::2]
            self.step *= 2

    def pieces(self) -> list[Piece]:
        """All of them, as small as so many must be."""
        bound = self.sampling.pixels(len(self.frames))
        return [
            Piece(picture=encoded(fit(image, Frame(max(image.size), bound)), exact=False), at=at)
            for at, image in self.frames
        ]


def sampled(given: bytes, order: Film) -> list[Piece]:
    """The frames. Of a film that breaks off there are those before, and a last piece says so.

    Raises:
        MediumFault: it is none that can be read, or its pictures are too large to be unfolded.
    """
    sampling = Sampling(
        order.fps, order.frames, order.tokens, order.least_tokens, order.most_tokens
    )
    is_whole = True
    try:
        with opened(given, order.container) as container:
            stream = _stream(container, order)
            seconds = container.duration / av.time_base if container.duration else 0.0
            kept = _Kept(sampling, sampling.step(seconds))
            try:
                _sample(container, stream, kept, seconds, order)
            except av.error.FFmpegError:
                is_whole = False
    except av.error.FFmpegError as error:
        raise MediumFault(f"it is damaged ({error.strerror})") from error
    if not kept.frames:
        raise MediumFault("no frame of it can be read")
    return [*kept.pieces(), *(() if is_whole else (Piece(is_last=True),))]


def opened(given: bytes, kind: str) -> InputContainer:
    """The medium as that kind of container, which names no other file."""
    nowhere = {"protocol_whitelist": "none"}
    opened = av.open(io.BytesIO(given), format=kind, options=nowhere, metadata_errors="replace")
    return cast(InputContainer, opened)


def _stream(container: InputContainer, order: Film) -> VideoStream:
    if not container.streams.video:
        raise MediumFault("it holds no pictures")
    stream = container.streams.video[0]
    codec = cast(CodecContext | None, stream.codec_context)
    if codec is None:
        raise MediumFault("its pictures are written in a way that is not read here")
    codec.thread_count = 1
    refuse_bomb(stream.width, stream.height, order.most_source)
    return stream


def _sample(
    container: InputContainer, stream: VideoStream, kept: _Kept, seconds: float, order: Film
) -> None:
    is_far = kept.step >= _FAR
    frames = _far(container, stream, kept, seconds) if is_far else _all(container, stream)
    for at, frame in frames:
        if kept.wants(at):
            refuse_bomb(frame.width, frame.height, order.most_source)
            kept.keep(at, _upright(frame))


def _upright(frame: VideoFrame) -> Image.Image:
    untyped: Any = frame
    image = cast(Image.Image, untyped.to_image())
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _all(container: InputContainer, stream: VideoStream) -> Iterator[Timed]:
    """Every frame, with its seconds since the first."""
    start = None
    for count, frame in enumerate(container.decode(stream)):
        moment = float(count) if frame.pts is None else frame.time
        start = moment if start is None else start
        yield moment - start, frame


def _far(
    container: InputContainer, stream: VideoStream, kept: _Kept, seconds: float
) -> Iterator[Timed]:
    """One frame for each step of a film of that length."""
    start = float((stream.start_time or 0) * (stream.time_base or 1))
    for ordinal in range(kept.sampling.most):
        wanted = ordinal * kept.step
        if wanted >= seconds:
            return
        container.seek(round((start + wanted) * av.time_base))
        found = None
        for frame in container.decode(stream):
            found = frame
            if frame.pts is None or frame.time - start >= wanted - _SLACK:
                break
        if found is not None:
            yield wanted if found.pts is None else max(0.0, found.time - start), found


if __name__ == "__main__":
    work(Film, sampled)
