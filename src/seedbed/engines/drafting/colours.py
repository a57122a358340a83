"""Colours mixed as the eye mixes them, and as skia takes them.

Floor 3. A colour is `#rrggbb`, or `#rrggbbaa` where it may be seen through.
"""

import math
from functools import lru_cache

from seedbed.engines.drafting.tint import Shade, shade, written


@lru_cache(maxsize=8192)
def mix(one: str, other: str, share: float) -> str:
    """So much of the way from one colour to the other, in steps that look equal."""
    if share <= 0 or share >= 1:
        return (one if share <= 0 else other)[:7]
    first, then = shade(one[:7]), shade(other[:7])
    a, b = (_mean(*pair, share) for pair in zip(_warmth(first), _warmth(then), strict=True))
    lightness = _mean(first.lightness, then.lightness, share)
    return written(Shade(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360))


@lru_cache(maxsize=8192)
def under(colour: str, light: str) -> str:
    """A colour in a light of another colour; white light changes nothing."""
    pairs = ((int(colour[at : at + 2], 16), int(light[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one * other / 255):02x}" for one, other in pairs)


def lighter(colour: str, by: float) -> str:
    """Lighter by a part of what is left up to white; darker, where it is below 0."""
    return mix(colour, "#ffffff", by) if by >= 0 else mix(colour, "#0a0c1e", -by)


def luminous(colour: str) -> float:
    """How light it looks, from 0 to 1."""
    return shade(colour[:7]).lightness


@lru_cache(maxsize=8192)
def argb(colour: str, opacity: float = 1.0) -> int:
    """A colour as skia takes it."""
    own = int(colour[7:9], 16) / 255 if len(colour) > 7 else 1.0
    alpha = round(255 * own * min(1.0, max(0.0, opacity)))
    return alpha << 24 | int(colour[1:7], 16)


def _warmth(each: Shade) -> tuple[float, float]:
    """How red rather than green it is, and how yellow rather than blue."""
    turn = math.radians(each.hue)
    return each.chroma * math.cos(turn), each.chroma * math.sin(turn)


def _mean(one: float, other: float, share: float) -> float:
    return one + (other - one) * share
