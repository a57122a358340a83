"""The words of a prompt that stand in quotes: what they are for, and how they are to look.

Floor 3. What is quoted is kept letter by letter. The words beside it tell its use; what is said
aloud is heard, and all else is read.
"""

# ruff: noqa: RUF001 - signs as Chinese has them

import itertools
import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from seedbed.engines.drafting.planning.phrases import GONE, Phrases, without
from seedbed.engines.drafting.words import Words

Use: TypeAlias = Literal["title", "caption", "sign", "text", "speech"]
Side: TypeAlias = Literal["top", "middle", "bottom"]
Aside: TypeAlias = Literal["left", "right"]

_QUOTED = re.compile(
    r'"([^"\n]{1,2000})"|“([^”]{1,2000})”|「([^」]{1,2000})」|『([^』]{1,2000})』|《([^》]{1,2000})》'
    r"|«([^»]{1,2000})»|(?<![\w'])'([^'\n]{1,400}(?:'\w[^'\n]{0,400}){0,8})'(?!\w)|‘([^’]{1,400})’"
)
_MOST = 96
_STOPS = re.compile(r"[.;!?。；！？\n~]")
_PARTS = re.compile(r"[,，、]|\b(?:and|while|with)\b|和|与|并", re.IGNORECASE)
_USES = Phrases[Use](
    {
        "caption": "(?:sub ?titles?|captions?|sub ?heading|lower third|footer|credits?) / 字幕 / "
        "副标题 / 说明文字 / 落款",
        "sign": "(?:signs?|banners?|labels?|billboards?|placards?|boards?) / 招牌 / 牌子 / 横幅 / "
        "标牌 / 路牌 / 广告牌",
        "title": "(?:titles?|titled|headlines?|headings?|called|named|entitled) / 标题 / 题目 / "
        "片名 / 大字 / 题为 / 名为 / 主题",
        "text": "(?:texts?|words?|letters|letterings?|reads?|reading|written|writing|inscription|"
        "slogan|logo) / 文字 / 写着 / 写 / 文案 / 字样 / 字 / 口号",
        "speech": "(?:says?|said|saying|shouts?|whispers?|asks?|sings?|speaks?|tells?|announces?|"
        "narrat(?:or|ion|es?)|voice ?-?overs?|voice) / 说 / 说道 / 喊 / 喊道 / 旁白 / 配音 / "
        "解说 / 问 / 问道 / 唱 / 念 / 朗读",
    }
)
_SIDES = Phrases[Side](
    {
        "top": "(?:at|on|along|in|near) (?:the )?(?:very )?(?:top|upper)(?: of the \\w+)? / "
        "top / 顶部 / 上方 / 上面 / 上部 / 顶端 / 最上",
        "bottom": "(?:at|on|along|in|near) (?:the )?(?:very )?(?:bottom|lower)(?: of the \\w+)? / "
        "bottom / 底部 / 下方 / 下面 / 下部 / 底端 / 最下",
        "middle": "(?:in|at) the (?:middle|cent(?:er|re)) / cent(?:er|re)(?:ed|d)? / 中间 / 中央 / "
        "居中 / 正中",
    }
)
_ASIDES = Phrases[Aside](
    {
        "left": "(?:on|at|to) the left(?: side)? / 左(?:边|侧|面)",
        "right": "(?:on|at|to) the right(?: side)? / 右(?:边|侧|面)",
    }
)
_SCALES = Phrases[float](
    {
        1.5: "(?:very large|huge|giant|enormous) / 巨大的? / 特大的? / 超大的?",
        1.25: "(?:large|big|bold) / 大号的? / 大的 / 大字 / 大大的",
        0.65: "(?:small|little) / 小号的? / 小的 / 小字",
        0.5: "(?:tiny|very small) / 很小的?",
    }
)
_UPRIGHT = Phrases[bool]({True: "vertical(?:ly)? / from top to bottom / 竖排 / 竖写 / 直书 / 竖着"})
_ITALIC = Phrases[bool]({True: "italics? / 斜体"})
_BOLD = Phrases[bool]({True: "bold / 粗体 / 加粗 / 黑体"})
_SHOTS = Phrases[int](
    {
        -1: "(?:in|over|on) the (?:last|final) (?:shot|scene) / 最后(?:一)?个?镜头",
        0: "(?:in|over|on) the (?:first|opening) (?:shot|scene) / 第一个?镜头",
        1: "(?:in|over|on) the second (?:shot|scene) / 第二个?镜头",
        2: "(?:in|over|on) the third (?:shot|scene) / 第三个?镜头",
        3: "(?:in|over|on) the fourth (?:shot|scene) / 第四个?镜头",
        4: "(?:in|over|on) the fifth (?:shot|scene) / 第五个?镜头",
    }
)
_COLOUR = re.compile(
    r"\b(?:in|are|is)\s+((?:(?:dark|light|bright|pale)\s+)?[a-z]+)|"
    r"((?:(?:dark|light|bright|pale)\s+)?[a-z]+)\s+(?:letters?|text|words?|title|type|font)\b|"
    r"(#[0-9a-f]{6})\b|([\u4e00-\u9fff]{1,4}色)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words in quotes, in which part of the text (in characters), and how they are wanted."""

    start: int
    end: int
    text: str
    use: Use
    side: Side | None = None
    aside: Aside | None = None
    scale: float = 1.0
    colour: str | None = None
    upright: bool = False
    italic: bool = False
    bold: bool = False
    is_told: bool = True
    """Whether the words beside it tell its use."""
    shot: int | None = None
    """In which shot it is to be seen, from 0, where that is said; the last is -1."""


def quotes(text: str, words: Words) -> tuple[str, list[Quote]]:
    """The text without what is quoted in it and what belongs to that, and the quotes."""
    spans = [
        (one, next(each for each in one.groups() if each))
        for one in itertools.islice(_QUOTED.finditer(text), _MOST)
    ]
    blank = _QUOTED.sub(lambda found: GONE * len(found[0]), text)
    quoted: list[Quote] = []
    for found, said in spans:
        before, after = _beside(blank, found.start(), found.end())
        if said.strip():
            quoted.append(_quote(found, said.strip(), (before, after), words))
        blank = _taken(blank, before, after, found)
    return blank, _titled(quoted)


def _titled(quoted: list[Quote]) -> list[Quote]:
    """The first of which nothing is told is the title, where there is none."""
    first = next((one for one in quoted if not one.is_told), None)
    if first is None or any(one.use == "title" for one in quoted):
        return quoted
    return [replace(one, use="title") if one is first else one for one in quoted]


def _beside(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and behind, as far as it may belong to the quote."""
    sentence = _STOPS.split(text[max(0, start - 120) : start])[-1]
    parts = [one.end() for one in _PARTS.finditer(sentence)]
    before = sentence[parts[-1] :] if parts else sentence
    if parts and _USES.first(before) is None:
        before = sentence[parts[-2] if len(parts) > 1 else 0 :]
    after = _STOPS.split(text[end : end + 80])[0]
    return before, _PARTS.split(after)[0]


def _quote(found: re.Match[str], said: str, beside: tuple[str, str], words: Words) -> Quote:
    before, after = beside
    near = f"{before} {GONE} {after}"
    use, told = _use(before, after, is_book=found[0][0] == "《")
    return Quote(
        start=found.start(),
        end=found.end(),
        text=said,
        use=use,
        side=_SIDES.last(before) or _SIDES.first(after),
        aside=_ASIDES.first(after),
        scale=_SCALES.last(before) or _SCALES.first(after) or 1.0,
        colour=_coloured(near, words),
        upright=bool(_UPRIGHT.first(near)),
        italic=bool(_ITALIC.first(near)),
        bold=bool(_BOLD.first(near)),
        is_told=told,
        shot=_SHOTS.first(after) if _SHOTS.first(before) is None else _SHOTS.last(before),
    )


def _use(before: str, after: str, *, is_book: bool) -> tuple[Use, bool]:
    """What the words nearest to it say; "a sign that says" is a sign."""
    told: list[Use] = [one.meaning for one in _USES.all(before)]
    shown: list[Use] = [one for one in told if one not in {"speech", "text"}]
    if shown:
        return shown[-1], True
    if told:
        return told[-1], True
    if is_book:
        return "title", True
    behind = _USES.first(after[:24])
    return (behind, True) if behind else ("text", False)


def _coloured(near: str, words: Words) -> str | None:
    for found in _COLOUR.finditer(near):
        told = next(each for each in found.groups() if each)
        noun = next(iter(words.nouns(f"{told} cat" if told.isascii() else f"{told}的猫")), None)
        if noun is not None and noun.colour:
            return noun.colour
    return None


def _taken(text: str, before: str, after: str, found: re.Match[str]) -> str:
    """Without the words about a quote, so that none is read as a thing: "in red letters"."""
    uses = [one for one in _USES.all(before) if one.meaning != "speech"]
    if uses:
        text = without(text, found.start() - len(before) + uses[0].start, found.start())
    told = [one.end for table in (_SIDES, _ASIDES, _SCALES, _SHOTS) for one in table.all(after)]
    told += [one.end for one in _USES.all(after)]
    told += [one.end() for one in _COLOUR.finditer(after)]
    return without(text, found.end(), found.end() + max(told, default=0))
