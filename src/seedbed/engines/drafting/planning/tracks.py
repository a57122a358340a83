"""What is heard: music in a mood, words that are spoken, single sounds.

Floor 3.
"""

# ruff: noqa: RUF001 - signs as Chinese has them

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from seedbed.core.scene.scene import Track
from seedbed.engines.drafting.planning.phrases import Phrases, pattern, without
from seedbed.engines.drafting.planning.quoted import Quote

Mood: TypeAlias = Literal["calm", "bright", "tense", "sad", "grand", "playful"]

_MOODS = Phrases[Mood](
    {
        "calm": "calm(?:ing)? / quiet / peaceful / relax(?:ed|ing) / gentle / soft / soothing / "
        "serene / ambient / lo-?fi / 平静的? / 舒缓的? / 安静的? / 柔和的? / 宁静的? / 轻柔的? / "
        "温柔的?",
        "bright": "bright / happy / cheerful / upbeat / joyful / lively / energetic / 欢快的? / "
        "轻快的? / 明快的? / 快乐的? / 愉快的? / 欢乐的? / 活力",
        "tense": "tense / suspense(?:ful)? / scary / thrilling / dark / mysterious / 紧张的? / "
        "悬疑的? / 惊悚的? / 神秘的?",
        "sad": "sad / melanchol(?:y|ic) / sorrowful / mournful / 悲伤的? / 忧伤的? / 伤感的? / "
        "悲凉的?",
        "grand": "grand / epic / heroic / majestic / cinematic / orchestral / dramatic / "
        "史诗般?的? / "
        "宏大的? / 壮丽的? / 雄伟的? / 磅礴的? / 激昂的? / 大气的?",
        "playful": "playful / funny / quirky / cute / 俏皮的? / 调皮的? / 活泼的? / 滑稽的? / "
        "可爱的?",
    }
)
_MUSIC = pattern(
    "music / sound ?track / bgm / song / melody / score / 音乐 / 配乐 / 乐曲 / 旋律 / 歌曲"
)
_SILENT = pattern(
    "(?:no|without(?: any)?) (?:music|sound|audio) / silent / muted? / 无声 / 静音 / "
    "(?:没有|不要|无)(?:背景)?(?:音乐|配乐|声音)"
)
_EFFECT = re.compile(
    r"(?:with )?(?:the )?sounds? of (?:the |a )?([a-z ]{3,30}?)(?=[,.;]|$| and | in | with )"
    r"|([\u4e00-\u9fff]{1,6})(?:的声音|声)(?![\u4e00-\u9fff])",
    re.IGNORECASE,
)
_NEAR = 24
_BEHIND_SPEECH = -14.0


def music(text: str) -> tuple[str, Track | None, bool]:
    """The text without its words on music, that, and whether it wants silence."""
    for found in _SILENT.finditer(text):
        return without(text, found.start(), found.end()), None, True
    found = _MUSIC.search(text)
    if found is None:
        return text, None, False
    before = re.split(r"[,.;，。；~]", text[: found.start()])[-1][-_NEAR:]
    told = _MOODS.all(before)
    mood = told[-1].meaning if told else _MOODS.first(text[found.end() :][:_NEAR])
    start = found.start() - (len(before) - told[-1].start if told else 0)
    track = Track(id="music", mood=mood or "calm", fade_in=0.5, fade_out=1.0)
    return without(text, start, found.end()), track, False


def effects(text: str) -> tuple[str, list[Track]]:
    """The text without its words on sounds, and those."""
    found: list[Track] = []
    for one in list(_EFFECT.finditer(text))[:6]:
        told = next(each for each in one.groups() if each)
        text = without(text, one.start(), one.end())
        found.append(
            Track(id=f"sound-{len(found) + 1}", use="effect", text=told.strip(), gain=-8.0)
        )
    return text, found


def spoken(quotes: Sequence[Quote], starts: float, first: int) -> list[Track]:
    """Lines that are said, one after the other, from a moment of the film on."""
    found: list[Track] = []
    for place, one in enumerate(quotes):
        id_ = f"line-{first + place}"
        found.append(Track(id=id_, use="speech", text=one.text, starts=round(starts, 3)))
        starts += 0.6 + lasts(one.text)
    return found


def mixed(tracks: Sequence[Track]) -> list[Track]:
    """With music softer where somebody speaks."""
    talks = any(one.use == "speech" for one in tracks)
    if not talks:
        return list(tracks)
    return [replace(one, gain=_BEHIND_SPEECH) if one.use == "music" else one for one in tracks]


def lasts(text: str) -> float:
    """About how many seconds it takes to say."""
    han = sum(ord(one) > 0x2E7F for one in text)
    return han / 4.5 + (len(text) - han) / 14
