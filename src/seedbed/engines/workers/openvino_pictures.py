"""A prompt with pictures, as an answer keeps it: they are taken apart only when they are looked at.

Floor 3. It knows neither the library nor its tokens.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TypeAlias

import numpy as np
from PIL import Image

from seedbed.engines.workers.openvino_marks import MARKS, unmarked

PIXELS = 1 << 24
"""The most that a picture may have."""
RATIO = 200
"""How many times as long as the other a side may be: models stretch the shorter one."""
_KINDS = ("PNG", "JPEG")

Pixels: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]"
Size: TypeAlias = tuple[int, int]
"""Width and height."""


class BadPicture(RuntimeError):
    """A picture cannot be looked at; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A prompt with marks where its pictures stand, and these as the files that they came as."""

    prompt: str
    pictures: tuple[bytes, ...]
    sizes: tuple[Size, ...]

    @property
    def words(self) -> str:
        """The prompt without the marks."""
        return unmarked(self.prompt, len(self.pictures))


def shown(prompt: str, pictures: Sequence[bytes]) -> Shown:
    """A prompt with its pictures, each of which was taken apart once to see that it can be.

    Raises:
        BadPicture: one cannot be, or the prompt has more or fewer marks than there are pictures.
    """
    marks = sum(prompt.count(mark) for mark in MARKS)
    if marks < len(pictures):
        raise BadPicture("the model's chat template leaves pictures out where they stand now")
    if marks > len(pictures):
        raise BadPicture(f"a text has {MARKS[0]!r} or {MARKS[1]!r}, which stand for media here")
    sizes = (_size(picture, number) for number, picture in enumerate(pictures, start=1))
    return Shown(prompt, tuple(pictures), tuple(sizes))


class Looking:
    """Has pictures taken apart in a thread, while others are answered: one ask's after another's,
    so that no more than one picture is held that was taken apart.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def at(self, prompt: str, pictures: Sequence[bytes]) -> Shown:
        """`shown`, which raises what that raises."""
        if not pictures:
            return shown(prompt, pictures)
        async with self._turn:
            return await asyncio.to_thread(shown, prompt, pictures)


def pixels(picture: bytes, number: int = 1) -> Pixels:
    """The rows of a picture, in red, green and blue.

    Raises:
        BadPicture: it is damaged, of another kind than is read here, too large or too narrow.
    """
    try:
        with Image.open(BytesIO(picture), formats=_KINDS) as image:
            _check(image.size, number)
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadPicture(f"picture {number} is no PNG or JPEG that can be read") from error


def _size(picture: bytes, number: int) -> Size:
    """That of a picture that can be taken apart; its rows are forgotten."""
    height, width = pixels(picture, number).shape[:2]
    return width, height


def _check(size: Size, number: int) -> None:
    """See that a picture is of a size that may be looked at.

    Raises:
        BadPicture: it is not.
    """
    width, height = size
    if width * height > PIXELS:
        raise BadPicture(f"picture {number} is {width} by {height}; {PIXELS:,} pixels is the most")
    if max(size) > RATIO * min(size):
        raise BadPicture(f"picture {number} is {width} by {height}; 1 to {RATIO} is the narrowest")
