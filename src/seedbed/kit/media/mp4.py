"""MP4 files whose frames are pictures, one after the other, without sound.

Floor 1. For fakes: a film that plays needs no encoder where each frame is a picture by itself. The
table of contents comes first, so that a player may begin with the first bytes.
"""

import struct
from collections.abc import Sequence

_PIXELS_PER_INCH = 72 << 16
_SAME = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
"""The matrix that turns and moves nothing."""
_AS_IT_IS = struct.pack(">IHHII", 1 << 16, 1 << 8, 0, 0, 0)
"""At its own speed and loudness."""
_DISPLAYED = 7
_TRUE_COLOUR = 24


def mp4(frames: Sequence[bytes], width: int, height: int, fps: int, *, kind: bytes) -> bytes:
    """A film of these frames, each a file of that kind, such as `b"png "`.

    >>> mp4([b"frame"], 2, 2, 24, kind=b"png ")[4:12]
    b'ftypisom'
    """
    head = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isom", b"mp42")
    table = _movie(frames, width, height, fps, kind=kind, begin=0)
    begin = len(head) + len(table) + 8
    table = _movie(frames, width, height, fps, kind=kind, begin=begin)
    return head + table + _box(b"mdat", *frames)


def _movie(
    frames: Sequence[bytes], width: int, height: int, fps: int, *, kind: bytes, begin: int
) -> bytes:
    count = len(frames)
    clock = struct.pack(">IIII", 0, 0, fps, count)
    return _box(
        b"moov",
        _full(b"mvhd", clock, _AS_IT_IS, _SAME, bytes(24), struct.pack(">I", 2)),
        _box(
            b"trak",
            _track_head(count, width, height),
            _box(
                b"mdia",
                _full(b"mdhd", clock, struct.pack(">HH", 0x55C4, 0)),
                _full(b"hdlr", bytes(4), b"vide", bytes(12), b"frames\0"),
                _box(
                    b"minf",
                    _full(b"vmhd", bytes(8), flags=1),
                    _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1))),
                    _samples(frames, width, height, kind=kind, begin=begin),
                ),
            ),
        ),
    )


def _track_head(count: int, width: int, height: int) -> bytes:
    number = struct.pack(">IIIII", 0, 0, 1, 0, count)
    size = struct.pack(">II", width << 16, height << 16)
    return _full(b"tkhd", number, bytes(16), _SAME, size, flags=_DISPLAYED)


def _samples(frames: Sequence[bytes], width: int, height: int, *, kind: bytes, begin: int) -> bytes:
    """Where each frame lies, how long it is, and how long it is shown."""
    count = len(frames)
    sizes = struct.pack(f">II{count}I", 0, count, *map(len, frames))
    picture = _box(
        kind,
        *(bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", width, height)),
        struct.pack(">IIIH", _PIXELS_PER_INCH, _PIXELS_PER_INCH, 0, 1),
        *(bytes(32), struct.pack(">Hh", _TRUE_COLOUR, -1)),
    )
    return _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), picture),
        _full(b"stts", struct.pack(">III", 1, count, 1)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, count, 1)),
        _full(b"stsz", sizes),
        _full(b"stco", struct.pack(">II", 1, begin)),
    )


def _full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _box(kind: bytes, *parts: bytes) -> bytes:
    inner = b"".join(parts)
    return struct.pack(">I", len(inner) + 8) + kind + inner
