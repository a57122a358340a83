"""Words read from a picture: by one reader, and by a second one where there is one.

Floor 5. It loads models into the process that asks, so it belongs into one that does the house's
work on films, and never into a server. The models lie in the reader's own package.
"""

import io
import logging
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from PIL import Image
from rapidocr import EngineType, RapidOCR

from seedbed.core.scene.measures import WHOLE, Box
from seedbed.kit.film.pictures import Frame

LARGER = 3.0
"""How many times as large as it is a part of a picture is read."""
_MOST_PIXELS = 4_000_000
_SMALLER = (1.0, 0.5, 0.25)
"""In letters that are too large it finds no lines, as in those of 4K: they are read smaller."""
_MOST_SIDE = 8_000
_BORDER = 24
_NEAR = 0.3
"""Lines of one row that are nearer than this share of their thickness are one."""
_LANGUAGES = ("chi_sim", "jpn", "eng")
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Read:
    """A line as it was read, how likely it is, and where: shares of the whole picture."""

    text: str
    likelihood: float
    box: Box


class Reader:
    """Reads; what it needs is loaded when it first does, and takes about a second."""

    def __init__(self, *, threads: int = 2) -> None:
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        engines = {f"{part}.engine_type": EngineType.OPENVINO for part in ("Det", "Cls", "Rec")}
        self._ocr = RapidOCR(
            params={
                **engines,
                "Global.log_level": "error",
                "Global.max_side_len": _MOST_SIDE,
                "EngineConfig.openvino.inference_num_threads": threads,
            }
        )

    def read(self, picture: Frame, box: Box = WHOLE, *, upright: bool = False) -> tuple[Read, ...]:
        """The lines in a part of a picture, in the order in which they are read: from the top to
        the bottom, or if they are `upright` from the right to the left.
        """
        readings = self.readings(picture, box, upright=upright)
        return next((lines for lines in readings if lines), ())

    def readings(
        self, picture: Frame, box: Box = WHOLE, *, upright: bool = False
    ) -> Iterator[tuple[Read, ...]]:
        """The same, enlarged ever less: an eye for letters of one size misses those of another."""
        return (self._lines(picture, box, times, upright=upright) for times in _SMALLER)

    def _lines(self, picture: Frame, box: Box, times: float, *, upright: bool) -> tuple[Read, ...]:
        part, (left, top), scale = _part(picture, box, times)
        if not part.size:
            return ()
        rows = _rows(self._found(part), upright=upright)
        lines = [line for row in rows for line in self._apart(part, row, upright=upright)]
        height, width = picture.shape[:2]
        return tuple(
            replace(
                line,
                box=Box(
                    (left + (line.box.x - _BORDER) / scale) / width,
                    (top + (line.box.y - _BORDER) / scale) / height,
                    line.box.width / scale / width,
                    line.box.height / scale / height,
                ),
            )
            for line in lines
        )

    def _found(self, part: Frame) -> list[Read]:
        """The lines of an enlarged part, in no order; their boxes are in its pixels."""
        found = self._asked(part, has_lines=True)
        if found.boxes is None or found.txts is None:
            return []
        lines: list[Read] = []
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            (x, y), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
            lines.append(Read(text, float(score), Box(x, y, right - x, bottom - y)))
        return lines

    def _apart(self, part: Frame, row: Sequence[Read], *, upright: bool) -> list[Read]:
        """A row with those that touch read again as one: both may have the letter at which they
        were parted.
        """
        apart: list[Read] = []
        for line in row:
            if apart and _touch(apart[-1].box, line.box):
                box = _both(apart.pop().box, line.box)
                apart.append(self._line(part, box, upright=upright))
            else:
                apart.append(line)
        return apart

    def _line(self, part: Frame, box: Box, *, upright: bool) -> Read:
        left, top = round(box.x), round(box.y)
        line = part[top : round(box.y + box.height), left : round(box.x + box.width)]
        found = self._asked(np.rot90(line) if upright else line, has_lines=False)
        return Read(found.txts[0], float(found.scores[0]), box)

    def _asked(self, part: Frame, *, has_lines: bool) -> Any:  # noqa: ANN401 - as the library has it
        """What the models find: lines, or what one line says."""
        return self._ocr(
            cv2.cvtColor(part, cv2.COLOR_RGB2BGR),
            use_det=has_lines,
            use_cls=False,
            use_rec=True,
            text_score=0.0,
        )


def reread(picture: Frame, box: Box = WHOLE) -> str | None:
    """What the second reader, tesseract, finds there; nothing where it is not installed."""
    program = shutil.which("tesseract")
    part, _, _ = _part(picture, box)
    if program is None or not part.size:
        return None
    file = io.BytesIO()
    Image.fromarray(part).convert("L").save(file, "png")
    there = subprocess.run(  # noqa: S603 - a program of the system's
        [program, "--list-langs"], capture_output=True, timeout=_SECONDS, check=False
    )
    known = [name for name in _LANGUAGES if name in there.stdout.decode().split()]
    told = subprocess.run(  # noqa: S603 - a program of the system's
        [program, "stdin", "stdout", "-l", "+".join(known) or "eng", "--psm", "6"],
        input=file.getvalue(),
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    return told.stdout.decode(errors="replace")


def _part(picture: Frame, box: Box, times: float = 1.0) -> tuple[Frame, tuple[int, int], float]:
    """A part enlarged, with room around it; where it begins, and how many times as large it is."""
    height, width = picture.shape[:2]
    left, right = (_within(at, width) for at in (box.x, box.x + box.width))
    top, bottom = (_within(at, height) for at in (box.y, box.y + box.height))
    part = picture[top:bottom, left:right]
    if not part.size:
        return part, (left, top), 1.0
    room = (_MOST_PIXELS / (part.shape[0] * part.shape[1])) ** 0.5
    scale = float(np.clip(room, 1.0, LARGER)) * times
    way = cv2.INTER_CUBIC if scale >= 1 else cv2.INTER_AREA
    large = cv2.resize(part, None, fx=scale, fy=scale, interpolation=way)
    sides = ((_BORDER, _BORDER), (_BORDER, _BORDER), (0, 0))
    framed = np.pad(np.asarray(large, np.uint8), sides, mode="edge")
    return framed, (left, top), scale


def _within(share: float, count: int) -> int:
    return min(count, max(0, round(share * count)))


def _rows(lines: Sequence[Read], *, upright: bool) -> Iterator[list[Read]]:
    """Lines by rows, each from the left; or by columns from the right, each from the top."""
    rest = sorted(lines, key=lambda one: -one.box.centre[0] if upright else one.box.centre[1])
    while rest:
        first = rest[0]
        row = [one for one in rest if _beside(first.box, one.box, upright=upright)]
        rest = [one for one in rest if one not in row]
        yield sorted(row, key=lambda one: one.box.y if upright else one.box.x)


def _beside(one: Box, other: Box, *, upright: bool) -> bool:
    """Whether the middle of the other lies in the band of the first."""
    if upright:
        return one.x <= other.centre[0] <= one.x + one.width
    return one.y <= other.centre[1] <= one.y + one.height


def _touch(one: Box, other: Box) -> bool:
    room = _NEAR * min(one.width, one.height)
    return Box(one.x, one.y, one.width + room, one.height + room).overlaps(other)


def _both(one: Box, other: Box) -> Box:
    left, top = min(one.x, other.x), min(one.y, other.y)
    right = max(one.x + one.width, other.x + other.width)
    bottom = max(one.y + one.height, other.y + other.height)
    return Box(left, top, right - left, bottom - top)
