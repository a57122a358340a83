"""A text for columns, as in Chinese and Japanese: squares, and words that lie on their side.

Floor 3. What may not begin a column, such as a full stop, stays with what is before it; what may
not end one, such as an opening bracket, with what follows.
"""

import itertools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_CLOSING = frozenset(
    "、。，．！？：；・ー」』）］｝〉》】〕〗”’,.!?:;)]}%…‥ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々"  # noqa: RUF001
)
_OPENING = frozenset("「『（［｛〈《【〔〖“‘([{")  # noqa: RUF001
_UPRIGHT_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of a column, or a word that is `turned` to the right."""

    text: str
    turned: bool = False


def columns(line: str) -> list[list[Cell]]:
    """A line's cells, those in one list that no column may part.

    >>> [[cell.text for cell in unit] for unit in columns("「春眠」")]
    [['「', '春'], ['眠', '」']]
    """
    units: list[list[Cell]] = []
    is_held = False
    for cell in _cells(line):
        if units and (is_held or cell.text in _CLOSING):
            units[-1].append(cell)
        else:
            units.append([cell])
        is_held = cell.text in _OPENING
    return units


def is_square(character: str) -> bool:
    """Whether a character fills a square, and stands upright in a column."""
    return unicodedata.east_asian_width(character) in {"W", "F"}


def _cells(line: str) -> Iterator[Cell]:
    for kind, found in itertools.groupby(line, _kind):
        run = "".join(found)
        if kind == "square":
            yield from map(Cell, run)
        elif kind == "space":
            yield Cell(run, turned=True)
        else:
            is_small = run.isdigit() and len(run) <= _UPRIGHT_DIGITS
            yield Cell(run, turned=not is_small)


def _kind(character: str) -> str:
    if is_square(character) or character in _CLOSING & _FULL:
        return "square"
    return "space" if character.isspace() else "word"


_FULL = frozenset("“”‘’…‥")  # noqa: RUF001
