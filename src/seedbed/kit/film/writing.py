"""A file of the library's that is there whole or not at all.

Floor 1. Written beside its place and renamed over it at the end; what fails, a full disk above all,
leaves nothing behind and is told in a sentence.
"""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias, cast

import av
import av.error
from av.video.stream import VideoStream

from seedbed.kit import atomic
from seedbed.kit.film.errors import FilmFault, NoRoom

Target: TypeAlias = Path | BinaryIO
"""Where to, or a file that can be written from its place on and gone back in."""
_MUXERS = {"png": "image2pipe"}
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BUFFER = 1 << 20


class Coded(Protocol):
    """A stream that is encoded here, as far as it is used."""

    width: int
    height: int
    pix_fmt: str | None
    codec_context: Any

    def encode(self, frame: object) -> list[Any]:
        """The packets that are ready; without a frame all that are left."""
        ...


class Out(Protocol):
    """What is filled: the library's container, as far as it is used here."""

    def add_stream(self, codec_name: str, rate: Fraction | int = ..., **more: object) -> Coded:
        """A stream that is encoded here."""
        ...

    def add_stream_from_template(self, template: VideoStream, *, opaque: bool) -> VideoStream:
        """A stream whose packets are copied."""
        ...

    def mux_one(self, packet: object) -> None:
        """Write a packet."""
        ...

    def close(self) -> None:
        """Write the end."""
        ...


@contextmanager
def written(target: Target, container: str) -> Generator[Out]:
    """A container to be filled, which is closed and put in its place at the end of the block.

    Raises:
        NoRoom: the disk is full.
        FilmFault: what was put into it cannot be kept there.
    """
    with _told(), _file(target) as file:
        kept = _Kept(file)
        muxer = _MUXERS.get(container, container)
        out = cast(Out, av.open(kept, "w", muxer, buffer_size=_BUFFER))
        try:
            yield out
            out.close()
        except BaseException:
            kept.closed = True  # so that no end is written
            out.close()
            kept.check()
            raise
        kept.check()


@contextmanager
def _told() -> Generator[None]:
    """Faults of the library and of the disk as ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(f"the disk has no room for it ({error.strerror}); make some") from error
        raise FilmFault(f"it cannot be written ({error.strerror})") from error
    except av.error.FFmpegError as error:
        raise FilmFault(f"it cannot be written ({error.strerror})") from error


@contextmanager
def _file(target: Target) -> Generator[BinaryIO]:
    if not isinstance(target, Path):
        yield target
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            yield file
        atomic.move(beside, target)
    finally:
        beside.unlink(missing_ok=True)


class _Kept:
    """A file that the library may not close, and that remembers how it failed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._fault: OSError | None = None
        self.closed = False
        self.seek, self.tell = file.seek, file.tell

    def write(self, data: bytes) -> int:
        """Write all of it."""
        try:
            return self._file.write(data)
        except OSError as error:
            self._fault = self._fault or error
            raise

    def check(self) -> None:
        """Raise what went wrong: the library tells of it late, and in other words."""
        if self._fault is not None:
            raise self._fault
