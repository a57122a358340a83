"""The small words of English and Chinese: numbers, articles, measures, and where a phrase ends.

Floor 3.
"""

from collections.abc import Iterator


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_ONES = _listed(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS = "一二三四五六七八九"
_AMOUNTS = {
    0: ("no", "zero", "without", "without any", "没有", "无"),
    1: ("a", "an", "another", "single", "a single"),
    2: ("pair of", "couple of", "both", "两", "俩", "双", "一双", "一对"),
    3: ("few", "a few", "some", "仨", "几", "一些"),
    4: ("several", "group of", "好几"),
    5: ("bunch of", "herd of", "pack of", "一群", "一排", "一队", "一列", "一行", "一串"),
    6: ("flock of", "school of", "swarm of", "half a dozen", "lots of", "lot of", "many"),
    7: ("许多", "很多", "好多", "一堆"),
    12: ("dozen", "a dozen", "crowd of", "a crowd of", "一打"),
    24: ("dozens of",),
    100: ("hundred", "a hundred", "hundreds of", "百", "一百"),
}

POINTING = (
    *_listed("the this that these those my your his her its our their every each other"),
    *"这那该每",
)
MEASURES = (
    "只个個隻辆輛架艘条條头匹朵棵颗座栋间本张把件位名群束支枝株片"
    "块杯碗盏台部幅顶枚粒列尾口串根瓶盒轮排些堆对"
)
OF = ("of", "的", "之")
LINKS = (
    *_listed("is are was were in painted coloured colored wearing"),
    *("是", "为", "穿", "漆成", "涂成", "涂", "成"),
)
STOPS = (
    *_listed("and or with on at under over above below behind beside beneath between among near"),
    *_listed("next to by from into onto through across against around along inside outside while"),
    *_listed("when as then for off up down left right top bottom toward towards like who which"),
    *_listed("has have be can will it they he she 's"),
    *"和与跟同及或在有从到向往上下里中旁着了过去来飞跑走坐站游跳把被让给",
)


def numbers() -> Iterator[tuple[str, int]]:
    """How amounts are written: one to ninety-nine, and words for about so many."""
    yield from ((text, number) for number, text in enumerate(_ONES, 1))
    for tens, text in enumerate(_TENS, 2):
        yield text, tens * 10
        yield from ((f"{text} {_ONES[ones - 1]}", tens * 10 + ones) for ones in range(1, 10))
    for number in range(1, 100):
        yield _chinese(number), number
    for number, texts in _AMOUNTS.items():
        yield from ((text, number) for text in texts)
        yield from ((f"a {text}", number) for text in texts if text.endswith(" of"))


def _chinese(number: int) -> str:
    """A number below a hundred.

    >>> _chinese(25), _chinese(10), _chinese(7)
    ('二十五', '十', '七')
    """
    tens, ones = divmod(number, 10)
    before = ("" if tens == 1 else _DIGITS[tens - 1]) + "十" if tens else ""
    return before + (_DIGITS[ones - 1] if ones else "")
