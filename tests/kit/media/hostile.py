"""Media as strangers send them to see what breaks: made in code, each by its name.

Those of `ODD` can be read and must be; those of `BAD` cannot, and must be refused. What may be one
or the other, since libraries differ in what they forgive, is in `EITHER`.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

from tests.kit.media.made import film, picture, sound, wav

Maker = Callable[[], bytes]
SECRET = b"root:x:0:0"
"""What a file of the machine's would say."""
_PNG = b"\x89PNG\r\n\x1a\n"
_CUTS = (1, 8, 20, 33, 60, 200)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, rows: int = 0, before: bytes = b"") -> bytes:
    """A PNG that says that it is so large, of which so many rows are there, all of them zero."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pack = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    body = b"".join([*(pack.compress(row) for _ in range(rows)), pack.flush()])
    return _PNG + head + before + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def gif(frames: int, size: tuple[int, int] = (4, 4)) -> bytes:
    """A GIF of that many frames, each of the same few bytes."""
    width, height = size
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    plain = b"\x02\x05" + b"\x84\x8f\x09\x50\x00" + b"\x00"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + plain
    return head + frame * frames + b";"


def moving(kind: str, frames: int = 3) -> bytes:
    pictures = [Image.new("RGBA", (16, 12), (80 * at, 9, 9, 90)) for at in range(frames)]
    written = io.BytesIO()
    pictures[0].save(written, kind, save_all=True, append_images=pictures[1:], duration=40)
    return written.getvalue()


def sideways() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture(kind="JPEG", exif=exif)


def lying_exif() -> bytes:
    """EXIF whose directory leads into itself."""
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1)
    tiff += struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<I", 8)
    return picture(kind="JPEG", exif=b"Exif\0\0" + tiff)


def text_bomb() -> bytes:
    """A picture whose words unfold to 200 MB."""
    words = b"seedbed.scene\0\1\0\0\0" + zlib.compress(bytes(200 << 20), 9)
    return png(4, 4, rows=4, before=chunk(b"iTXt", words))


def profile_bomb() -> bytes:
    words = b"icc\0\0" + zlib.compress(bytes(200 << 20), 9)
    return png(4, 4, rows=4, before=chunk(b"iCCP", words))


def encoded(
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    *,
    frames: int = 6,
    streams: int = 1,
    moments: tuple[int, ...] = (),
) -> bytes:
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as out:
        made: list[Any] = []
        for _ in range(streams):
            stream: Any = out.add_stream(codec, rate=10)
            stream.width, stream.height, stream.pix_fmt = *size, pixels
            stream.codec_context.time_base = Fraction(1, 90)
            made.append(stream)
        shade = np.zeros((size[1], size[0], 3), np.uint8)
        for at in range(frames):
            for stream in made:
                frame = av.VideoFrame.from_ndarray(shade + 20 * at, format="rgb24")
                frame.pts = moments[at] if moments else 9 * at
                frame.time_base = Fraction(1, 90)
                out.mux(stream.encode(frame))
        for stream in made:
            out.mux(stream.encode())
    return written.getvalue()


def lying(data: bytes, box: bytes, at: int, said: bytes) -> bytes:
    """The same with other bytes in a box, counted from its name."""
    place = data.index(box) + at
    return data[:place] + said + data[place + len(said) :]


def riff(rate: int, channels: int, data: bytes, *, size: int | None = None) -> bytes:
    """A WAV with that head, whatever it has in it."""
    each = channels * 2
    told = each * rate & 0xFFFFFFFF, each & 0xFFFF, 16
    form = struct.pack("<HHIIHH", 1, channels, rate, *told)
    length = struct.pack("<I", len(data) if size is None else size)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + length + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def deep(count: int = 20_000) -> bytes:
    """An MP4 whose boxes lie in one another."""
    box = b""
    for _ in range(count):
        box = struct.pack(">I", len(box) + 8) + b"moov" + box
        if len(box) > 1 << 19:
            break
    return film(frames=1)[:24] + box


def noise(head: bytes, count: int = 50_000) -> bytes:
    return head + random.Random(len(head)).randbytes(count)


ODD_PICTURES: Mapping[str, Maker] = {
    "one pixel": lambda: picture((1, 1)),
    "a line of 20,000 pixels": lambda: picture((1, 20_000)),
    "a JPEG that lies on its side": sideways,
    "a JPEG in four inks": lambda: picture(mode="CMYK", kind="JPEG"),
    "a PNG of 16 bits": lambda: picture(mode="I;16", colour=0x8000),
    "a palette with alpha": lambda: picture(mode="P", transparency=0),
    "grey with alpha": lambda: picture(mode="LA", colour=(9, 9)),
    "a WebP that moves": lambda: moving("WEBP"),
    "a GIF of 100,000 frames": lambda: gif(100_000),
    "a PNG that moves": lambda: moving("PNG"),
    "a BMP said to be a JPEG": lambda: picture(kind="BMP"),
}
BAD_PICTURES: Mapping[str, Maker] = {
    "nothing": lambda: b"",
    "a PNG of 30,000 x 30,000": lambda: png(30_000, 30_000, rows=300),
    "a PNG of 2^31 x 2^31": lambda: png((1 << 31) - 1, (1 << 31) - 1),
    "a PNG without an extent": lambda: png(0, 7),
    "a GIF of 65,535 x 65,535": lambda: gif(1, (65_535, 65_535)),
    "words that unfold": text_bomb,
    "SVG": lambda: b"<svg><image href='file:///etc/passwd'/></svg>",
    "HTML": lambda: b"<!doctype html><script>alert(1)</script>",
    "SVG behind a PNG's name": lambda: _PNG + b"<svg onload='x'/>",
    "TIFF": lambda: picture(kind="TIFF"),
    "ICO": lambda: picture((16, 16), kind="ICO"),
    "AVIF": lambda: picture((16, 16), kind="AVIF"),
    "HEIC": lambda: b"\0\0\0\x18ftypheic" + bytes(90),
    "JPEG 2000": lambda: picture(kind="JPEG2000"),
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n",
    "a PDF": lambda: b"%PDF-1.7\n",
    "a playlist": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "an archive": lambda: b"PK\3\4" + bytes(90),
    "noise": lambda: noise(b""),
    "noise behind a PNG's name": lambda: noise(_PNG),
    "noise behind a WebP's name": lambda: noise(b"RIFF\0\xff\0\0WEBPVP8 "),
    "noise behind a JPEG's name": lambda: noise(b"\xff\xd8\xff\xe0"),
    **{f"a PNG cut off after {at}": lambda at=at: picture()[:at] for at in _CUTS if at < 70},
    **{f"a JPEG cut off after {at}": lambda at=at: picture(kind="JPEG")[:at] for at in _CUTS},
}
EITHER_PICTURES: Mapping[str, Maker] = {
    "EXIF that leads into itself": lying_exif,
    "a profile that unfolds": profile_bomb,
    "rows that are not there": lambda: png(64, 64, rows=3),
    "a file that is two": lambda: picture(kind="GIF") + picture(),
}
ODD_FILMS: Mapping[str, Maker] = {
    "an odd size": lambda: encoded((18, 34)),
    "frames at odd moments": lambda: encoded(moments=(0, 1, 40, 41, 400, 4_000)),
    "ten bits": lambda: encoded(pixels="yuv420p10le"),
    "a GIF that moves": lambda: moving("GIF"),
    "a hundred streams": lambda: encoded((16, 16), "mpeg4", streams=100, frames=1),
}
BAD_FILMS: Mapping[str, Maker] = {
    "nothing": lambda: b"",
    "a sound said to be a film": sound,
    "a playlist of this machine's files": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a playlist of inward addresses": lambda: b"#EXTM3U\n#EXTINF:1,\nhttp://169.254.169.254/\n",
    "a list for ffmpeg": lambda: b"ffconcat version 1.0\nfile file:///etc/passwd\n",
    "a manifest": lambda: b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/</BaseURL></MPD>',
    "a picture said to be a film": picture,
    "boxes in boxes": deep,
    "noise behind an MP4's name": lambda: noise(b"\0\0\0\x18ftypisom\0\0\2\0"),
    "noise behind a Matroska's name": lambda: noise(b"\x1aE\xdf\xa3"),
    **{f"an MP4 cut off after {at}": lambda at=at: encoded()[:at] for at in (4, 20, 40, 900)},
}
EITHER_FILMS: Mapping[str, Maker] = {
    "a film without a frame": lambda: encoded(frames=0),
    "a length that lies": lambda: lying(encoded(), b"mvhd", 20, b"\x7f\xff\xff\xff"),
    "a size that lies": lambda: lying(encoded(), b"avc1", 28, b"\xff\xff\xff\xff"),
    "a count that lies": lambda: lying(encoded(), b"stsz", 12, b"\x7f\xff\xff\xff"),
}
ODD_SOUNDS: Mapping[str, Maker] = {
    "768,000 a second": lambda: wav(1, 768_000, 4_000),
    "a head that says too much": lambda: riff(8_000, 1, bytes(800), size=0x7FFFFFFF),
    "a head that knows no end": lambda: riff(8_000, 2, bytes(800), size=0xFFFFFFFF),
}
BAD_SOUNDS: Mapping[str, Maker] = {
    "nothing": lambda: b"",
    "a sound without a sample": lambda: wav(frames=0),
    "a head alone": lambda: wav()[:40],
    "a playlist": lambda: b"#EXTM3U\nfile:///etc/passwd\n",
    "a list for ffmpeg": lambda: b"ffconcat version 1.0\nfile file:///etc/passwd\n",
    "a picture said to be a sound": picture,
    "an Ogg of noise": lambda: noise(b"OggS"),
    "no channels": lambda: riff(8_000, 0, bytes(800)),
}
EITHER_SOUNDS: Mapping[str, Maker] = {
    "one a second": lambda: riff(1, 1, bytes(20)),
    "none a second": lambda: riff(0, 1, bytes(20)),
    "64 channels": lambda: wav(64, 8_000, 400),
    "65,535 channels": lambda: riff(8_000, 65_535, bytes(1 << 18)),
    "four thousand million a second": lambda: riff(0xFFFFFFFF, 1, bytes(800)),
    "an MP3 of noise": lambda: noise(b"\xff\xfb"),
    "a FLAC of noise": lambda: noise(b"fLaC"),
}
