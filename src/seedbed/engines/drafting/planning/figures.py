"""What a planner needs to know of drawings: how wide they are and whither they look.

Floor 3. Read without what draws them, so that planning needs no more than this.
"""

import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

import msgspec

Facing: TypeAlias = Literal["left", "right", "front"]


@dataclass(frozen=True, slots=True)
class Figure:
    """The outline of a drawing; `bounds` are left, top, right and bottom in its own units."""

    concept: str
    bounds: tuple[float, float, float, float]
    facing: Facing

    @property
    def aspect(self) -> float:
        """How many times as wide as high it is."""
        left, top, right, bottom = self.bounds
        return (right - left) / (bottom - top)


Figures: TypeAlias = Mapping[str, Figure]


@cache
def read_figures() -> Figures:
    """The outlines of the art that is shipped, by concept, read once in a tenth of a second."""
    packed = files("seedbed.engines.drafting").joinpath("art.json.xz").read_bytes()
    found = msgspec.json.decode(lzma.decompress(packed), type=list[Figure])
    return {figure.concept: figure for figure in found}
