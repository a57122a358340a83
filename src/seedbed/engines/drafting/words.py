"""Which things a sentence names, how many of each and in which colour: English and Chinese.

Floor 3. `words.json.xz` beside this file is made by `make art`: the names of emojibase, which has
them for every picture, and some hundred common words of our own. Nothing here parses: a noun takes
the number and the colour that stand beside it, up to a word that belongs to something else.
"""

import lzma
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from seedbed.engines.drafting.lexicon import Item, Lexicon, Role, Sense, Vocabulary, cut

MANY = 3  # how many of something there are that a sentence has more than one of
_ASIDE = 2  # unknown words between a noun and its number or colour: "three very small cats"
_ASIDE_HAN = 6
_SKIPPED: frozenset[Role] = frozenset({"colour", "of", "measure"})
_JOINING = frozenset({"and", "和"})
_WHITHER = frozenset(
    {"across", "over", "from", "to", "into", "onto", "through", "past", "off", "up", "down", "away"}
    | {"around", "along", "toward", "towards", "by", "above", "~"}
)
_DOING = frozenset({"to", "can", "will", "it", "they", "he", "she", "who", "which"})


@dataclass(frozen=True, slots=True)
class Noun:
    """One thing, where it is named: from its number or colour to its own end, in characters.

    `count` is 0 for what the sentence says is not there; `colour` is `#rrggbb`.
    """

    start: int
    end: int
    concept: str
    count: int = 1
    colour: str | None = None


class Words:
    """Finds concepts in words."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._lexicon = Lexicon(vocabulary)
        self._loose = {cut(text): concept for text, concept in vocabulary.loose.items()}

    def find(self, text: str) -> str | None:
        """The concept that a text names: a noun, a word that suits it, or a phrase with a noun."""
        sense = self._lexicon.sense(text)
        if sense is not None and sense.concept is not None:
            return sense.concept
        named = next((noun.concept for noun in self.nouns(text)), None)
        return self._loose.get(cut(text), named)

    def nouns(self, sentence: str) -> list[Noun]:
        """Everything in a sentence that there is art of, in order; spans do not overlap."""
        items = _settled(sentence, self._lexicon.read(sentence))
        found: list[Noun] = []
        free = 0
        for at, item in enumerate(items):
            if item.sense.role == "noun":
                before = _before(items, at, free)
                if before.told or not item.sense.verb or _thing(sentence, items, at):
                    after, colour = _after(items, at)
                    found.append(_noun(items, at, before, after, colour))
                    free = after + 1
                else:
                    free = at + 1
        return found


@cache
def read_words() -> Words:
    """The words that are shipped, read once; that takes less than a tenth of a second."""
    packed = files("seedbed.engines.drafting").joinpath("words.json.xz").read_bytes()
    return Words(msgspec.json.decode(lzma.decompress(packed), type=Vocabulary))


@dataclass(slots=True)
class _Before:
    """What stands before a noun: the first item that belongs to it, its number, its colour."""

    first: int
    told: bool = False
    number: int | None = None
    colour: str | None = None


def _noun(items: list[Item], at: int, before: _Before, after: int, colour: str | None) -> Noun:
    sense = items[at].sense
    count = before.number if before.number is not None else 1
    if count == 1 and sense.plural:  # as in "a vase of roses", too
        count = MANY
    return Noun(
        items[before.first].start,
        items[after].end,
        sense.concept or "",
        count,
        before.colour or colour,
    )


def _before(items: list[Item], at: int, free: int) -> _Before:
    """Walk back from a noun to its number, over colours and a few unknown words."""
    found = _Before(at)
    aside = _ASIDE_HAN if items[at - 1].end == items[at].start else _ASIDE
    for index in range(at - 1, free - 1, -1):
        sense = items[index].sense
        if sense.role == "number":
            found.first, found.told, found.number = index, True, sense.number
            if index > free and items[index - 1].sense.number == 0:
                found.first, found.number = index - 1, 0
            break
        if sense.role == "colour":
            found.first, found.told, found.colour = index, True, found.colour or sense.colour
        elif sense.role == "of":
            found.told = found.told or index == at - 1
        elif sense.role == "other" and aside:
            aside -= 1
        elif sense.role != "measure":
            break
    return found


def _thing(sentence: str, items: list[Item], at: int) -> bool:
    """Whether what may be a verb is none: "stars shine", but "ring a bell", "they fly"."""
    follows = items[at + 1].sense.role if at + 1 < len(items) else "stop"
    if follows == "number" or not sentence[items[at].start].isascii():
        return False
    if at + 1 < len(items) and _word(sentence, items[at + 1]) in _WHITHER:
        return False
    if at == 0:
        return True
    before = items[at - 1]
    return before.sense.role in {"stop", "is"} and _word(sentence, before) not in _DOING


def _word(sentence: str, item: Item) -> str:
    return sentence[item.start : item.end].lower()


def _after(items: list[Item], at: int) -> tuple[int, str | None]:
    """The last item that tells the noun's colour behind it, and the colour: "a car in red"."""
    roles = [item.sense.role for item in items[at + 1 : at + 4]]
    if roles[:1] == ["colour"] and items[at + 1].sense.colour and _hexadecimal(items[at + 1]):
        return at + 1, items[at + 1].sense.colour
    if roles[:2] == ["is", "colour"] and roles[2:] not in (["noun"], ["other"], ["colour"]):
        return at + 2, items[at + 2].sense.colour
    return at, None


def _hexadecimal(item: Item) -> bool:
    return item.sense.colour is not None and item.end - item.start in {4, 7}


def _settled(sentence: str, items: list[Item]) -> list[Item]:
    """With each word that may be a colour or a thing settled as one of them."""
    return [
        item._replace(sense=Sense("colour", colour=item.sense.colour))
        if item.sense.role == "noun" and item.sense.colour and _colours(sentence, items, at)
        else item
        for at, item in enumerate(items)
    ]


def _colours(sentence: str, items: list[Item], at: int) -> bool:
    """Whether it is the colour of what follows ("an orange cat"), or of what it is told of."""
    aside = _ASIDE
    for index in range(at + 1, len(items)):
        sense = items[index].sense
        if sense.role == "noun":
            return True
        if sense.role == "other" and aside:
            aside -= 1
        elif sense.role not in _SKIPPED and not _joins(sentence, items, index):
            break
    return at > 0 and items[at - 1].sense.role == "is"


def _joins(sentence: str, items: list[Item], at: int) -> bool:
    """Whether it is the word between two colours: "orange and red"."""
    joining = _word(sentence, items[at]) in _JOINING
    return joining and at + 1 < len(items) and items[at + 1].sense.colour is not None
