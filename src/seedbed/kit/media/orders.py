"""What a worker is told to do, and what it brings: the words between the two processes.

Floor 1. Structs, since they go over a wire.
"""

from typing import TypeAlias

import msgspec

REFUSED, EXHAUSTED = 3, 4
"""How a worker ends that has read a medium and will not have it, or had no more memory."""


class Picture(msgspec.Struct, frozen=True, tag=True):
    """Make one picture plain. Up to `most_source` pixels are taken apart; see `sizes.Frame`.

    With `clear` what is clear in it stays so, and nothing of it is lost but what does not fit; the
    `texts` of these names, where it has them, stay in it.
    """

    most_source: int = 50_000_000
    side: int = 2048
    pixels: int = 2048 * 2048
    fewest: int = 0
    clear: bool = False
    texts: tuple[str, ...] = ()


class Film(msgspec.Struct, frozen=True, tag=True):
    """Take frames from a film in that container; the rest is as in `sizes.Sampling`."""

    container: str
    most_source: int = 10_000_000
    fps: float = 1.0
    frames: int = 32
    tokens: int = 10_240
    least_tokens: int = 64
    most_tokens: int = 640


class Probe(msgspec.Struct, frozen=True, tag=True):
    """Tell what a film or a sound in that container is, in the words of `film.about`."""

    container: str


class Pages(msgspec.Struct, frozen=True, tag=True):
    """Read the pages of a PDF, up to so many, as words and, with `pixels` above 0, as pictures."""

    most: int = 50
    letters: int = 400_000
    side: int = 1600
    pixels: int = 0


class Markup(msgspec.Struct, frozen=True, tag=True):
    """Read the words of a page in HTML, up to so many letters."""

    letters: int = 400_000


class Sound(msgspec.Struct, frozen=True, tag=True):
    """Make a sound in that container plain: 16-bit numbers, `rate` of them a second for each of one
    or two channels, of a length of up to `most` seconds. A longer one is refused, or if `cut` ends
    there.
    """

    container: str
    rate: int = 16_000
    most: int = 3_600
    channels: int = 1
    cut: bool = False


class Coded(msgspec.Struct, frozen=True, tag=True):
    """Write plain sound, `rate` numbers a second, as a file: mp3, opus, aac or flac."""

    kind: str
    rate: int = 24_000


Order: TypeAlias = Picture | Film | Probe | Pages | Markup | Sound | Coded


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What was made: a picture in PNG or JPEG, words, and sound, whichever there are.

    `at` is the moment of a frame in seconds; of a film that breaks off `is_last` says so.
    """

    picture: bytes = b""
    words: str = ""
    sound: bytes = b""
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
