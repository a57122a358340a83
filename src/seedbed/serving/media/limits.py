"""How large media may be, and what of their options is heeded.

Floor 4. The options are those that the dialects read: `detail`, `min_pixels` and `max_pixels` of a
picture, `fps` and a budget of tokens of a film. They move within what the house allows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seedbed.kit.media.containers import film_in
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Film, Pages, Picture

_LOW = 512
"""The side of a picture of which few details are wanted."""
_DETAILS = frozenset({"low", "high", "auto", "original"})
_SLOWEST, _FASTEST = 0.2, 5.0
"""Frames that a second of a film may give, as Ark has it."""


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Bounds of one ask: how many media, bytes of each, and seconds for all of them; and how large
    pictures are made, how many frames and tokens a film is worth, and how many pages are read.
    """

    count: int = 100
    most_bytes: int = 64 << 20
    seconds: float = 120.0
    side: int = 2048
    pixels: int = 2048 * 1536
    frames: int = 32
    tokens: int = 20_480
    pages: int = 50

    def picture(self, options: Mapping[str, object]) -> Picture:
        """What is to be made of a picture. Limits in pixels count before the detail.

        Raises:
            MediumFault: an option is out of range.
        """
        detail = options.get("detail") or "auto"
        if detail not in _DETAILS:
            raise MediumFault(f"its detail is {detail!r}, and not low, high, auto or original")
        least, most = _count(options, "min_pixels", 0), _count(options, "max_pixels", 0)
        if most and least > most:
            raise MediumFault(f"its min_pixels, {least:,}, are more than its max_pixels, {most:,}")
        if detail == "low" and not (least or most):
            return Picture(side=_LOW, pixels=_LOW * _LOW)
        return Picture(side=self.side, pixels=min(most or self.pixels, self.pixels), fewest=least)

    def film(self, kind: str, options: Mapping[str, object]) -> Film:
        """What is to be made of a film of that media type.

        Raises:
            MediumFault: it is of another kind than those that are read, or an option out of range.
        """
        container = film_in(kind)
        fps = options.get("fps") or 1.0
        if not (isinstance(fps, int | float) and _SLOWEST <= fps <= _FASTEST):
            raise MediumFault(f"its fps are {fps!r}, and not between {_SLOWEST} and {_FASTEST}")
        plain = Film(container)
        least = _count(options, "min_frame_tokens", plain.least_tokens)
        return Film(
            plain.container,
            fps=float(fps),
            frames=self.frames,
            tokens=min(self.tokens, _count(options, "max_video_tokens", plain.tokens)),
            least_tokens=least,
            most_tokens=max(least, _count(options, "max_frame_tokens", plain.most_tokens)),
        )

    def document(self, *, pictured: bool) -> Pages:
        """What is to be made of a PDF: its words, and with `pictured` how its pages look."""
        return Pages(self.pages, pixels=self.pixels // 2 if pictured else 0)


def _count(options: Mapping[str, object], name: str, otherwise: int) -> int:
    """A whole number above 0 among the options.

    Raises:
        MediumFault: it is none.
    """
    found = options.get(name)
    if found is None:
        return otherwise
    if not isinstance(found, int) or found <= 0:
        raise MediumFault(f"its {name} are {found!r}, and no number above 0")
    return found
