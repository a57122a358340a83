"""A file is opened, and told what it is, without a look at its pictures.

Floor 1. A container that does not say how many frames it has is gone through for them.
"""

from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import av.error
from av.codec import CodecContext
from av.container import InputContainer
from av.video.stream import VideoStream

from seedbed.kit.film.about import About
from seedbed.kit.film.errors import FilmFault

_BITS = 8
_CONTAINERS = (
    *("mov", "matroska", "gif", "avi", "flv", "mpegts"),
    *("wav", "mp3", "ogg", "flac", "aac"),
    *("image2", "png_pipe", "apng", "jpeg_pipe", "webp_pipe", "bmp_pipe"),
)
"""What is opened. A list that names other files, or addresses, is none of them."""
_HERE = {"format_whitelist": ",".join(_CONTAINERS), "protocol_whitelist": "file"}


def probe(path: Path) -> About:
    """What is in a file of this house's own; those of strangers are looked at in the workshop.

    Raises:
        FilmFault: it is empty, damaged, or no film, still or sound.
    """
    with opened(path) as container:
        return about(container)


@contextmanager
def opened(path: Path) -> Generator[InputContainer]:
    """A file to be read; what the library finds wrong with it is told as ours.

    Raises:
        FilmFault: it is empty, or damaged.
    """
    try:
        if not path.stat().st_size:
            raise FilmFault("it has no byte")
        with av.open(str(path), "r", options=_HERE, metadata_errors="replace") as container:
            yield container
    except av.error.FFmpegError as error:
        raise FilmFault(f"it is damaged, or cut off ({error.strerror})") from error
    except OSError as error:
        raise FilmFault(f"it cannot be opened ({error.strerror})") from error


def about(container: InputContainer) -> About:
    """What is in a container that is open, at its beginning.

    Raises:
        FilmFault: it holds neither pictures nor sound.
    """
    streams = container.streams
    if not streams.video and not streams.audio:
        raise FilmFault("it holds neither pictures nor sound")
    seconds = container.duration / av.time_base if container.duration else 0.0
    sound = streams.audio[0] if streams.audio else None
    heard = sound is not None and has_codec(sound)
    seen = _seen(container, streams.video[0]) if streams.video else About()
    return About(
        codec=seen.codec,
        width=seen.width,
        height=seen.height,
        fps=seen.fps,
        frames=seen.frames,
        depth=seen.depth,
        seconds=seen.seconds or seconds,
        sound=sound.codec_context.codec.canonical_name if sound and heard else "",
        sound_rate=sound.rate if sound and heard else 0,
        channels=sound.channels if sound and heard else 0,
        subtitles=len(streams.subtitles),
    )


def has_codec(stream: object) -> bool:
    """Whether the library at hand reads what a stream is written in."""
    return cast(CodecContext | None, getattr(stream, "codec_context", None)) is not None


def _seen(container: InputContainer, stream: VideoStream) -> About:
    if not has_codec(stream):
        raise FilmFault("its pictures are written in a way that is not read here")
    fps = Fraction(stream.average_rate or 0)
    frames = stream.frames or sum(1 for packet in container.demux(stream) if packet.size)
    bits = [part.bits for part in stream.format.components]
    return About(
        codec=stream.codec_context.codec.canonical_name,
        width=stream.width,
        height=stream.height,
        fps=fps,
        frames=frames,
        depth=max(bits, default=_BITS),
        seconds=float(frames / fps) if fps else 0.0,
    )
