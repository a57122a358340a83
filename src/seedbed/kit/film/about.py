"""What a film, a still or a sound is: how large, how long, how written.

Floor 1. Without any library, since it is read in processes that have none.
"""

from dataclasses import dataclass
from fractions import Fraction

import msgspec


@dataclass(frozen=True, slots=True)
class About:
    """What a file holds. Without pictures the codec is empty; without sound `sound` is.

    `depth` is bits a colour, `sound_rate` samples a second, `subtitles` how many tracks of them.
    """

    codec: str = ""
    width: int = 0
    height: int = 0
    fps: Fraction = Fraction(0)
    frames: int = 0
    depth: int = 0
    seconds: float = 0.0
    sound: str = ""
    sound_rate: int = 0
    channels: int = 0
    subtitles: int = 0

    def words(self) -> str:
        """As JSON, by which it goes from one process to another.

        >>> About.of(About(fps=Fraction(30000, 1001)).words()).fps
        Fraction(30000, 1001)
        """
        return msgspec.json.encode(self, enc_hook=str).decode()

    @classmethod
    def of(cls, words: str) -> "About":
        """What those words say."""
        return msgspec.json.decode(words, type=cls, dec_hook=_fraction)


def _fraction(kind: type, told: str) -> Fraction:
    return Fraction(told)
