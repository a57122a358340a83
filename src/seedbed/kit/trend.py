"""A straight line that is learned from points as they come, and forgets the old ones.

Floor 1. Exponentially forgetting least squares, for figures that are positive and noisy. Two things
make it fit for what a running system sees. Where all points have one abscissa, nothing tells the
slope: then the line keeps the proportions of the one it began with, and only its height is learned.
And a single point that is far off moves it little: it counts as no further off than `_FAR` times
what was expected. Points that go on being far off on the same side are believed, and the old ones
are let go.
"""

import math
from collections.abc import Mapping

_FAR = 3.0
_LEAST = 0.01
"""Of what is usual, as much is expected at least: nothing is measured by how far it is from 0."""
_SURPRISES = 2
"""So many far points on one side in a row may be chance; more than that are news."""
_REMEMBERED = 5.0
"""As how many points counts, at most, what was learned before a restart."""


class Trend:
    """The line `y = base + slope * x`, neither of them negative.

    It begins as a guess that weighs as much as one point. `scale` is the distance of abscissas at
    which the points tell the slope about as well as the guess does; `memory` is after how many
    points one weighs a third of what it did.
    """

    __slots__ = (
        "_forget",
        "_guess",
        "_ridge",
        "_side",
        "_sides",
        "_sum_x",
        "_sum_xx",
        "_sum_xy",
        "_sum_y",
        "_weight",
        "base",
        "slope",
    )

    def __init__(
        self, base: float, slope: float, *, at: float, scale: float, memory: int = 50
    ) -> None:
        self._ridge = scale * scale
        self._forget = 1 - 1 / memory
        self._begin(base, slope, at=at, weight=1.0)

    def at(self, x: float) -> float:
        """What is expected at `x`."""
        return self.base + self.slope * x

    def learn(self, x: float, y: float) -> None:
        """Take one point. What cannot be true (nothing, less, no number) is passed over."""
        if not (0 <= x < math.inf and 0 < y < math.inf):
            return
        expected = max(self.base + self.slope * x, _LEAST * self._sum_y / self._weight)
        kept = self._forget
        if y > expected * _FAR or y < expected / _FAR:
            kept *= self._surprised(1 if y > expected else -1)
            if self._sides <= _SURPRISES:
                y = expected * _FAR if y > expected else expected / _FAR
        else:
            self._sides = 0
        self._weight = self._weight * kept + 1
        self._sum_x = self._sum_x * kept + x
        self._sum_y = self._sum_y * kept + y
        self._sum_xx = self._sum_xx * kept + x * x
        self._sum_xy = self._sum_xy * kept + x * y
        self._fit()

    def kept(self) -> dict[str, float]:
        """What was learned, for `restore`."""
        at = self._sum_x / self._weight
        return {"base": self.base, "slope": self.slope, "at": at, "weight": self._weight}

    def restore(self, kept: Mapping[str, float]) -> None:
        """Go on from what was learned in another process, which counts as a few points only.

        Raises:
            ValueError: it was not written by `kept`.
        """
        try:
            base, slope, at, weight = (float(kept[n]) for n in ("base", "slope", "at", "weight"))
        except (KeyError, TypeError, ValueError):
            base = slope = at = weight = math.nan
        if not all(0 <= each < math.inf for each in (base, slope, at, weight)) or not (
            base + slope * at > 0 and weight > 0
        ):
            raise ValueError(f"{dict(kept)} is no line that was learned")
        self._begin(base, slope, at=at, weight=min(weight, _REMEMBERED))

    def _begin(self, base: float, slope: float, *, at: float, weight: float) -> None:
        """Believe in a line as much as in so many points that lie on it at one place."""
        self.base: float = base
        self.slope: float = slope
        self._guess = (base, slope)
        height = base + slope * at
        self._weight: float = weight
        self._sum_x: float = weight * at
        self._sum_y: float = weight * height
        self._sum_xx: float = weight * at * at
        self._sum_xy: float = weight * at * height
        self._side = self._sides = 0

    def _surprised(self, side: int) -> float:
        """Count a far point; returns how much of what was known is still believed."""
        self._sides = self._sides + 1 if side == self._side else 1
        self._side = side
        return 1.0 if self._sides <= _SURPRISES else 0.1

    def _fit(self) -> None:
        """The best slope, drawn towards that of the guess at the same height; then the height."""
        middle, height = self._sum_x / self._weight, self._sum_y / self._weight
        spread = max(0.0, self._sum_xx - middle * self._sum_x)
        base, slope = self._guess
        usual = slope * height / (base + slope * middle)
        slope = (self._sum_xy - middle * self._sum_y + self._ridge * usual) / (spread + self._ridge)
        steepest = height / middle if middle else slope
        self.slope = min(max(slope, 0.0), steepest)
        self.base = max(0.0, height - self.slope * middle)  # which rounding may miss
