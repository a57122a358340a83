"""What is asked, and what came of it.

Floor 5. Texts are drawn from plain words by a mark that they begin with, so that two of different
marks have not even their beginnings alike, and a cache helps only where something is truly shared.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import msgspec

_WORDS = (
    "amber", "bridge", "copper", "delta", "ember", "forest", "glass", "harbour", "island",
    "jasmine", "kettle", "lantern", "meadow", "nickel", "orchard", "pepper", "quarry", "river",
    "silver", "timber", "umber", "valley", "willow", "yellow", "zephyr", "anchor",
)  # fmt: skip
_TOKENS_OF_A_WORD = 1.26
"""As the starter's tokenizer cuts these words, the blanks between them included."""
_AROUND = 50
"""Tokens of a question that are not its words: its mark, its order, the template around it."""
TAIL = 60
"""Tokens of the question behind a shared prefix."""
_ORDER = "Write a long story, without an end, in which these words occur: "
COLOURS: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "colour": {"enum": ["red", "green", "blue"]},
        "weight": {"type": "integer", "minimum": 1, "maximum": 99},
    },
    "required": ["colour", "weight"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Chat:
    """Messages, by role and text, and how many tokens their answer may have.

    A `schema` holds the answer to its form. `whole` wants all the tokens, where a target can go on
    when its model would end. `priority` goes to targets that know classes.
    """

    messages: tuple[tuple[str, str], ...]
    output: int
    schema: Mapping[str, object] | None = None
    whole: bool = True
    priority: str = ""

    @property
    def opening(self) -> str:
        """The mark that it begins with: what is alike in it may be shared."""
        return self.messages[0][1].partition("]")[0][1:]

    @property
    def wanted(self) -> int:
        """Tokens that the answer should have; 0 where it may end by itself."""
        return self.output if self.whole else 0

    def then(self, said: str, asked: str) -> "Chat":
        """The chat that goes on with what was answered, and the next that is asked."""
        return replace(self, messages=(*self.messages, ("assistant", said), ("user", asked)))


class Got(msgspec.Struct):
    """One answer: tokens of the prompt and of the answer, its text, and seconds until its first
    token and in all. `at` is when it was asked, by `time.perf_counter`; `wanted` are the tokens
    that it should have, 0 where it may end by itself. `opening` is the mark that its chat began
    with; a chat that `goes_on` grows by its answers, and one that `has_form` is held to it. `lost`
    says why there is none.
    """

    tokens: int = 0
    prompt: int = 0
    text: str = ""
    first: float = 0.0
    took: float = 0.0
    at: float = 0.0
    wanted: int = 0
    opening: str = ""
    goes_on: bool = False
    has_form: bool = False
    lost: str = ""


def words(mark: str, tokens: int) -> str:
    """About so many tokens of plain words, drawn by the mark."""
    drawn = range(round(tokens / _TOKENS_OF_A_WORD))
    return " ".join(_WORDS[zlib.crc32(f"{mark} {at}".encode()) % len(_WORDS)] for at in drawn)


def question(mark: str, tokens: int) -> str:
    """A question of about so many tokens, the template around it included."""
    return f"[{mark}] {_ORDER}{words(mark, tokens - _AROUND)}."


def alone(mark: str, count: int, *, tokens: int = 128, output: int = 64) -> list[Chat]:
    """Chats of one question each, of which no two begin alike."""
    marks = (f"{mark} {number}" for number in range(count))
    return [Chat((("user", question(one, tokens)),), output) for one in marks]


def sharing(mark: str, tails: str, count: int, *, shared: int, output: int = 32) -> list[Chat]:
    """Chats with a long system text in common, which the mark tells, and questions of their own,
    which `tails` tells.
    """
    system = f"[{mark}] Keep these words in mind: {words(mark, shared)}."
    asked = (question(f"{tails} {number}", TAIL) for number in range(count))
    return [Chat((("system", system), ("user", one)), output) for one in asked]


def mixed(mark: str, requests: int, *, shared: int) -> Iterator[tuple[Chat, list[str]]]:
    """A trace: chats, each with what is asked in its further turns.

    Of the requests 40 % share a prefix, one for each twelve of them, 30 % are short, 20 % are turns
    of agents' loops, four each, and 10 % want JSON. They are shuffled by the mark.
    """
    sharers, loops = round(requests * 0.4), max(1, round(requests * 0.2 / 4))
    talks: list[tuple[Chat, list[str]]] = []
    for group in range(0, sharers, 12):
        name = f"{mark} prefix {group}"
        chats = sharing(name, name, min(12, sharers - group), shared=shared)
        talks += [(replace(chat, whole=False), []) for chat in chats]
    short = alone(f"{mark} short", round(requests * 0.3), tokens=64, output=48)
    talks += [(replace(chat, whole=False), []) for chat in short]
    for number in range(loops):
        first, *rest = (question(f"{mark} loop {number} {turn}", 300) for turn in range(4))
        talks.append((Chat((("user", first),), 32, whole=False), rest))
    asked = alone(f"{mark} form", round(requests * 0.1), tokens=64, output=48)
    talks += [(replace(chat, schema=COLOURS, whole=False), []) for chat in asked]
    by_chance = sorted(range(len(talks)), key=lambda at: zlib.crc32(f"{mark} at {at}".encode()))
    yield from (talks[at] for at in by_chance)
