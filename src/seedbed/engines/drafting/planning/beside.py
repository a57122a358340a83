"""The words about things: which belong to which of them, and how two of them lie.

Floor 3. What stands behind a thing is its own, up to where a sentence or a clause ends; what stands
before it, from there on. What follows an object is told of its subject: "a bird flies over a house
from left to right".
"""

# ruff: noqa: RUF001 - signs as Chinese has them

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from seedbed.engines.drafting.planning.phrases import Phrases
from seedbed.engines.drafting.words import Noun

Rule: TypeAlias = Literal[
    "above", "on", "below", "left_of", "right_of", "beside", "behind", "front"
]

_SENTENCES = re.compile(r"[.;!?。；！？\n]")
_COMMAS = re.compile(r"[,，]")
_JOINS = re.compile(r"\b(?:and|while|whereas|but)\b|和|与|跟|、|而", re.IGNORECASE)
_GROUP = re.compile(r"[\s,，、]*(?:and|&|plus|和|与|跟|及)?[\s,，、]*", re.IGNORECASE)
_PLACED = re.compile(r"\s*(?:on|at|in|to|near)\b|\s*(?:在)?[左右上下中远近]", re.IGNORECASE)
_RELATIVE = re.compile(r"\s*(?:that|who|which|,|，|is\b|are\b|是)", re.IGNORECASE)
_SIDES: dict[Rule, str] = {
    "left_of": "(?:to|on|at) the left(?: hand)?(?: side)? of / left of",
    "right_of": "(?:to|on|at) the right(?: hand)?(?: side)? of / right of",
    "front": "in front of / before",
    "behind": "behind / at the back of",
    "beside": "next to / beside / near / alongside / with / holding / holds / carrying / carries / "
    "among / between / by",
    "below": "below / under / underneath / beneath",
    "above": "above / over / high above",
    "on": "on top of / on / onto / in / inside / into / atop / upon / rid(?:es?|ing)",
}
_BEFORE_OBJECT: dict[Rule, re.Pattern[str]] = {
    rule: re.compile(rf"\b(?:{'|'.join(words.split(' / '))})\s*$", re.IGNORECASE)
    for rule, words in _SIDES.items()
}
_HAN_SIDES = Phrases[Rule](
    {
        "left_of": "(?:的)?左(?:边|侧|面|方)",
        "right_of": "(?:的)?右(?:边|侧|面|方)",
        "above": "(?:的)?上方 / (?:的)?上空 / (?:的)?头顶",
        "on": "(?:的)?上面 / (?:的)?上 / (?:的)?顶上 / (?:的)?里面? / (?:的)?中",
        "below": "(?:的)?下(?:面|方|边)? / (?:的)?底下",
        "beside": "(?:的)?旁边? / (?:的)?身边 / (?:的)?附近 / (?:的)?边上",
        "behind": "(?:的)?(?:后面|背后|身后|后方)",
        "front": "(?:的)?(?:前面|面前|身前|前方)",
    }
)
_HAN_BEFORE = re.compile(r"(?:在|从|到|向|往|朝|于|绕着|围着)\s*$")
_HAN_RIDES = re.compile(r"(?:骑|骑着|骑在|坐着|乘着)\s*$")
_HAN_THERE = re.compile(r"[^,，。]{0,4}(?:有|是|站着|停着|坐着|飞着|放着|躺着|开着)")
_VESSELS = frozenset({"vase", "bucket", "basket"})
_MOST_BESIDE = 400
"""Characters behind a thing that can say something of it: a long text is not read for each."""


@dataclass(slots=True)
class About:
    """The words before and behind a thing, and what it lies to: a rule and another's number.

    `whose` is the subject that it is an object of; `grouped` says that the next is named with it,
    `listed` that the next follows behind a comma, and so may be.
    """

    before: str = ""
    after: str = ""
    link: tuple[Rule, int] | None = None
    whose: int | None = None
    grouped: bool = False
    listed: bool = False


def about(text: str, nouns: list[Noun]) -> list[About]:
    """The words about each thing of a text."""
    found = [About() for _ in nouns]
    for at, noun in enumerate(nouns):
        start = nouns[at - 1].end if at else 0
        if not at:
            found[0].before = _SENTENCES.split(text[start : noun.start])[-1]
            continue
        holds = nouns[at - 1].concept in _VESSELS
        _between(found, at, text[start : noun.start], _tail(text, nouns, at), holds=holds)
    if nouns:
        _behind(found, len(nouns) - 1, text[nouns[-1].end :])
    return found


def _tail(text: str, nouns: list[Noun], at: int) -> str:
    end = nouns[at + 1].start if at + 1 < len(nouns) else len(text)
    return text[nouns[at].end : end]


def _between(found: list[About], at: int, gap: str, tail: str, *, holds: bool) -> None:
    """Share the words between two things out among them."""
    first, second = found[at - 1], found[at]
    if _GROUP.fullmatch(gap) and gap.strip():
        first.listed = gap.strip() in {",", "，"}
        first.grouped = not first.listed
        return
    if holds and gap.strip().lower() in {"of", "with"}:  # "a vase of roses on a table"
        second.link, second.whose = ("on", at - 1), at - 1
        return
    there = _HAN_SIDES.all(gap)
    if there and there[0].start == 0 and first.whose is None and _HAN_THERE.search(gap):
        second.link = there[0].meaning, at - 1
        return
    if not _is_split(gap):
        _behind(found, at - 1, gap)
        second.whose = at - 1 if first.whose is None else first.whose
        if rule := _rule(gap, tail):
            free = second.whose if found[second.whose].link is None else at - 1
            found[free].link = rule, at
        return
    after, second.before = _split(gap)
    _behind(found, at - 1, after)


def _behind(found: list[About], at: int, words: str) -> None:
    """What stands behind a thing is its own, or its subject's."""
    words, whose = words[:_MOST_BESIDE], found[at].whose
    owner = at if whose is None or _RELATIVE.match(words) else whose
    if owner != at and (side := next(iter(_HAN_SIDES.all(words)), None)) and not side.start:
        words = words[side.end :]
    found[owner].after += f" {words}"


def _is_split(gap: str) -> bool:
    return any(each.search(gap) for each in (_SENTENCES, _COMMAS, _JOINS))


def _rule(gap: str, tail: str) -> Rule | None:
    if _HAN_RIDES.search(gap):
        return "on"
    if _HAN_BEFORE.search(gap):
        side = next(iter(_HAN_SIDES.all(tail)), None)
        return side.meaning if side and not side.start else None
    for rule, each in _BEFORE_OBJECT.items():
        if each.search(gap):
            return rule
    return None


def _split(gap: str) -> tuple[str, str]:
    """What belongs to the first and what to the second of two things."""
    sentences = list(_SENTENCES.finditer(gap))
    if sentences:
        end = sentences[-1].end()
        return gap[:end], gap[end:]
    parts = _COMMAS.split(gap)
    if len(parts) == 1:
        joins = list(_JOINS.finditer(gap))
        return gap[: joins[-1].start()], gap[joins[-1].end() :]
    own = [parts[0], *(one for one in parts[1:-1] if not _PLACED.match(one))]
    theirs = [one for one in parts[1:-1] if _PLACED.match(one)] + [parts[-1]]
    return ", ".join(own), ", ".join(theirs)
