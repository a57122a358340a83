"""Which words name a concept, and which a colour: from emojibase, and from `words.toml`."""

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from art.packages import Concept, concepts
from seedbed.engines.drafting.lexicon import Vocabulary, cut
from seedbed.engines.drafting.tint import Shade, shade, written

# By groups of emojibase's: people, animals and plants, food, places and travel, play, things.
_PEOPLE = 1
_NAMED = frozenset({_PEOPLE, 3, 4, 5, 6, 7})
_PREFERRED = (3, 4, 5, 7, 6, 1, 0, 8, 9)
_CALLINGS = "人者员师家童孩"  # how the Chinese names of people end, rather than of what they do
_BARE = frozenset("红橙黄绿蓝紫黑白灰粉棕褐金银青")  # colours even without the word for colour
_DARKER = ("dark", "deep", "深", "暗")
_LIGHTER = ("light", "pale", "浅", "淡")
_BRIGHTER = ("bright", "vivid", "亮", "鲜")


def lexicon(folder: Path, drawn: Collection[str]) -> Vocabulary:
    """The words for what is drawn, and the colours."""
    rules = tomllib.loads((Path(__file__).parent / "words.toml").read_text())
    known = [concept for concept in concepts(folder) if concept.id in drawn]
    nouns: dict[str, str] = {}
    for concept in known:
        if concept.group in _NAMED or concept.id in rules["nouns"]:
            nouns |= dict.fromkeys(_names(concept, rules["never"]), concept.id)
    nouns |= {concept.sign: concept.id for concept in known if len(concept.sign) == 1}
    for concept_id, names in rules["nouns"].items():
        nouns |= dict.fromkeys(names, concept_id)
    plurals = {many: of for name, of in nouns.items() for many in _plurals(name, rules["forms"])}
    loose = _loose(known) | rules["loose"]
    return Vocabulary(
        nouns=nouns,
        plurals={many: of for many, of in plurals.items() if nouns.get(many) != of},
        loose={tag: of for tag, of in loose.items() if cut(tag) and tag not in nouns},
        colours=dict(_colours(rules["colours"])),
        verbs=tuple(rules["verbs"]["words"]),
        other=tuple(rules["other"]["words"]),
    )


def _names(concept: Concept, never: Mapping[str, Any]) -> Iterator[str]:
    """Its labels, where those are nouns."""
    if concept.id in never["concepts"] or concept.id.endswith(("-thirty", "-oclock")):
        return
    english, chinese = _plain(concept.labels["en"]), concept.labels["zh"]
    if not any(mark in english for mark in ":,("):
        yield english
    person = concept.group == _PEOPLE
    if chinese not in never["words"] and (not person or chinese[-1] in _CALLINGS):
        yield chinese


def _plain(label: str) -> str:
    return label.lower().replace("’", "'")  # noqa: RUF001 - as emojibase writes


def _plurals(name: str, forms: Mapping[str, str]) -> Iterator[str]:
    """How more than one of an English name is written."""
    head, of, rest = name.partition(" of ")
    before, _, last = head.rpartition(" ")
    if not last.isascii() or not last.isalpha():
        return
    if last in forms:
        many = forms[last]
    elif last.endswith("s") and not last.endswith(("ss", "us")):
        return  # glasses, grapes
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        many = last + "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        many = last[:-1] + "ies"
    else:
        many = last + "s"
    yield f"{before} {many}".strip() + of + rest


def _loose(known: list[Concept]) -> dict[str, str]:
    """What each label and tag suits best: what is so called, what is a thing, what has few tags."""
    bids: dict[str, list[tuple[bool, int, int, str]]] = {}
    for concept in known:
        rank = _PREFERRED.index(concept.group)
        for tongue in ("en", "zh"):
            label, tags = _plain(concept.labels[tongue]), concept.tags[tongue]
            for tag in (label, *map(_plain, tags)):
                bids.setdefault(tag, []).append((tag != label, rank, len(tags), concept.id))
    return {tag: min(offers)[-1] for tag, offers in bids.items()}


def _colours(table: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    plain = {name: colour for colour, names in table.items() for name in names}
    written_out = Counter(plain.keys())
    for name, colour in plain.items():
        yield from ((each, colour) for each in _spelled(name))
        for before, other in _modified(colour):
            spaced = f"{before} {name}" if name.isascii() else before + name
            if name.isascii() == before.isascii() and spaced not in written_out:
                yield from ((each, other) for each in _spelled(spaced))


def _spelled(name: str) -> Iterator[str]:
    """With the Chinese word for colour behind it; bare where that is a colour alone."""
    if name.isascii():
        yield name
        return
    if name[-1] in _BARE:
        yield name
    yield name if name.endswith("色") else name + "色"


def _modified(colour: str) -> Iterator[tuple[str, str]]:
    here = shade(colour)
    dark = Shade(here.lightness * 0.68, here.chroma * 0.85, here.hue)
    light = Shade(1 - (1 - here.lightness) * 0.5, here.chroma * 0.6, here.hue)
    bright = Shade(min(1.0, here.lightness * 1.05), here.chroma * 1.2, here.hue)
    for befores, other in ((_DARKER, dark), (_LIGHTER, light), (_BRIGHTER, bright)):
        yield from ((before, written(other)) for before in befores)
