"""What a worker is told to do, and what it brings: the words between the two processes.

Floor 1. Structs, since they go over a wire.
"""

from typing import TypeAlias

import msgspec

REFUSED, EXHAUSTED = 3, 4
"""How a worker ends that has read a medium and will not have it, or had no more memory."""


class Picture(msgspec.Struct, frozen=True, tag=True):
    """Make one picture plain. Up to `most_source` pixels are taken apart; see `sizes.Frame`."""

    most_source: int = 50_000_000
    side: int = 2048
    pixels: int = 2048 * 2048
    fewest: int = 0


class Film(msgspec.Struct, frozen=True, tag=True):
    """Take frames from a film in that container; the rest is as in `sizes.Sampling`."""

    container: str
    most_source: int = 10_000_000
    fps: float = 1.0
    frames: int = 32
    tokens: int = 10_240
    least_tokens: int = 64
    most_tokens: int = 640


class Pages(msgspec.Struct, frozen=True, tag=True):
    """Read the pages of a PDF, up to so many, as words and, with `pixels` above 0, as pictures."""

    most: int = 50
    letters: int = 400_000
    side: int = 1600
    pixels: int = 0


Order: TypeAlias = Picture | Film | Pages


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What was made: a picture in PNG or JPEG, and words, whichever there are.

    `at` is the moment of a frame in seconds; of a film that breaks off `is_last` says so.
    """

    picture: bytes = b""
    words: str = ""
    at: float = 0.0
    is_last: bool = False


class Confines(msgspec.Struct, frozen=True):
    """What a worker may take: seconds of the processor, bytes of memory, bytes that it brings, and
    seconds of the clock.
    """

    cpu_seconds: int = 20
    memory: int = 1 << 30
    output: int = 64 << 20
    seconds: float = 40.0
