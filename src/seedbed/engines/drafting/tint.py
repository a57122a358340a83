"""Colours as the eye orders them, and how the colours of one art become those of another.

Floor 3. In OKLCH equal steps look equal: lightness from 0 to 1, chroma from 0 (grey) to about 0.3,
hue in degrees. A tint keeps how much lighter, duller and warmer one shade is than another.
"""

import math
import re
from functools import lru_cache
from typing import NamedTuple

_HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII | re.IGNORECASE)
_GREY = 0.045


class Shade(NamedTuple):
    """One colour: lightness 0 to 1, chroma, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    @property
    def grey(self) -> bool:
        """Whether it is seen as white, grey or black rather than as a colour."""
        return self.chroma < _GREY


@lru_cache(maxsize=4096)
def shade(colour: str) -> Shade:
    """The colour of `#rrggbb`.

    Raises:
        ValueError: it is not written like that.
    """
    if not _HEX.fullmatch(colour):
        raise ValueError(f"A colour is written #rrggbb, as in #e53935; this is {colour!r}.")
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return Shade(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def written(each: Shade) -> str:
    """As `#rrggbb`; what no screen can show is made duller until one can.

    >>> written(shade("#1e7be5"))
    '#1e7be5'
    """
    duller = (_channels(each._replace(chroma=each.chroma * step / 20)) for step in range(20, 0, -1))
    channels = next(filter(_shown, duller), _channels(each._replace(chroma=0)))
    values = (round(255 * _bent(min(1.0, max(0.0, channel)))) for channel in channels)
    return "#" + "".join(f"{value:02x}" for value in values)


def apart(one: float, other: float) -> float:
    """Degrees between two hues, 180 at most."""
    return abs(_turn(one, other))


@lru_cache(maxsize=4096)
def tinted(colour: str, main: str, tint: str) -> str:
    """What a shade of `main` becomes when `main` becomes `tint`; all `#rrggbb`.

    Raises:
        ValueError: one of them is not written like that.
    """
    here, middle, goal = shade(colour), shade(main), shade(tint)
    turn = 0.0 if middle.grey or here.grey else _turn(here.hue, middle.hue) * 0.5
    scale = 1.0 if middle.grey else min(1.2, here.chroma / middle.chroma)
    lightness = _lightness(here, middle, goal)
    return written(Shade(lightness, goal.chroma * scale, (goal.hue + turn) % 360))


def _lightness(here: Shade, middle: Shade, goal: Shade) -> float:
    """As far from the goal as it was from the main colour, without running out at either end."""
    step = here.lightness - middle.lightness
    if step > 0:
        return goal.lightness + step * min(
            1.2, (1 - goal.lightness) / max(0.01, 1 - middle.lightness)
        )
    return goal.lightness + step * min(1.2, goal.lightness / max(0.01, middle.lightness))


def _turn(one: float, other: float) -> float:
    return (one - other + 180) % 360 - 180


def _channels(each: Shade) -> tuple[float, float, float]:
    """Red, green and blue as light, which may lie outside of 0 to 1."""
    turn = math.radians(each.hue)
    a, b = each.chroma * math.cos(turn), each.chroma * math.sin(turn)
    long = (each.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (each.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (each.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _shown(channels: tuple[float, float, float]) -> bool:
    return all(-0.002 <= channel <= 1.002 for channel in channels)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _bent(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
