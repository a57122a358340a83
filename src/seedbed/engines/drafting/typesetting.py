"""What typst is told of a text, for `lettering.typ`.

Floor 3. All of it is data; measures are shares of an em.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from seedbed.core.scene.layers import Type
from seedbed.engines.drafting.columns import columns, is_square
from seedbed.engines.drafting.fonts import script
from seedbed.engines.drafting.looks import solid

OUTLINE = 0.06
"""How far an outline reaches around its letters."""
PLATE = (0.42, 0.24)
"""What a plate has beside its letters, and above and below."""
_ROOM = (0.04, 0.02)
_NARROW, _TALL, _SQUARE = (0.9, -0.24), (1.07, -0.3), (0.88, -0.12)
"""What letters take above and below their line: usual ones, such as reach far, squares."""
_COUNTRIES = {"zh": "CN", "ja": "JP", "ko": "KR", "ar": "EG", "he": "IL", "th": "TH", "hi": "IN"}
_UNBROKEN = re.compile(r"[^\s-]+-*")

Order = dict[str, object]


def ordered(text: str, kind: Type, families: Sequence[str], pictures: Mapping[str, str]) -> Order:
    """A text as it is to be set; `pictures` are those that stand for characters without a font."""
    text = text.strip("\n").replace("\t", "    ")
    lines = text.split("\n")
    language, pad = script(text), _ROOM if kind.plate is None else PLATE
    edge = OUTLINE if kind.outline is not None else 0.0
    top, bottom = _SQUARE if kind.upright else _reach(text)
    return {
        "families": families,
        "weight": kind.weight,
        "style": "italic" if kind.italic else "normal",
        "colour": solid(kind.colour),
        "stroke": 0,
        "spacing": kind.spacing,
        "leading": kind.leading,
        "top": top,
        "bottom": bottom,
        "pad": [share + edge for share in pad],
        "align": kind.align,
        "across": kind.across,
        "language": language,
        "country": _COUNTRIES.get(language, "US"),
        "backwards": is_backwards(text),
        "upright": kind.upright,
        "lines": [_pieces(line, pictures) for line in lines],
        "words": _words(text),
        "columns": [[list(map(asdict, unit)) for unit in columns(line)] for line in lines],
    }


def is_backwards(text: str) -> bool:
    """Whether a text is read from right to left: as its first letter is.

    >>> is_backwards("2026 שלום")
    True
    """
    kinds = map(unicodedata.bidirectional, text)
    return next((one for one in kinds if one in {"L", "R", "AL"}), "L") != "L"


def _pieces(line: str, pictures: Mapping[str, str]) -> Sequence[object]:
    if not pictures:
        return [line]
    parts = re.split(f"([{''.join(map(re.escape, pictures))}])\ufe0f?", line)
    return [{"picture": pictures[part]} if part in pictures else part for part in parts if part]


def _words(text: str) -> list[str]:
    """What is not broken: between spaces, hyphens, and squares."""
    spaced = "".join(" " if is_square(one) else one for one in text)
    return sorted(set(_UNBROKEN.findall(spaced)))


def _reach(text: str) -> tuple[float, float]:
    return _NARROW if all(map(_is_usual, text)) else _TALL


def _is_usual(character: str) -> bool:
    is_small = character < "\u0180" and character.islower()
    return character < "\x7f" or is_square(character) or is_small
