"""Words that are shown from one moment to another.

Floor 1. Without any library, since files of them are read in processes that have none.
"""

from dataclasses import dataclass

from seedbed.kit.film.errors import FilmFault


@dataclass(frozen=True, slots=True)
class Caption:
    """Words that are shown from one second to another, if a viewer wants them."""

    begin: float
    end: float
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.begin < self.end:
            raise FilmFault(f"a caption begins before it ends, not {self.begin:g} to {self.end:g}")
