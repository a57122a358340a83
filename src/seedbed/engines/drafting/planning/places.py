"""Where and when it is: the ground of a shot, the time of day, the weather.

Floor 3.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

from seedbed.core.scene.layers import Ground
from seedbed.engines.drafting.colours import lighter
from seedbed.engines.drafting.planning.phrases import Found, Phrases, without
from seedbed.engines.drafting.words import Noun, Words

T = TypeVar("T")
Time: TypeAlias = Literal["day", "dawn", "dusk", "night"]
Weather: TypeAlias = Literal["clear", "cloudy", "rain", "snow", "fog", "storm"]

_GROUNDS = Phrases[Ground](
    {
        "underwater": "under ?water / under the (?:sea|water|ocean|waves) / "
        "(?:sea|ocean) ?(?:bed|floor) / at the bottom of the (?:sea|ocean) / coral reefs? / "
        "水下 / 水底 / 海底 / 水里 / 水中 / 海里 / 珊瑚礁",
        "beach": "beach(?:es)? / seaside / (?:sea ?)?shores? / coast(?:line)? / sandy / "
        "海边 / 海滩 / 沙滩 / 海岸 / 岸边",
        "sea": "seas? / oceans? / lakes? / rivers? / (?:in|on) the waves / bay / harbou?r / "
        "on the water / 海上 / "
        "大海 / 海洋 / 海面 / 湖上 / 湖面 / 湖 / 江面 / 河面 / 河上 / 江上 / 大江 / 海",
        "street": "streets? / roads? / highways? / avenues? / alleys? / 街道 / 街头 / 街上 / "
        "大街 / "
        "马路 / 公路 / 道路 / 路上 / 小巷",
        "city": "city / cities / cityscape / downtown / towns? / skyline / metropolis / 城市 / "
        "都市 / 城里 / 城中 / 市区 / 小镇 / 都会",
        "forest": "forests? / woods / jungle / rain ?forest / 森林 / 树林 / 丛林 / 竹林 / 林中 / "
        "林间 / 雨林",
        "mountains": "mountains / in the mountains? / mountain ?(?:range|valley|landscape) / "
        "alps / "
        "hills / valleys? / canyon / 群山 / 山里 / 山中 / 山间 / 高山 / 山脉 / 雪山 / 山谷 / "
        "山上 / "
        "山顶 / 大山 / 远山",
        "desert": "deserts? / dunes / sahara / 沙漠 / 戈壁 / 沙丘",
        "snow": "snow ?fields? / snowy (?:field|plain|landscape|ground|hills?) / tundra / arctic / "
        "antarctica?c? / (?:north|south) pole / in the snow / on (?:the )?ice / 雪地 / 冰原 / "
        "北极 / 南极 / 雪原 / 冰面 / 雪中",
        "field": "fields? / meadows? / grass(?:land)?s? / parks? / gardens? / farms? / "
        "countryside / lawns? / prairie / savannah? / playground / flower ?beds? / "
        "花丛 / 花海 / 草地 / 草原 / 田野 / 公园 / 花园 / "
        "草坪 / 农场 / 原野 / 田里 / 操场 / 乡村 / 乡下 / 麦田 / 院子",
        "space": "(?:outer |deep )space / in space / space(?!ship| ?craft| ?suit) / galaxy / "
        "cosmos / "
        "universe / 太空 / 宇宙 / 银河 / 星际 / 外太空",
        "moon": "on (?:the )?moon / moonscape / surface of the moon / 月球上 / 月球表面 / 月面",
        "studio": "studio / 摄影棚 / 影棚 / 工作室",
        "room": "(?:living |bed|class|dining )?rooms? / kitchen / indoors / interior / office / "
        "cafe / by the window / "
        "library / museum / restaurant / 房间 / 室内 / 屋里 / 屋内 / 卧室 / 厨房 / 客厅 / 教室 / "
        "窗边 / 窗前 / "
        "办公室 / 家里 / 咖啡馆 / 图书馆 / 博物馆 / 餐厅",
        "sky": "(?:in |across |through )?the (?:\\w+ )?sk(?:y|ies) / (?:blue |clear )?sky / "
        "in the air / among the clouds / 天空 / 天上 / 空中 / 蓝天 / 云端 / 星空 / 夜空",
        "gradient": "gradient(?: background| backdrop)? / 渐变(?:背景)?",
        "plain": "plain (?:background|backdrop) / solid (?:background|backdrop) / 纯色背景",
    }
)
_TIMES = Phrases[Time](
    {
        "dawn": "dawn / sun ?rise / daybreak / early morning / 日出 / 黎明 / 清晨 / 拂晓 / 破晓 / "
        "早晨",
        "dusk": "dusk / sun ?set / twilight / evening / golden hour / 日落 / 黄昏 / 傍晚 / 夕阳 / "
        "晚霞 / "
        "落日",
        "night": "(?:at |by |in the )?night ?(?:time|sky|fall)? / (?:at )?midnight / moonlight / "
        "moonlit / starry(?: sky| night)? / under the stars / 夜晚 / 晚上 / 夜里 / 夜间 / 深夜 / "
        "星空 / "
        "夜空 / 午夜 / 月夜 / 夜色 / 月光下 / 夜",
        "day": "day ?(?:time|light)? / noon / midday / (?:in the )?(?:morning|afternoon) / "
        "白天 / 中午 / 正午 / 下午 / 上午 / 白昼",
    }
)
_WEATHERS = Phrases[Weather](
    {
        "storm": "storms? / stormy / thunder(?:storm)?s? / lightning / 暴风雨 / 雷雨 / 雷电 / "
        "暴雨 / "
        "闪电 / 打雷 / 风暴",
        "snow": "snow(?:ing|s|y)? / snow ?(?:fall|flakes falling) / blizzard / 下雪 / 大雪 / "
        "雪花 / "
        "飘雪 / 飞雪 / 雪天 / 小雪",
        "rain": "rain(?:ing|s|y)? / drizzle / showers / 下雨 / 雨天 / 雨中 / 大雨 / 小雨 / 细雨 / "
        "雨夜 / "
        "雨里 / 雨",
        "fog": "fog(?:gy)? / mist(?:y)? / haz[ey]y? / 雾 / 大雾 / 薄雾 / 雾天",
        "cloudy": "cloudy / overcast / 多云 / 阴天 / 阴沉",
        "clear": "sunny / clear (?:weather|day) / bright day / 晴天 / 晴朗 / 阳光明媚 / 晴空",
    }
)
_SEASONS = Phrases[str](
    {
        "autumn": "autumn / fall (?:colou?rs|foliage|season) / in (?:the )?fall / "
        "秋天的? / 秋季 / 深秋 / 秋日",
        "winter": "winter / 冬天的? / 冬季 / 冬日 / 寒冬",
    }
)
_AUTUMN: dict[Ground, tuple[str, ...]] = {
    "field": ("#d8b06a", "#cf9a4e", "#bf8a45", "#d9772b"),
    "forest": ("#c9762f", "#a8743f"),
}
"""The land, and the leaves of its trees."""
_COLOURED = re.compile(
    r"(?<![a-z])((?:(?:dark|light|bright|pale|deep) )?(?:#[0-9a-f]{6}|[a-z]+)(?: and [a-z]+)?)"
    r" (?:gradient )?(?:background|backdrop)"
    r"|(?:background|backdrop) (?:is|in) ((?:dark |light )?[a-z]+)"
    r"|([\u4e00-\u9fff]{1,4}色)(?:的)?(?:渐变)?背景|背景(?:是|为)([\u4e00-\u9fff]{1,4}色)",
    re.IGNORECASE,
)
_FADING = re.compile("gradient|渐变", re.IGNORECASE)
_TINTED = {"plain", "gradient", "studio", "room", "sky"}
_NARROWER = {
    *(("city", "street"), ("sea", "beach"), ("sea", "underwater"), ("beach", "sea")),
    *((wide, narrow) for wide in ("sky", "field") for narrow in ("city", "sea", "beach", "forest")),
    *(("sky", one) for one in ("street", "mountains", "desert", "field", "snow", "space")),
    *(("day", one) for one in ("dawn", "dusk", "night")),
    *(("cloudy", one) for one in ("rain", "snow", "storm")),
    *(("rain", "storm"), ("mountains", "snow"), ("space", "moon")),
}
"""Pairs of which the second says more than the first, and so contradicts it in nothing."""
_MANY = re.compile(
    r"(?:^|\s)(?:a|an|one|two|three|four|five|six|another|\d+)\s|[一二两三四五六七八九几\d][座个片条]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Where:
    """Where and when, as far as it is told."""

    ground: Ground | None = None
    time: Time | None = None
    weather: Weather | None = None
    colours: tuple[str, ...] = ()

    def under(self, known: "Where") -> "Where":
        """With what another one knows, where this one says nothing."""
        if self.ground and self.ground != known.ground:
            known = replace(known, colours=())
        return Where(
            self.ground or known.ground,
            self.time or known.time,
            self.weather or known.weather,
            self.colours or known.colours,
        )


def setting(text: str, words: Words) -> tuple[str, Where, list[str]]:
    """The text without its words for where and when, those, and what contradicts itself in it."""
    colours, whole = tuple[str, ...](), text
    for found in _COLOURED.finditer(text):
        told = next(each for each in found.groups() if each)
        if colour := coloured(told, words):
            colours = colour
            text = without(text, found.start(), found.end())
    nouns = words.nouns(text)
    ground, text, first = _one(_GROUNDS, text, nouns)
    time, text, second = _one(_TIMES, text, nouns)
    weather, text, third = _one(_WEATHERS, text, nouns)
    season, text, _ = _one(_SEASONS, text, nouns)
    notes = [one for one in (first, second, third) if one]
    if colours and ground is None:
        ground = "gradient" if len(colours) > 1 or _FADING.search(whole) else "plain"
    if ground == "gradient" and len(colours) == 1:
        colours = (lighter(colours[0], 0.5), colours[0])
    if season == "winter" and ground in {None, "field"}:
        ground = "snow"
    own = _AUTUMN.get(ground, ()) if ground and season == "autumn" else ()
    return text, Where(ground, time, weather, colours if ground in _TINTED else own), notes


def coloured(told: str, words: Words) -> tuple[str, ...]:
    """The colours that a text names.

    >>> from seedbed.engines.drafting.words import read_words
    >>> coloured("blue and white", read_words())
    ('#1e7be5', '#fafafa')
    """
    found: list[str] = []
    for one in re.split(r"\s+and\s+|和", told):
        probe = f"{one} cat" if one.isascii() else f"{one}的猫"
        noun = next(iter(words.nouns(probe)), None)
        if noun is not None and noun.colour:
            found.append(noun.colour)
    return tuple(found)


def _one(table: Phrases[T], text: str, nouns: list[Noun]) -> tuple[T | None, str, str]:
    """What a table finds, the text without it, and a note where it contradicts itself."""
    meant: T | None = None
    note = ""
    for found in table.all(text):
        if any(_is_thing(found, noun, text) for noun in _beneath(found, nouns)):
            continue
        new = found.meaning
        if meant is None or (meant, new) in _NARROWER:
            meant = new
        elif new != meant and (new, meant) not in _NARROWER:
            note = f"It says {meant} and then {new}; the later is taken."
            meant = new
        text = without(text, found.start, found.end)
    return meant, text, note


def _beneath(found: Found[T], nouns: list[Noun]) -> list[Noun]:
    """The nouns that share letters with it; they are in order, and there may be thousands."""
    first = bisect_right(nouns, found.start, key=lambda one: one.end)
    return nouns[first : bisect_left(nouns, found.end, key=lambda one: one.start)]


def _is_thing(found: Found[T], noun: Noun, text: str) -> bool:
    """Whether it is a part of the name of a thing: "snowman", "a mountain", "sea lion"."""
    counted = noun.start < found.start and _MANY.match(text[noun.start : noun.end])
    return noun.end > found.end or bool(counted)
