"""The words that a planner without a model knows, and where they stand in a sentence.

Floor 3. English and Chinese are read alike: an English word is one token and so is a Chinese
character, and at each place the longest run of tokens that is known is taken.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from seedbed.engines.drafting.particles import (
    LINKS,
    MEASURES,
    OF,
    POINTING,
    STOPS,
    numbers,
)

Role = Literal["noun", "colour", "number", "measure", "of", "is", "stop", "other"]

_HAN = r"\u3400-\u9fff"
_TOKEN = re.compile(
    rf"#[0-9a-f]{{6}}(?![0-9a-z])|#[0-9a-f]{{3}}(?![0-9a-z])|[{_HAN}]|[0-9]+"
    rf"|['’](?:s\b)?|[^\W\d_{_HAN}]+|[^\s-]",  # noqa: RUF001 - as printers write
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known: terms and their concepts, names of colours and their `#rrggbb`.

    `loose` holds what suits a concept without being a noun; `verbs` are nouns that may be verbs,
    too; `other` are Chinese words that hold the name of something else.
    """

    nouns: Mapping[str, str] = field(default_factory=dict[str, str])
    plurals: Mapping[str, str] = field(default_factory=dict[str, str])
    loose: Mapping[str, str] = field(default_factory=dict[str, str])
    colours: Mapping[str, str] = field(default_factory=dict[str, str])
    verbs: tuple[str, ...] = ()
    other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sense:
    """What a word may mean; one that is noun and colour has both."""

    role: Role
    concept: str | None = None
    plural: bool = False
    verb: bool = False
    colour: str | None = None
    number: int | None = None


class Item(NamedTuple):
    """A word where it stands."""

    start: int
    end: int
    sense: Sense


class Lexicon:
    """Finds the words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._senses: dict[tuple[str, ...], Sense] = {}
        self._longest: dict[str, int] = {}
        for text, sense in _senses(vocabulary):
            tokens = cut(text)
            self._senses[tokens] = sense
            self._longest[tokens[0]] = max(len(tokens), self._longest.get(tokens[0], 0))

    def sense(self, text: str) -> Sense | None:
        """What a text means that is one term."""
        return self._senses.get(cut(text))

    def read(self, sentence: str) -> list[Item]:
        """Every word of the sentence, known or not, in order."""
        found = list(_TOKEN.finditer(sentence))
        tokens = [_lower(each[0]) for each in found]
        items: list[Item] = []
        at = 0
        while at < len(tokens):
            size, sense = self._at(tokens, at)
            items.append(Item(found[at].start(), found[at + size - 1].end(), sense))
            at += size
        return items

    def _at(self, tokens: list[str], at: int) -> tuple[int, Sense]:
        most = min(self._longest.get(tokens[at], 0), len(tokens) - at)
        for size in range(most, 0, -1):
            sense = self._senses.get(tuple(tokens[at : at + size]))
            if sense is not None:
                return size, sense
        return 1, _unknown(tokens[at])


def cut(text: str) -> tuple[str, ...]:
    """Its tokens, in small letters.

    >>> cut("Four-leaf clover, 三只猫")
    ('four', 'leaf', 'clover', ',', '三', '只', '猫')
    """
    return tuple(_lower(found) for found in _TOKEN.findall(text))


def _lower(token: str) -> str:
    return token.lower().replace("’", "'")  # noqa: RUF001 - as printers write


def _unknown(token: str) -> Sense:
    """A number in digits, a colour in hexadecimal ones, a word of no meaning here, or a mark."""
    if token.isascii() and token.isdigit() and len(token) <= 4:
        return Sense("number", number=int(token))
    if token.startswith("#") and len(token) > 1:
        wide = token if len(token) == 7 else "#" + "".join(each * 2 for each in token[1:])
        return Sense("colour", colour=wide)
    return Sense("other" if token.isalpha() else "stop")


def _senses(vocabulary: Vocabulary) -> Iterator[tuple[str, Sense]]:
    """Every term, those that are to be preferred later."""
    yield from _all("stop", STOPS)
    yield from _all("is", LINKS)
    yield from _all("of", OF)
    yield from _all("measure", MEASURES)
    yield from _all("number", POINTING)
    yield from ((text, Sense("number", number=number)) for text, number in numbers())
    yield from ((text, Sense("colour", colour=each)) for text, each in vocabulary.colours.items())
    for plural, terms in ((False, vocabulary.nouns), (True, vocabulary.plurals)):
        for text, concept in terms.items():
            colour = vocabulary.colours.get(text)
            verb = text in vocabulary.verbs
            yield text, Sense("noun", concept, plural=plural, verb=verb, colour=colour)
    yield from _all("other", vocabulary.other)


def _all(role: Role, texts: Iterable[str]) -> Iterator[tuple[str, Sense]]:
    return ((text, Sense(role)) for text in texts)
