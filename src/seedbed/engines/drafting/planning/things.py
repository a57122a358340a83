"""The things of a shot: what they are, how many, how they look, where they are, what they do.

Floor 3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from seedbed.engines.drafting.planning.acts import DEEDS, WAYS, Act, act
from seedbed.engines.drafting.planning.beside import About, Rule, about
from seedbed.engines.drafting.planning.phrases import Phrases, pattern
from seedbed.engines.drafting.words import Noun, Words

MOST_THINGS = 24
"""Things in one shot."""
_MOST_NAMED = 200
_X = Phrases[float](
    {
        0.22: "(?:on|at|to|in) the (?:far )?left(?:[- ]hand)?(?: side)?(?: of the (?:frame|picture|"
        "image|screen))? / (?:upper|top|lower|bottom)[- ]left / left side / 左(?:边|侧|面|方)? / "
        "左[上下]角?",
        0.78: "(?:on|at|to|in) the (?:far )?right(?:[- ]hand)?(?: side)?(?: of the "
        "(?:frame|picture|"
        "image|screen))? / (?:upper|top|lower|bottom)[- ]right / right side / 右(?:边|侧|面|方)? / "
        "右[上下]角?",
        0.5: "(?:in|at) the (?:very )?(?:middle|cent(?:er|re)) / cent(?:er|re)(?:ed)? / 中间 / "
        "中央 / "
        "正中 / 居中 / 中心",
    }
)
_Y = Phrases[float](
    {
        0.2: "(?:at|on|in|near) the (?:top|upper) / (?:upper|top)(?=[- ](?:left|right)) / "
        "high (?:up )?in the / 上方 / 上面 / 顶部 / 高空 / (?:左|右)上角? / 高高",
        0.85: "(?:at|on|in|near) the (?:bottom|lower) / (?:lower|bottom)(?=[- ](?:left|right)) / "
        "下方 / 下面 / 底部 / (?:左|右)下角?",
    }
)
_NEAR = Phrases[float](
    {
        -1.0: "in the (?:back ?ground|distance) / far away / in the back / 远处 / 远方 / 后方",
        1.0: "in the fore ?ground / in front(?! of) / close[- ]?up / up close / 前景 / 近处 / 特写",
    }
)
_SCALE = Phrases[float](
    {
        0.5: "tiny / very small / 很小的? / 微小的? / 迷你 / 小小的",
        0.72: "small / little / baby / 小的",
        1.35: "big / large / tall / 大的 / 大大的 / (?<=[只个辆棵座朵条艘匹头架])大(?!象|熊)",
        1.75: "huge / giant / enormous / gigantic / massive / very (?:big|large) / 巨大的? / "
        "巨型 / "
        "超大的? / 庞大的?",
    }
)
_COLOURFUL = pattern(
    "colou?rful / multi[- ]?colou?red / rainbow[- ]colou?red / in all colou?rs / "
    "彩色 / 五颜六色 / 五彩(?:缤纷)? / 多彩 / 七彩 / 各种颜色 / 各色"
)
_FACING = Phrases[bool](
    {
        True: "(?:facing|looking) left / 朝左 / 面向左",
        False: "(?:facing|looking) right / 朝右 / 面向右",
    }
)
_DEFINITE = re.compile(r"(?:the|its|this|that|these|those|his|her|their|my|our)\b|[这那该]", re.I)
_TELLS = re.compile(r"\b(?:is|are|was)\b|是", re.IGNORECASE)
_COUNTED = re.compile(
    r"(?:an?|no|one|two|three|four|five|six|seven|eight|nine|ten|twelve|several|some|many|another"
    r"|\d+)\b|没有|[一二两三四五六七八九十几\d]",
    re.IGNORECASE,
)
_PEOPLE = {
    **{"man-standing": "man", "woman-standing": "woman", "person-standing": "person"},
    **{"boy": "man", "girl": "woman", "child": "person"},
}
_DOING = {"run": "running", "walk": "walking", "dance": "dancing", "swim": "swimming"}


@dataclass(frozen=True, slots=True)
class Thing:
    """What is named at once. `x` and `y` are where its middle is wanted, as shares of the canvas;
    `near` is from far (-1) to near (1). It lies by a rule to the thing of that key.
    """

    concept: str
    name: str
    key: int
    count: int = 1
    colour: str | None = None
    scale: float = 1.0
    x: float | None = None
    y: float | None = None
    near: float = 0.0
    act: Act | None = None
    left: bool | None = None
    """Whether it looks to the left, where that is told."""
    link: tuple[Rule, int] | None = None
    is_colourful: bool = False


def things(text: str, words: Words, known: Mapping[str, Thing]) -> tuple[list[Thing], list[str]]:
    """The things of a text, and what contradicts itself in it; `known` are those of before."""
    nouns = words.nouns(text)[:_MOST_NAMED]
    told = about(text, nouns)
    _share(told)
    found: dict[int, Thing] = {}
    notes: list[str] = []
    keys = dict[int, int]()
    last = dict[str, int]()
    for at, (noun, one) in enumerate(zip(nouns, told, strict=True)):
        new, own = _thing(text, noun, one, at), text[noun.start : noun.end]
        old = last.get(noun.concept)
        if old is not None and _is_same(own, noun):
            keys[at] = old
            found[old] = _merged(found[old], new, notes)
        else:
            keys[at] = last[noun.concept] = at
            found[at] = _recalled(new, known.get(noun.concept), own)
    notes += _denied(list(found.values()))
    linked = [_linked(one, keys) for one in found.values()]
    return _bounded([one for one in linked if one.count], notes), notes


def _share(told: list[About]) -> None:
    """What is said behind a group is said of each of it; a list is one where it ends in "and"."""
    for at in range(len(told) - 2, -1, -1):
        told[at].grouped = told[at].grouped or (told[at].listed and told[at + 1].grouped)
        if told[at].grouped:
            told[at].after = told[at].after.strip() or told[at + 1].after
            told[at].link = told[at].link or told[at + 1].link
    for one, following in pairwise(told):
        if one.grouped and one.link and not following.after.strip():
            following.link = following.link or one.link  # "on the table are a cup and a plate"


def _thing(text: str, noun: Noun, told: About, key: int) -> Thing:
    own = text[noun.start : noun.end]
    after = _without_ways(told.after)
    before = _without_ways(told.before)
    deed = act(told.after) or act(_spoken(own, noun.concept)) or act(_adjective(told.before))
    return Thing(
        noun.concept,
        own[:200],
        key,
        noun.count,
        noun.colour,
        scale=_SCALE.first(own) or _SCALE.last(before) or 1.0,
        x=_X.last(before) if _X.last(before) is not None else _X.first(after),
        y=_Y.last(before) or _Y.first(after),
        near=_NEAR.first(after) or _NEAR.last(before) or 0.0,
        act=deed,
        left=_FACING.first(told.after),
        link=told.link,
        is_colourful=_COLOURFUL.search(f"{before[-12:]} {own}") is not None,
    )


def _spoken(own: str, concept: str) -> str:
    """What stands between the article and the noun: "a running man", but not "a running shoe"."""
    known = concept.split("-")
    kept = [one for one in own.split(" ") if one.lower() not in known]
    return " ".join(kept) if len(kept) > 1 else ""


def _adjective(before: str) -> str:
    """What stands before a noun of Chinese as its adjective: "奔跑的小狗"."""
    return before if before.rstrip().endswith("的") else ""


def _without_ways(text: str) -> str:
    for one in WAYS.all(text):
        text = text[: one.start] + "~" * (one.end - one.start) + text[one.end :]
    return text


def _is_same(own: str, noun: Noun) -> bool:
    """Whether it is named again: "the car", "汽车是蓝色的"."""
    if _DEFINITE.match(own) or _TELLS.search(own):
        return True
    return not _COUNTED.match(own) and noun.colour is None


def _denied(found: list[Thing]) -> list[str]:
    """What is said not to be there, and to be there."""
    there = {one.concept: one.name for one in found if one.count}
    both = [
        (one.name, there[one.concept]) for one in found if not one.count and one.concept in there
    ]
    return [f"It says {gone!r} and {named!r}; the second is drawn." for gone, named in both]


def _merged(old: Thing, new: Thing, notes: list[str]) -> Thing:
    if old.colour and new.colour and old.colour != new.colour:
        notes.append(f"It says {old.name!r} and then {new.name!r}; the later colour is taken.")
    return replace(
        old,
        colour=new.colour or old.colour,
        scale=new.scale if new.scale != 1.0 else old.scale,
        x=new.x if new.x is not None else old.x,
        y=new.y if new.y is not None else old.y,
        near=new.near or old.near,
        act=new.act or old.act,
        left=new.left if new.left is not None else old.left,
        link=new.link or old.link,
    )


def _recalled(new: Thing, old: Thing | None, own: str) -> Thing:
    """As it looked in a shot before, where it is the same one."""
    if old is None or _COUNTED.match(own):
        return new
    scale = new.scale if new.scale != 1.0 else old.scale
    count = max(new.count, old.count) if new.count else 0
    return replace(new, colour=new.colour or old.colour, scale=scale, count=count)


def _linked(one: Thing, keys: Mapping[int, int]) -> Thing:
    if one.link is None:
        return one
    rule, other = one.link
    key = keys[other]
    return replace(one, link=None if key == one.key else (rule, key))


def _bounded(found: list[Thing], notes: list[str]) -> list[Thing]:
    """No more than a shot can hold."""
    kept: list[Thing] = []
    room = MOST_THINGS
    for one in found:
        if room:
            kept.append(replace(one, count=min(one.count, room)))
            room -= kept[-1].count
    named = sum(one.count for one in found)
    if named > MOST_THINGS:
        notes.append(f"{named} things are named in one shot; the first {MOST_THINGS} are drawn.")
    return kept


def doing(concept: str, told: Act | None) -> str:
    """Somebody as there is art of them doing it: "a man runs"."""
    if concept not in _PEOPLE or told is None or told.deed not in _DOING:
        return concept
    return f"{_PEOPLE[concept]}-{_DOING[told.deed]}"


def acts_alone(text: str) -> Act | None:
    """What is done in a shot that names nobody: "then it jumps"."""
    return act(text) if DEEDS.all(text) or WAYS.all(text) else None
