"""What is to be done to a picture, read from plain words in English and Chinese.

Floor 3. "Remove the cat and make the sky red": each part of a sentence with a verb of its own is a
wish. What it is about is told by its noun, by what is written there, or by the place that is
marked.
"""

# ruff: noqa: RUF001 - signs as Chinese has them

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from seedbed.engines.drafting.editing.laying import pictures
from seedbed.engines.drafting.editing.verbs import (
    BEGINS,
    CHANGES,
    KEEPS,
    NAMES,
    PUTS,
    REMOVES,
    TEXTS,
    TURNS,
)
from seedbed.engines.drafting.planning.places import Where, setting
from seedbed.engines.drafting.planning.quoted import quotes
from seedbed.engines.drafting.words import Noun, Words

Deed: TypeAlias = Literal["remove", "keep", "change", "put", "name"]
_PARTS = re.compile(
    rf"[;。；\n]+|[.,，、]?\s*(?:\b(?:and|then|but)\b|然后|但是?|并且|并|再|同时)+\s*(?=(?:{BEGINS}))"
    rf"|[.,，]\s*(?=(?:{BEGINS}))",
    re.IGNORECASE,
)
_GROUND = re.compile(
    r"\b(?:sky|background|backdrop|scenery)\b|天空|天色|背景|"
    r"^\s*(?:天|(?:the )?(?:scene|weather))\s*$",
    re.IGNORECASE,
)
_HERE = re.compile(r"\bhere\b|这里|这儿|此处|圈里|框里|圈内|框内|这个位置|这块", re.IGNORECASE)
_IT = re.compile(r"^\s*(?:it|this|that|它|这个?|那个?)", re.IGNORECASE)
_HERE_ALONE = re.compile(
    r"(?:(?:it|this|that|these|those|here|everything|all|all of it|(?:the|this|that) "
    r"(?:marked |circled |boxed )?(?:area|part|region|place|spot|thing|object|zone))"
    r"(?: (?:here|there))?|"
    r"(?:它们?|这个?|那个?|这些|这里|这儿|这块|此处|圈里|框里|圈内|框内|选中|标出|标记)?的?"
    r"(?:区域|部分|地方|东西|内容|物体)?)?",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\s*(?:[,，、]|\band\b|和|与|以及)\s*(?:the (?=text|words|title))?", re.IGNORECASE
)
_ALL = re.compile(r"\b(?:all|every|both)\b|所有|全部|都|每", re.IGNORECASE)
_LONGEST = 300
"""Characters of one wish at most; what is longer is none."""
_QUOTE = "\ue000"
"""What stands in place of words in quotes."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something by its words: a `thing` by its concept, a `text`, the `ground`, or, where none of
    these is named, what lies `here`.
    """

    said: str
    kind: Literal["thing", "text", "ground", "here"]
    nouns: tuple[Noun, ...] = ()
    quote: str = ""
    is_all: bool = False


@dataclass(frozen=True, slots=True)
class Becomes:
    """What something is to be, or what is to be put there, as far as it is told."""

    nouns: tuple[Noun, ...] = ()
    colour: str | None = None
    quote: str = ""
    where: Where = field(default_factory=Where)
    pictures: tuple[int, ...] | None = None
    """The numbers of pictures that came along; none where it is any of them."""

    @property
    def is_thing(self) -> bool:
        """Whether it is a thing, words or a picture, of which one takes the place of all."""
        return bool(self.nouns or self.quote) or self.pictures is not None

    @property
    def is_told(self) -> bool:
        """Whether anything of it was understood."""
        return self.is_thing or bool(self.colour) or self.where != Where()


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is to be done: `said` in these words."""

    do: Deed
    said: str
    of: tuple[Named, ...]
    to: Becomes = field(default_factory=Becomes)
    is_here: bool = False
    """Whether it is said to be at the place that is marked."""


def wishes(prompt: str, words: Words) -> tuple[list[Wish], list[str]]:
    """What a prompt wants done, in order; and those of its parts that are not understood."""
    _, quoted = quotes(prompt, words)
    text, said = prompt, [one.text for one in quoted]
    for one in reversed(quoted):
        text = text[: one.start] + _QUOTE + text[one.end :]
    found: list[Wish] = []
    missed: list[str] = []
    for part in _PARTS.split(text):
        here, said = said[: part.count(_QUOTE)], said[part.count(_QUOTE) :]
        if not part.strip(" .,，。!！"):
            continue
        one = _wish(_Part(part.strip(" .,，。!！"), here, words)) if len(part) <= _LONGEST else None
        if one is None:
            missed.append(_told(part.strip(), here))
        else:
            found.append(one)
    return found, missed


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a prompt, and what is quoted in it."""

    text: str
    quoted: list[str]
    words: Words

    def quote(self, text: str, *, last: bool = False) -> str:
        """What is quoted in a piece of it."""
        if _QUOTE not in text or not self.quoted:
            return ""
        return self.quoted[-1] if last else self.quoted[0]


def _wish(part: _Part) -> Wish | None:
    said = _told(part.text, part.quoted)
    is_here = bool(_HERE.search(part.text))
    plain: tuple[tuple[Deed, re.Pattern[str]], ...] = (("keep", KEEPS), ("remove", REMOVES))
    for do, pattern in plain:
        if found := pattern.search(part.text):
            return Wish(do, said, _named(_given(found), part), is_here=is_here)
    if (found := NAMES.search(part.text)) and part.quoted:
        of = _named(_bare(_given(found)), part)
        return Wish("name", said, of, Becomes(quote=part.quoted[-1]))
    for of, to in _changes(part):
        becomes = _becomes(to, part)
        if becomes.is_told:
            return Wish("change", said, _named(of, part), becomes, is_here)
    if found := PUTS.search(part.text):
        to = _HERE.sub(" ", _given(found))
        nouns, quote = tuple(part.words.nouns(_bare(to))), part.quote(to, last=True)
        put = Becomes(nouns if not quote else (), quote=quote, pictures=pictures(to))
        return Wish("put", said, (), put, is_here)
    return None


def _changes(part: _Part) -> Iterator[tuple[str, str]]:
    """What may be changed into what: the words for each."""
    if found := CHANGES.search(part.text):
        of, to = (told for told in found.groups() if told is not None)
        yield of, to
    if found := TURNS.search(part.text):
        yield from _cuts(_given(found), part)


def _cuts(text: str, part: _Part) -> Iterator[tuple[str, str]]:
    """Where what is named ends, what it becomes begins; the longest name first: "the sky red"."""
    ends = [found.start() for found in re.finditer(r"\s+|$", text)]
    named = [end for end in ends if (one := part.words.nouns(text[:end])) and one[-1].end == end]
    plain = [one.search(text) for one in (_GROUND, TEXTS, _IT)]
    named += [found.end() for found in plain if found]
    for end in sorted(named, reverse=True):
        yield text[:end], text[end:]


def _named(text: str, part: _Part) -> tuple[Named, ...]:
    """What is meant by words; "the cat and the title" are two."""
    quoted, named = iter(part.quoted), list[Named]()
    for piece in _BOTH.split(text):
        quote = next(quoted, "") if _QUOTE in piece else ""
        named.append(_one(_told(piece, [quote]).strip(), piece, quote, part.words))
    return tuple(named)


def _one(said: str, text: str, quote: str, words: Words) -> Named:
    is_all = bool(_ALL.search(text))
    if _HERE_ALONE.fullmatch(text.strip()):
        return Named(said, "here", is_all=is_all)
    if quote or TEXTS.search(text):
        return Named(said, "text", quote=quote, is_all=is_all)
    if _GROUND.search(text):
        return Named(said, "ground")
    return Named(said, "thing", tuple(words.nouns(text)), is_all=is_all)


def _becomes(text: str, part: _Part) -> Becomes:
    """What it is to be: words in quotes, a thing, a place or a light, or else a colour."""
    if quote := part.quote(text, last=True):
        return Becomes(quote=quote)
    bare = _bare(text)
    left, where, _ = setting(bare, part.words)
    if where != Where() and not part.words.nouns(left):
        return Becomes(where=where)
    if nouns := tuple(part.words.nouns(bare)):
        colour = _colour(bare, part.words)  # "orange" is a colour before it is a fruit
        return Becomes(colour=colour) if colour else Becomes(nouns)
    return Becomes(colour=_colour(bare, part.words), pictures=pictures(bare))


def _colour(text: str, words: Words) -> str | None:
    """The colour that is all that a text names."""
    told = re.sub(r"^\s*(?:a|an|the|be|is)\s+", "", text.strip(), flags=re.IGNORECASE)
    told = re.sub(r"(?:的|颜色)+$|\s+colou?r(?:ed)?$", "", told)
    nouns = words.nouns(f"{told} cat" if told.isascii() else f"{told}的猫")
    is_alone = told and len(nouns) == 1 and nouns[0].start == 0
    return nouns[0].colour if is_alone else None


def _given(found: re.Match[str]) -> str:
    """What a verb is about, before it or behind it."""
    return next((told for told in found.groups() if told and told.strip()), "")


def _bare(text: str) -> str:
    return text.replace(_QUOTE, " ")


def _told(text: str, quoted: list[str]) -> str:
    for one in quoted:
        text = text.replace(_QUOTE, f'"{one}"', 1)
    return text
