"""Frames, films and tones that are made in code."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np

from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.form import Form
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.sound import RATE, Block

WIDTH, HEIGHT = 96, 64
NTSC = Fraction(30_000, 1_001)
GROUND, BAR = (200, 50, 20), (20, 200, 250)


def frame(number: int, width: int = WIDTH, height: int = HEIGHT) -> Frame:
    """A ground with a bar that stands elsewhere in each."""
    made = np.full((height, width, 3), GROUND, np.uint8)
    begin = 4 * number % (width - 8)
    made[:, begin : begin + 8] = BAR
    return made


def plain(colour: tuple[int, int, int], width: int = WIDTH, height: int = HEIGHT) -> Frame:
    return np.full((height, width, 3), colour, np.uint8)


def form(codec: str = "h264", container: str = "mp4", **more: object) -> Form:
    told: dict[str, object] = {"width": WIDTH, "height": HEIGHT, "fps": 30} | more
    return Form(codec=codec, container=container, **told)  # type: ignore[arg-type]


def film(path: Path, numbers: Iterable[int], given: Form | None = None) -> Path:
    """A film of those frames."""
    with Encoder(path, given or form()) as encoder:
        for number in numbers:
            encoder.write(frame(number))
    return path


def tone(seconds: float, *, hertz: float = 440.0, level: float = 0.3) -> Block:
    moments = np.arange(round(seconds * RATE)) / RATE
    wave = level * np.sin(2 * np.pi * hertz * moments)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def unhurried(folder: Path) -> Path:
    """A film of one frame that says neither how fast it goes nor how long it is."""
    path = folder / "unhurried"
    given = film(folder / "hurried", range(1), form("vp9", "webm"))
    with (
        av.open(str(given)) as source,
        path.open("wb") as behind,
        av.open(Unseekable(behind), "w", format="webm") as out,
    ):
        (packet,) = (packet for packet in source.demux(video=0) if packet.size)
        packet.stream = out.add_mux_stream("vp9", width=WIDTH, height=HEIGHT)  # type: ignore[assignment]
        out.mux(packet)
    return path


class Unseekable:
    """A file in which nobody can go back."""

    def __init__(self, behind: BinaryIO) -> None:
        self.write = behind.write
