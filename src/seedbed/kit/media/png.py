"""PNG files of coloured bands, written with the standard library alone.

Floor 1. For fakes: a large picture of few colours is made in a moment and has few bytes.
"""

import struct
import zlib
from collections.abc import Iterator

_BANDS = 16
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PALETTE = 3
"""How PNG says that a byte of a picture is the number of a colour."""


def png(colours: bytes, width: int, height: int) -> bytes:
    """A picture of bands, in colours made of those bytes.

    >>> png(bytes(32), 2, 2)[1:4]
    b'PNG'
    """
    return next(moving(colours, width, height))


def moving(colours: bytes, width: int, height: int) -> Iterator[bytes]:
    """Pictures without end, in each of which the colours have moved on by one band."""
    palette = (colours * 3)[: _BANDS * 3]
    bands = (y * _BANDS // height for y in range(height))
    lines = b"".join(b"\0" + bytes([band]) * width for band in bands)
    head = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    begin = _SIGNATURE + _chunk(b"IHDR", head)
    end = _chunk(b"IDAT", zlib.compress(lines, 1)) + _chunk(b"IEND", b"")
    while True:
        yield begin + _chunk(b"PLTE", palette) + end
        palette = palette[3:] + palette[:3]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
