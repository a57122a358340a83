"""A text in pieces that overlap, cut where a paragraph, a sentence or at least a word ends.

Floor 1. Lengths are in bytes of UTF-8, and no letter is cut through.
"""

import re

_FULL_STOPS = "\u3002\uff01\uff1f"
"""The full stop, exclamation mark and question mark of Chinese and Japanese."""
_PARAGRAPH = re.compile(rb"\n[ \t\r]*\n\s*")
_SENTENCE = re.compile(rb"(?<=[.!?])\s+|\n\s*|(?:%b)\s*" % "|".join(_FULL_STOPS).encode())
_WORD = re.compile(rb"\s+")
_INSIDE, _LEADS = 0b1100_0000, 0b1000_0000
"""The bits that tell a byte within a letter from the first of one."""


def cut(text: str, most: int, overlap: int = 0) -> list[str]:
    """Pieces of at most `most` bytes, 16 or more; each begins up to `overlap` bytes before the end
    of the one before. That is at most half of `most`, and a piece is cut in its last quarter, so
    that there are never more than a few times as many bytes as the text has.

    >>> cut("One is one. Two is two. Three.", 24)
    ['One is one. Two is two.', 'Three.']
    """
    data = text.strip().encode()
    pieces, start = list[bytes](), 0
    while len(data) - start > most:
        end = _end(data, start + most - most // 4, start + most)
        pieces.append(data[start:end])
        start = _start(data, end - overlap, end) if overlap else end
    pieces.append(data[start:])
    return [words for piece in pieces if (words := piece.decode().strip())]


def _end(data: bytes, least: int, most: int) -> int:
    """Where a piece ends: as late as it may, behind the greatest unit that ends there."""
    for unit in (_PARAGRAPH, _SENTENCE, _WORD):
        if ends := [found.end() for found in unit.finditer(data, least, most)]:
            return ends[-1]
    while data[most] & _INSIDE == _LEADS:
        most -= 1
    return most


def _start(data: bytes, least: int, most: int) -> int:
    """Where the next piece begins: as early as it may, with a sentence or a word."""
    for unit in (_SENTENCE, _WORD):
        if found := unit.search(data, least, most):
            return found.end()
    while data[least] & _INSIDE == _LEADS:
        least += 1
    return least
