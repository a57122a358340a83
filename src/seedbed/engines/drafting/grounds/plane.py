"""What a ground is made of: planes, one behind the other, each in its own distance.

Floor 3. A ground is measured in its own height: y runs from 0 down to 1, x from 0 to `width`. The
camera sees more than that while it moves, so a ground is drawn as far as the `Setting` reaches.
Things are scattered by cells of the plane, so that they lie alike however far it reaches.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

import skia

from seedbed.engines.drafting.grounds.light import Light

Still: TypeAlias = Callable[[skia.Canvas], None]
Live: TypeAlias = Callable[[skia.Canvas, float], None]


@dataclass(frozen=True, slots=True)
class Plane:
    """One distance of a ground: what stands `still`, and what is `live`, by seconds, before it.

    A plane in `front` is nearer than all that lies in the shot.
    """

    depth: float
    still: Still | None = None
    live: Live | None = None
    front: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """For what a ground is made: how far it reaches, its light, its colours and its seed; and
    whether it has `lamps` of its own: sun, moon and planets.
    """

    left: float
    top: float
    right: float
    bottom: float
    width: float
    light: Light
    colours: tuple[str, ...] = ()
    seed: int = 0
    lamps: bool = True

    @property
    def span(self) -> tuple[float, float]:
        """From where to where it reaches, sidewards."""
        return self.left, self.right

    @property
    def area(self) -> skia.Rect:
        """All that it reaches."""
        return skia.Rect.MakeLTRB(self.left, self.top, self.right, self.bottom)

    def colour(self, place: int, usual: str) -> str:
        """The colour given for that place, or the usual one."""
        return self.colours[place] if place < len(self.colours) else usual

    def dice(self, name: str, cell: int = 0) -> Random:
        """Chance that is always the same for one name and cell."""
        return Random(f"{self.seed}|{name}|{cell}")  # noqa: S311 - for looks

    def cells(self, name: str, step: float) -> Iterator[tuple[float, Random]]:
        """The middle of each cell that is so wide, sidewards, with chance of its own."""
        for cell in range(int(self.left // step) - 1, int(self.right // step) + 2):
            yield (cell + 0.5) * step, self.dice(name, cell)
