"""What a prompt says of the sheet and of time: its size, its frames a second, how long it takes.

Floor 3.
"""

# ruff: noqa: RUF001 - signs as Chinese has them

import re
from dataclasses import dataclass

from seedbed.core.scene.measures import MOST_SECONDS, MOST_SIDE
from seedbed.core.scene.rules import FILM_SIDE, MOST_PIXELS
from seedbed.engines.drafting.planning.phrases import NUMBER, Phrases, number, pattern, without

_PIXELS = re.compile(r"(?<!\d)(\d{2,5})\s*[x×*]\s*(\d{2,5})(?!\d)", re.IGNORECASE)
_RATIO = re.compile(r"(?<!\d)(16|9|4|3|1|21|2|5)[:：](9|16|3|4|1|2|5)(?!\d)")
_LINES = Phrases[int](
    {
        480: "480p",
        720: "720p / hd",
        1080: "1080p / full hd / 高清",
        1440: "2k / 1440p / qhd",
        2160: "4k / 2160p / uhd / ultra hd / 超高清",
        4320: "8k / 4320p",
    }
)
_FORMS = Phrases[tuple[int, int]](
    {
        (1, 1): "square (?:format|picture|image|video|film|poster|canvas) / "
        "square(?=\\s*(?:[,.;]|$)) / 方形 / 正方形 / 方图",
        (9, 16): "(?:vertical|portrait) (?:video|film|format|mode|orientation|screen|picture) / "
        "vertical(?=\\s*(?:[,.;]|$)) / 竖屏 / 竖版 / 竖向",
        (16, 9): "wide ?screen / landscape (?:format|mode|orientation|video) / 横屏 / 宽屏 / 横版",
        (3, 4): "posters? / 海报",
    }
)
_FPS = re.compile(
    r"(?:每秒\s*(\d{1,3})\s*帧)|(?<!\d)(\d{1,3})\s*"
    r"(?:fps|frames?\s*(?:per|a|/)\s*s(?:ec(?:ond)?)?|帧(?:/秒|每秒)?)",
    re.IGNORECASE,
)
_EACH = r"(?:each|every shot|per shot|每个?镜头?|每[个段幕]|各)"
_SECONDS = re.compile(
    rf"(?P<each>{_EACH}[^,.;，。；\d]{{0,20}}?)?(?<![a-z\d.])(?P<number>{NUMBER})[\s-]*"
    r"(?P<unit>seconds?|secs?|s|minutes?|mins?|秒钟?|分钟)(?![a-z])"
    r"(?P<after>\s*(?:each|per shot|一个镜头|每个))?",
    re.IGNORECASE,
)
_LASTS = re.compile(r"(?:\bfor|\blasts?|\blasting|持续|停留)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Length:
    """So many seconds, told where it `start`s in the text: of `each` shot, or of all; or of what
    `lasts` so long.
    """

    seconds: float
    each: bool
    start: int
    lasts: bool = False


def sizes(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without what it says of size, and the sizes that it asks for, in pixels."""
    found: list[tuple[int, int, int]] = []
    for one in _PIXELS.finditer(text):
        text = without(text, one.start(), one.end())
        found.append((one.start(), *_bounded(int(one[1]), int(one[2]))))
    lines, form, at = 0, (0, 0), 0
    for told in _LINES.all(text):
        text, lines, at = without(text, told.start, told.end), told.meaning, told.start
    for ratio in _RATIO.finditer(text):
        text, at = without(text, ratio.start(), ratio.end()), ratio.start()
        form = int(ratio[1]), int(ratio[2])
    for shape in _FORMS.all(text):
        text, at = without(text, shape.start, shape.end), shape.start
        form = form if any(form) else shape.meaning
    if lines or any(form):
        found.append((at, *sized(form if any(form) else (16, 9), lines or 1080)))
    return text, [(width, height) for _, width, height in sorted(found)]


def sized(form: tuple[int, int], lines: int) -> tuple[int, int]:
    """The pixels of a form, whose shorter side has so many.

    >>> sized((16, 9), 1080), sized((9, 16), 2160), sized((1, 1), 1080)
    ((1920, 1080), (2160, 3840), (1080, 1080))
    """
    longer = round(lines * max(form) / min(form))
    return _bounded(*((longer, lines) if form[0] >= form[1] else (lines, longer)))


def rates(text: str) -> tuple[str, list[int]]:
    """The text without what it says of frames a second, and those."""
    found: list[int] = []
    for one in _FPS.finditer(text):
        text = without(text, one.start(), one.end())
        found.append(max(1, int(one[1] or one[2])))
    return text, found


def lengths(text: str) -> tuple[str, list[Length]]:
    """The text without what it says of time, and that."""
    found: list[Length] = []
    for one in _SECONDS.finditer(text):
        amount = 0.5 if one["number"] in {"half a", "半"} else number(one["number"])
        if amount:
            lasts = bool(_LASTS.search(text[: one.start()][-16:]))
            text = without(text, one.start(), one.end())
            whole = amount * (60 if one["unit"][:1] in "mM分" else 1)
            each = bool(one["each"] or one["after"])
            found.append(Length(min(MOST_SECONDS, max(0.1, whole)), each, one.start(), lasts))
    return text, found


def _bounded(width: int, height: int) -> tuple[int, int]:
    """Even sides, no longer and no more pixels than a canvas may have."""
    share = min(1.0, MOST_SIDE / max(width, height), (MOST_PIXELS / (width * height)) ** 0.5)
    wide, high = (max(16, int(side * share) // 2 * 2) for side in (width, height))
    return wide, high


def filmed(size: tuple[int, int]) -> tuple[int, int]:
    """The nearest size that a film can have.

    >>> filmed((7680, 4320)), filmed((1920, 1080))
    ((4096, 2304), (1920, 1080))
    """
    share = min(1.0, FILM_SIDE / max(size))
    wide, high = (max(16, int(side * share) // 2 * 2) for side in size)
    return wide, high


_FILMED = pattern(
    "(?:films?|videos?|movies?|clips?|animations?|animated?|footage|cinematic|gifs?|trailer)"
    "(?! poster| star| theater| theatre| camera) / (?:fps|frames per second) / "
    "(?<!product )(?<!studio )(?<!beauty )shots? / "
    "视频 / 影片 / 短片 / 动画 / 电影(?!海报|院|票) / 镜头 / 动图 / 分镜 / 片头 / 预告片"
)


def asks_for_film(text: str) -> bool:
    """Whether it speaks of a film rather than a picture."""
    return _FILMED.search(text) is not None
