"""Media that are made in code: pictures, films and documents, sound and broken."""

import base64
import hashlib
import io
import wave
from fractions import Fraction
from typing import Any

import av
import numpy as np
from PIL import Image

from seedbed.core.message import Media, MediaKind
from seedbed.kit.media.orders import Picture
from seedbed.kit.media.workers.picture import made_plain


def picture(
    size: tuple[int, int] = (40, 30),
    mode: str = "RGB",
    kind: str = "PNG",
    colour: object = 0,
    **more: object,
) -> bytes:
    """A picture of one colour."""
    written = io.BytesIO()
    Image.new(mode, size, colour).save(written, kind, **more)  # type: ignore[arg-type]
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def film(
    frames: int = 50,
    fps: int = 10,
    *,
    size: tuple[int, int] = (64, 48),
    codec: str = "mpeg4",
    container: str = "mp4",
    moments: tuple[int, ...] = (),
    is_half_white: bool = False,
    is_live: bool = False,
) -> bytes:
    """A film whose frames grow lighter; `moments` are those of its frames, in frames. With
    `is_half_white` their left half is that; with `is_live` it does not say how long it is.
    """
    written = io.BytesIO()
    target: Any = _Live(written) if is_live else written
    with av.open(target, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        for ordinal in range(frames):
            pixels = np.full((size[1], size[0], 3), 5 * ordinal % 255, dtype=np.uint8)
            if is_half_white:
                pixels[:, : size[0] // 2] = 255
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts = moments[ordinal] if moments else ordinal
            frame.time_base = Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return written.getvalue()


class _Live:
    """A place to write to in which nobody can go back."""

    def __init__(self, behind: io.BytesIO) -> None:
        self.write = behind.write


def sound() -> bytes:
    """A container of a film's that holds a tone alone."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=8000)
        silence = np.zeros((1, 8000), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return written.getvalue()


def wav(channels: int = 1, rate: int = 8_000, frames: int = 8_000) -> bytes:
    """A sound without a change."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\x10" * channels * frames)
    return written.getvalue()


def document(*pages: str, side: int = 200) -> bytes:
    """A PDF, written by hand, each page of which says something."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(count))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for at, words in enumerate(pages):
        drawn = f"BT /F 12 Tf 10 100 Td ({words}) Tj ET" if words else ""
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {side} {side}]/Contents {5 + 2 * at} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>",
            f"<</Length {len(drawn)}>>\nstream\n{drawn}\nendstream",
        ]
    written, places = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\n"
    return written + f"{end}startxref\n{len(written)}\n%%EOF\n".encode()


def uri(data: bytes, kind: str = "image/png") -> str:
    """The same, written out as an address."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def repainted(data: bytes, *, role: str) -> Media:
    """What an engine is given of a picture that came in that role."""
    (piece,) = made_plain(data, Picture(clear=True))
    told = {"role": role, "artifact": hashlib.sha256(data).hexdigest()}
    return Media(MediaKind.IMAGE, piece.picture, told)
