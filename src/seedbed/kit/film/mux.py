"""A film, its sound and its subtitles in one file; the pictures are copied.

Floor 1. All three are written in the order of their moments, so that none waits in memory.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from heapq import merge
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.subtitles.subtitle import SubtitleSet
from av.video.stream import VideoStream

from seedbed.kit.film.caption import Caption
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.join import copied, make_of, settle
from seedbed.kit.film.probing import opened
from seedbed.kit.film.sound import RATE, Block
from seedbed.kit.film.writing import Coded, Out, Target, written

_SOUNDS = {"mp4": ("aac", 192_000), "webm": ("libopus", 128_000)}
_SUBTITLES = {"mp4": "mov_text", "webm": "webvtt"}
_TICKS = 1_000
_HEADER = b"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,Sans,16,&Hffffff,2
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_JOINER = "\u2060"
_COMMAND = re.compile(r"(\\(?=[nN])|\{(?=\\))")
_Packet: TypeAlias = "Packet[Any]"


def mux(
    film: Path, out: Target, *, sound: Iterable[Block] = (), captions: Sequence[Caption] = ()
) -> None:
    """Write the film anew with that sound, as AAC or Opus, and those captions, the first first.

    Raises:
        NoRoom: the disk is full.
        FilmFault: the film is damaged or none, or captions overlap.
    """
    overlaps = [one for one, after in pairwise(captions) if after.begin < one.end]
    if overlaps:
        raise FilmFault(f"the caption that ends at {overlaps[0].end:g} s overlaps the next one")
    with opened(film) as given:
        make = make_of(given)
        with written(out, make.container) as whole:
            pictures = whole.add_stream_from_template(given.streams.video[0], opaque=True)
            settle(pictures, make)
            parts = [
                _of(pictures, copied(given, make)),
                _heard(whole, make.container, iter(sound)),
                _shown(whole, make.container, captions),
            ]
            for packet in merge(*parts, key=_moment):
                whole.mux_one(packet)


def _moment(packet: _Packet) -> Fraction:
    return (packet.dts or 0) * packet.time_base


def _of(stream: VideoStream, packets: Iterable[_Packet]) -> Iterator[_Packet]:
    for packet in packets:
        packet.stream = stream
        yield packet


def _heard(out: Out, container: str, sound: Iterator[Block]) -> Iterator[_Packet]:
    """The packets of a sound, whose stream is there at once; none if it has no block."""
    first = next(sound, None)
    if first is None:
        return iter(())
    name, rate = _SOUNDS[container]
    stream = out.add_stream(name, RATE, bit_rate=rate, layout="stereo")
    return _spoken(stream, chain((first,), sound))


def _spoken(stream: Coded, sound: Iterable[Block]) -> Iterator[_Packet]:
    at = 0
    for block in sound:
        plain = np.ascontiguousarray(block.T.clip(-1, 1), np.float32)
        frame = AudioFrame.from_ndarray(plain, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        at += len(block)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _shown(out: Out, container: str, captions: Sequence[Caption]) -> Iterator[_Packet]:
    """The packets of subtitles, whose stream is there at once; none without captions."""
    if not captions:
        return iter(())
    stream = out.add_stream(_SUBTITLES[container])
    stream.codec_context.time_base = Fraction(1, _TICKS)
    stream.codec_context.subtitle_header = _HEADER
    return _written(stream, captions)


def _written(stream: Coded, captions: Sequence[Caption]) -> Iterator[_Packet]:
    for caption in captions:
        begin, end = (round(moment * _TICKS) for moment in (caption.begin, caption.end))
        words = f"0,0,Default,,0,0,0,,{_plain(caption.text)}".encode()
        told = SubtitleSet.create(text=words, start=0, end=end - begin, pts=begin)
        packet = stream.codec_context.encode_subtitle(told)
        packet.stream, packet.time_base = stream, Fraction(1, _TICKS)
        packet.pts = packet.dts = begin
        packet.duration = end - begin
        yield packet


def _plain(text: str) -> str:
    """Words as they are, lines as lines; a sign of no width parts what would be a command."""
    return "\\N".join(_COMMAND.sub(f"\\g<1>{_JOINER}", line) for line in text.splitlines())
