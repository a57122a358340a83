"""How large pictures are made, and how many of a film: arithmetic without any picture.

Floor 1.
"""

from dataclasses import dataclass
from math import floor, sqrt

PIXELS_PER_TOKEN = 28 * 28
"""How much of a picture vision models of today read as one token."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a picture must fit into: its longer side, its pixels, and the fewest that it may have.

    The fewest gives way to both others.
    """

    side: int
    pixels: int
    fewest: int = 0


def fitted(width: int, height: int, frame: Frame) -> tuple[int, int]:
    """The size that a picture is made, which keeps its proportions as far as whole pixels do.

    >>> fitted(4000, 3000, Frame(2048, 1_000_000)), fitted(10, 10, Frame(512, 512 * 512, 400))
    ((1154, 866), (20, 20))
    """
    scale = sqrt(max(1.0, frame.fewest / (width * height)))
    scale = min(scale, frame.side / max(width, height), sqrt(frame.pixels / (width * height)))
    return max(1, floor(width * scale + 1e-9)), max(1, floor(height * scale + 1e-9))


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a film is taken apart: so many frames a second, at most so many of them, and at most so
    many tokens for all together. A frame is worth between `least_tokens` and `most_tokens`.
    """

    fps: float = 1.0
    frames: int = 32
    tokens: int = 10_240
    least_tokens: int = 64
    most_tokens: int = 640

    @property
    def most(self) -> int:
        """The most frames that the tokens are enough for."""
        return max(1, min(self.frames, self.tokens // self.least_tokens))

    def step(self, seconds: float) -> float:
        """The seconds from one frame to the next of a film of that length; 0 is an unknown one."""
        return max(1 / self.fps, seconds / self.most)

    def pixels(self, count: int) -> int:
        """The most pixels of each of so many frames."""
        each = min(self.most_tokens, max(self.least_tokens, self.tokens // count))
        return each * PIXELS_PER_TOKEN
