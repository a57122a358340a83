"""A hundred posters with words in three languages, large and small, to count those that are exact.

Floor 5. They are made by a seed, so that everybody has the same. The same strings alone, black on
white, tell how good the reader is.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from seedbed.core.scene.layers import Backdrop, Text, Type
from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Canvas, Scene, Shot

Drawn = TypeVar("Drawn")
SEED, COUNT = 20_261, 100
_SIDE = 1_024
_SIZES = (14, 16, 18, 22, 28, 36, 48, 64, 88)
"""Pixels of an em."""
_CONTROL = 40
_GROUNDS = (
    ("#12263f", "#1f4e79", "#ffffff"),
    ("#fff4dc", "#ffe0a3", "#5a2a0c"),
    ("#0f3d2e", "#1d6b4f", "#fdf6d8"),
    ("#fde7ec", "#f9c6d3", "#7a1030"),
    ("#23202b", "#443a5c", "#ffd166"),
    ("#e8f6fb", "#bfe4f2", "#0b3954"),
    ("#ffffff", "#f1f1f1", "#111111"),
    ("#b3261e", "#7d1712", "#fff3e0"),
)
_WORDS = {
    "en": (
        "Summer Festival", "Open every day", "Fresh bread and coffee", "Doors open at seven",
        "Learn to paint", "Limited edition", "The night of music", "Free entry for students",
        "Garden party", "Bring your friends", "Handmade with care", "A walk in the mountains",
        "New arrivals", "Book your seat today", "Reading under the stars", "Winter market",
        "Don't miss it!", "Rock & Roll", "Half price", "Grand opening",
    ),
    "zh": (
        "春节快乐", "新品上市", "限时优惠", "欢迎光临", "中秋团圆", "免费试吃", "夏日音乐节",
        "手工面包", "读书分享会", "明天早上八点开始", "山间漫步", "品质生活", "全场半价",
        "城市之光摄影展", "预约从速", "请勿吸烟", "科技改变未来", "清晨的第一杯咖啡", "电影之夜",
        "海边的风,山里的云",
    ),
    "ja": (
        "いらっしゃいませ", "夏祭り", "新発売", "期間限定", "営業時間", "本日のおすすめ",
        "東京タワー", "ありがとうございます", "桜の季節", "写真展", "コーヒーとケーキ",
        "入場無料", "お子様も楽しめます", "秋の味覚", "音楽会のお知らせ", "静かな海", "雪の京都",
        "またのご来店をお待ちしております", "ラーメン", "温泉旅館",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Poster:
    """A picture as it is to be, and the ids of its texts."""

    name: str
    scene: Scene

    @property
    def texts(self) -> tuple[Text, ...]:
        """Its strings."""
        return tuple(one for one in self.scene.shots[0].layers if isinstance(one, Text))


@dataclass(frozen=True, slots=True)
class Miss:
    """A string that was not read as it is."""

    poster: Poster
    text: Text
    read: str


@dataclass(frozen=True, slots=True)
class Exact:
    """How many strings of all were read as they are."""

    count: int
    misses: tuple[Miss, ...]

    @property
    def rate(self) -> float:
        """The share that was."""
        return 1.0 - len(self.misses) / self.count if self.count else 0.0


def posters(count: int = COUNT, *, seed: int = SEED) -> tuple[Poster, ...]:
    """Posters with four to six strings each, in sizes from 14 pixels up."""
    chance = random.Random(seed)  # noqa: S311 - the same for everybody
    return tuple(Poster(f"poster-{number:03}", _poster(chance)) for number in range(count))


def controls(some: Iterable[Poster]) -> tuple[Poster, ...]:
    """Each string of some posters alone, black on white and of a good size."""
    texts = {one.text for poster in some for one in poster.texts}
    return tuple(
        Poster(f"control-{number:03}", _control(text)) for number, text in enumerate(sorted(texts))
    )


def exact(
    some: Sequence[Poster],
    draw: Callable[[Scene], Drawn],
    read: Callable[[Drawn, Text], str | None],
) -> Exact:
    """How many strings are exact; `read` gives what it found in place of one, or nothing."""
    misses: list[Miss] = []
    for poster in some:
        picture = draw(poster.scene)
        for text in poster.texts:
            found = read(picture, text)
            if found is not None:
                misses.append(Miss(poster, text, found))
    return Exact(sum(len(poster.texts) for poster in some), tuple(misses))


def _poster(chance: random.Random) -> Scene:
    first, second, ink = chance.choice(_GROUNDS)
    ground = Backdrop(id="ground", place="gradient", colours=(first, second))
    texts = tuple(_texts(chance, ink))
    return Scene(Canvas(_SIDE, _SIDE, colour=first), (Shot("only", layers=(ground, *texts)),))


def _texts(chance: random.Random, ink: str) -> Iterator[Text]:
    top = 0.05
    for number in range(chance.randint(4, 6)):
        text, size = _string(chance), chance.choice(_SIZES)
        wide = min(0.92, 1.15 * size * max(4, _squares(text)) / _SIDE)
        size = min(size, int(0.92 * _SIDE / (1.15 * max(4, _squares(text)))))
        high = 1.6 * size / _SIDE
        if top + high > 0.97:
            return
        kind = Type(
            size=size / _SIDE,
            colour=ink,
            weight=chance.choice((400, 400, 700)),
            align=chance.choice(("left", "centre", "right")),
        )
        left = 0.04 + chance.random() * (0.92 - wide)
        yield Text(id=f"text-{number}", text=text, type=kind, box=Box(left, top, wide, high))
        top += high + 0.02 + chance.random() * 0.05


def _string(chance: random.Random) -> str:
    language = chance.choice(("en", "zh", "ja", "digits"))
    if language != "digits":
        return chance.choice(_WORDS[language])
    return chance.choice(
        (
            f"${chance.randint(1, 999)}.{chance.randint(0, 99):02}",
            f"{chance.randint(1, 12)}:{chance.randint(0, 59):02}",
            f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            f"+49 30 {chance.randint(100_000, 999_999)}",
            f"{chance.randint(5, 95)}%",
            f"{chance.randint(1_000, 9_999):,}",
        )
    )


def _squares(text: str) -> float:
    """About how wide a text is, in ems."""
    return sum(0.62 if one < "\u2e80" else 1.0 for one in text)


def _control(text: str) -> Scene:
    canvas = Canvas(round(_CONTROL * (_squares(text) + 4)), 3 * _CONTROL)
    kind = Type(size=1 / 3, colour="#000000")
    alone = Text(id="text-0", text=text, type=kind)
    white = Backdrop(id="ground", place="plain", colours=("#ffffff",))
    return Scene(canvas, (replace(Shot("only"), layers=(white, alone)),))
