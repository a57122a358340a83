"""Phrases that mean something, and where they stand in a text: English and Chinese alike.

Floor 3. A table has the phrases of each meaning in one line, parted by ` / `; each may be a regular
expression. English ones end where words end, Chinese ones anywhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from seedbed.engines.drafting.particles import numbers

T = TypeVar("T")
GONE = "~"
"""What stands in place of what is understood already; it ends a phrase."""
_NUMBERS = dict(numbers()) | {"第一": 1, "first": 1, "second": 2, "third": 3, "fourth": 4}


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A phrase where it stands, in characters, and what it means."""

    start: int
    end: int
    meaning: T


class Phrases(Generic[T]):
    """Finds the phrases of a table."""

    def __init__(self, table: Mapping[T, str]) -> None:
        self._patterns = [(meaning, pattern(words)) for meaning, words in table.items()]

    def all(self, text: str) -> list[Found[T]]:
        """Every phrase in order; of those that overlap the first, and then the longest."""
        found = sorted(self._each(text), key=lambda one: (one.start, -one.end))
        kept: list[Found[T]] = []
        for one in found:
            if not kept or one.start >= kept[-1].end:
                kept.append(one)
        return kept

    def first(self, text: str) -> T | None:
        """What the first phrase means."""
        return next((one.meaning for one in self.all(text)), None)

    def last(self, text: str) -> T | None:
        """What the last phrase means."""
        return next((one.meaning for one in reversed(self.all(text))), None)

    def _each(self, text: str) -> Iterator[Found[T]]:
        for meaning, each in self._patterns:
            for found in each.finditer(text):
                if found.end() > found.start():
                    yield Found(found.start(), found.end(), meaning)


def pattern(words: str) -> re.Pattern[str]:
    """Any of these phrases."""
    phrases = words.split(" / ")
    english = "|".join(one for one in phrases if one.isascii())
    chinese = "|".join(one for one in phrases if not one.isascii())
    bounded = rf"(?<![a-z0-9])(?:{english})(?![a-z0-9])" if english else ""
    return re.compile("|".join(one for one in (bounded, chinese) if one), re.IGNORECASE)


def without(text: str, start: int, end: int) -> str:
    """The text with a part taken out of it; all else stands where it stood."""
    return text[:start] + GONE * (end - start) + text[end:]


def words_of(text: str) -> frozenset[str]:
    """The words of a line.

    >>> sorted(words_of("sun moon"))
    ['moon', 'sun']
    """
    return frozenset(text.split())


def number(text: str) -> float | None:
    """A number in digits or in words.

    >>> number("2.5"), number("three"), number("十二"), number("soon")
    (2.5, 3.0, 12.0, None)
    """
    if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text):
        return float(text)
    known = _NUMBERS.get(text.strip().lower())
    return None if known is None else float(known)


NUMBER = (
    r"(?:\d{1,6}(?:\.\d{1,3})?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen"
    r"|twenty|thirty|sixty|half a|an?|[一二两三四五六七八九十半]{1,3})"
)
"""How numbers of seconds, frames and shots are written."""
