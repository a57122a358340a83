"""What no house makes, whoever asks: sexual content with minors, told by the words for it.

Floor 1. The rule is blunt on purpose: words for somebody young beside words for what is sexual, in
English or Chinese, wherever they stand in what is asked for, refuse the whole of it. It is always
on; what else an operator wants refused is for a program of theirs (`seedbed.media.safety`).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

_YOUNG = re.compile(
    r"\b(?:child(?:ren)?|kids?|toddlers?|infants?|bab(?:y|ies)|newborns?|minors|under-?\s?age[d]?|"
    r"pre-?teens?|teens?|teenage(?:d|rs?)?|adolescents?|juveniles?|school-?\s?(?:girl|boy)s?|"
    r"(?:little|young|small) (?:girl|boy)s?|"
    r"(?:[1-9]|1[0-7])[\s-]?(?:years?|yrs?|y)[\s-]?(?:old|/?o)\b|"
    r"(?:girl|boy)s? (?:of|aged?) (?:[1-9]|1[0-7])\b|age[d]? (?:[1-9]|1[0-7]))\b"
    r"|儿童|兒童|小孩|孩子|孩童|幼女|幼童|幼儿|幼兒|少女|少年|女童|男童|未成年|婴儿|嬰兒|小学生|小學生"
    r"|初中生|高中生|中学生|中學生|小女孩|小男孩|小姑娘|女孩|男孩"
    r"|(?<!\d)(?:[1-9]|1[0-7])\s?(?:岁|歲)|(?<![一二三四五六七八九十])(?:十[一二三四五六七]?|[一二三四五六七八九])(?:岁|歲)"
)
_SEXUAL = re.compile(
    r"\b(?:nud(?:e|es|ity)|naked|topless|undress(?:ed|ing)?|porn(?:o|ography|ographic)?|erotic(?:a)?|"
    r"nsfw|hentai|xxx|(?<!same-)(?<!same )sex(?! education)(?:ual|ually|y|ualized|ualised)?|"
    r"orgasm(?:s|ic)?|masturbat\w+|genitals?|penis|vagina|nipples?|lingerie|fetish|bondage|"
    r"intercourse|seductive(?:ly)?|aroused)\b"
    r"|裸体|裸體|全裸|半裸|裸露|裸照|赤裸|色情|情色|性爱|性愛|性交|性感|性器|脱衣|脫衣|脱光|脫光|淫"
    r"|做爱|做愛|自慰|口交|乳头|乳頭|成人片|情趣"
)
_ALONE = re.compile(
    r"\b(?:loli(?:con)?s?|shota(?:con)?|csam|jailbait)\b|萝莉控|蘿莉控|正太控|恋童|戀童"
)


def forbidden(texts: Iterable[str]) -> str | None:
    """Why what is asked for is never made; `None` where it may be.

    >>> forbidden(["A teenager plays football.", "Her team wins."])
    >>> forbidden(["a teenager", "naked"])
    "it asks for sexual content with minors ('teenager' beside 'naked')"
    """
    said = unicodedata.normalize("NFKC", "\n".join(texts)).casefold()
    if alone := _ALONE.search(said):
        return f"it asks for sexual content with minors ({alone[0]!r})"
    young, sexual = _YOUNG.search(said), _SEXUAL.search(said)
    if young is None or sexual is None:
        return None
    return f"it asks for sexual content with minors ({young[0]!r} beside {sexual[0]!r})"


def texts_of(value: object) -> list[str]:
    """Every text in what JSON has, in its order.

    >>> texts_of({"a": ["b", 1], "c": {"d": "e"}})
    ['b', 'e']
    """
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(cast("Mapping[str, object]", value).values())
    if not isinstance(value, list | tuple):
        return []
    return [text for one in cast("Sequence[object]", value) for text in texts_of(one)]
