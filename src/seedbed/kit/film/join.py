"""Pieces of a film put one after the other without being decoded.

Floor 1. A piece begins with a frame that stands by itself and refers to none outside. Its packets
are copied, and their times moved on by exactly as many frames as came before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.form import CODERS
from seedbed.kit.film.probing import has_codec, opened
from seedbed.kit.film.writing import Target, written

Copied: TypeAlias = "Packet[VideoStream]"
_CONTAINERS = {"mp4": "mp4", "matroska": "webm"}
_TAGS = {"hevc": "hvc1"}


@dataclass(frozen=True, slots=True)
class Make:
    """What must be the same in all pieces."""

    container: str
    codec: str
    width: int
    height: int
    pixels: str
    fps: Fraction
    settings: bytes

    def differs(self, other: "Make") -> str:
        """The first thing in which another one differs, in words; empty if in none."""
        facts = (
            ("container", self.container, other.container),
            ("codec", self.codec, other.codec),
            ("size", f"{self.width} x {self.height}", f"{other.width} x {other.height}"),
            ("pixels", self.pixels, other.pixels),
            ("frames a second", self.fps, other.fps),
            ("settings of the codec", self.settings.hex(), other.settings.hex()),
        )
        for name, mine, theirs in facts:
            if mine != theirs:
                return f"the {name}: {str(mine)[:80]} and {str(theirs)[:80]}"
        return ""


def join(pieces: Sequence[Path], out: Target) -> int:
    """Put pieces of one form one after the other; how many frames there are.

    Raises:
        NoRoom: the disk is full.
        FilmFault: there is no piece, one is damaged, or their forms differ.
    """
    if not pieces:
        raise FilmFault("there is no piece to be joined")
    with opened(pieces[0]) as first:
        make = make_of(first)
        with written(out, make.container) as film:
            stream = film.add_stream_from_template(first.streams.video[0], opaque=True)
            settle(stream, make)
            count = 0
            for packet in _packets(pieces, make):
                packet.stream = stream
                film.mux_one(packet)
                count += 1
    return count


def make_of(container: InputContainer) -> Make:
    """How its pictures are written.

    Raises:
        FilmFault: it holds none, or of a kind that is not joined.
    """
    kind = next((kept for name, kept in _CONTAINERS.items() if name in container.format.name), "")
    streams = container.streams.video
    if not kind or not streams or not has_codec(streams[0]):
        raise FilmFault("it is no film in MP4 or WebM, and others are not put together")
    context = streams[0].codec_context
    codec = context.codec.canonical_name
    if codec not in CODERS or kind not in CODERS[codec].containers:
        raise FilmFault(f"{codec} in {kind} is not put together here")
    rate = streams[0].average_rate
    if not rate:
        raise FilmFault("it does not say how many frames a second it has")
    return Make(
        container=kind,
        codec=codec,
        width=context.width,
        height=context.height,
        pixels=context.pix_fmt or "",
        fps=rate,
        settings=context.extradata or b"",
    )


def settle(stream: VideoStream, make: Make) -> None:
    """What a stream that is copied does not take over by itself."""
    if make.codec in _TAGS:
        stream.codec_context.codec_tag = _TAGS[make.codec]


def _packets(pieces: Sequence[Path], make: Make) -> Iterator[Copied]:
    """Those of all pieces, each at its moment in the whole."""
    before = 0
    for number, path in enumerate(pieces, 1):
        with opened(path) as piece:
            differs = make.differs(make_of(piece))
            if differs:
                raise FilmFault(f"piece {number} differs from the first in {differs}")
            count = 0
            for packet in copied(piece, make, before):
                count += 1
                yield packet
        before += count


def copied(piece: InputContainer, make: Make, before: int = 0) -> Iterator[Copied]:
    """The packets of its pictures, as they come after that many frames.

    A codec that reorders frames decodes each so many frames before it is shown, which a piece of a
    frame or two does not say by itself; so the times of decoding are counted anew.
    """
    stream = piece.streams.video[0]
    base = Fraction(stream.time_base or 1)
    moved = round(before / make.fps / base) - (stream.start_time or 0)
    first = before - CODERS[make.codec].reorders
    shown = (packet for packet in piece.demux(stream) if packet.size and packet.pts is not None)
    for number, packet in enumerate(shown, first):
        packet.pts = (packet.pts or 0) + moved
        packet.dts = min(packet.pts, round(number / make.fps / base))
        yield packet
