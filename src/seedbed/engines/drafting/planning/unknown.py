"""What of a prompt was not understood: things without art, each with the nearest that has some.

Floor 3. A thing is known by what stands before it: an article or a number in English; in Chinese a
number with its measure, what says that it is there ("画", "有"), or where it is ("海边的").
"""

import re
from bisect import bisect_right
from collections.abc import Collection
from difflib import get_close_matches

from seedbed.engines.drafting.planning.phrases import GONE, words_of
from seedbed.engines.drafting.words import Noun, Words

_MOST = 6
_ENGLISH = re.compile(
    r"\b(?:a|an|two|three|four|five|six|seven|eight|nine|ten|another|some|\d{1,3})"
    r"((?: [a-z][a-z'-]+){1,4})",
    re.IGNORECASE,
)
_HAN = re.compile(
    r"[一二两三四五六七八九十几\d](?:只|个|辆|架|艘|条|头|匹|朵|棵|座|位|名|群|张|把|件|本|栋|间|台|幅)"
    r"([\u4e00-\u9fff]{1,8})"
)
_HAN_THERE = re.compile(
    r"(?:画(?!中)|展示|看到|看见|(?<![没只所])有|[边上里中下旁~]的)"
    r"[一二两三四五六七八九十几\d]?[只个辆架艘条头匹朵棵座位名群张把件本栋间台幅]?"
    r"([\u4e00-\u9fff]{2,8})(?![\u4e00-\u9fff])"
)
_ENDS = re.compile(
    r"\b(?:and|or|with|on|at|under|over|above|below|behind|beside|near|in|by|from|into|onto|to|is|are|"
    r"that|who|which|the|of|as|for|while|then|through|across|around|along|[a-z]+ing|[a-z]+ly|"
    r"runs?|walks?|flies|jumps?|drives?|swims?|says?|sits?|stands?|looks?|goes|comes|moves?)\b.*",
    re.IGNORECASE,
)
_HAN_ENDS = re.compile(
    r"[在从到和与跟是有跑走飞游跳站坐穿戴拿举抱骑吃喝看睡着了向往朝说上下左右里中].*"
)
_HAN_VIEWS = re.compile(
    r"[色光景感音彩]$|风格|视频|[影短图照]片|动画|海报|插画|画面|背景|镜头|世界|时候|空气|气氛|故事|文字|标题"
)
"""What ends or names what is no thing in Chinese: light, colours, views."""
_NO_THINGS = words_of(
    "lot bit pair few couple moment while time shot scene film video picture image poster style "
    "view "
    "way second seconds minute row group line circle background backdrop title text camera side "
    "sky "
    "day night color colour frame animation illustration drawing photo close-up closeup little big "
    "party season crowd group flock herd bunch pack team movie clip story world place middle "
    "top bottom left right"
)


def unknown(
    text: str, nouns: list[Noun], words: Words, concepts: Collection[str]
) -> list[tuple[str, str | None]]:
    """Words for things that are not known, each with the nearest concept, if one is near."""
    found: dict[str, str | None] = {}
    for told in _heads(text, nouns):
        if told not in found and len(found) < _MOST:
            found[told] = words.find(told) or nearest(told, concepts)
    return list(found.items())


def nearest(told: str, concepts: Collection[str]) -> str | None:
    """The concept whose name is written most like it."""
    close = get_close_matches(told.lower(), concepts, n=1, cutoff=0.75) if told.isascii() else []
    return close[0] if close else None


def _heads(text: str, nouns: list[Noun]) -> list[str]:
    """The last word of each phrase that names a thing and has none that is known."""
    heads: list[str] = []
    for found in _ENGLISH.finditer(text):
        phrase = _ENDS.sub("", found[1]).strip()
        end = found.start(1) + len(phrase) + 1
        is_whole = not text[end:].lstrip().startswith(GONE)
        if phrase and is_whole and not _known(found.start(), end, nouns):
            heads.append(phrase.split()[-1].lower())
    for found in (*_HAN.finditer(text), *_HAN_THERE.finditer(text)):
        phrase = _HAN_ENDS.sub("", found[1])
        head = phrase.split("的")[-1]
        if head and not _known(found.start(), found.start(1) + len(phrase), nouns):
            heads.append(head[:4])
    return [one for one in heads if one not in _NO_THINGS and not _HAN_VIEWS.search(one)]


def _known(start: int, end: int, nouns: list[Noun]) -> bool:
    """Whether a noun lies there; they are in order."""
    after = bisect_right(nouns, start, key=lambda one: one.end)
    return after < len(nouns) and nouns[after].start < end
