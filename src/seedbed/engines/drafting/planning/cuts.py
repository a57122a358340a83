"""A prompt cut into shots: 'Shot 1: ...', '第二个镜头', 'then ...', 'cut to ...', '接着……'.

Floor 3.
"""

# ruff: noqa: RUF001 - signs as Chinese has them

import re
from dataclasses import dataclass

from seedbed.core.scene.motion import CUT, Transition
from seedbed.engines.drafting.planning.phrases import NUMBER, Phrases, number

MOST_SHOTS = 12
"""Shots of a film that is planned by rule."""
_NUMBER = (
    r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|[一二三四五六七八九十]{1,3})"
)
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|last|final|next)"
_MARKS = re.compile(
    rf"(?:\b(?:shot|scene)\s*(?:no\.?\s*|#)?{_NUMBER}\s*(?:\([^)]{{0,30}}\))?\s*[:：.,)\-–—]"
    rf"|\b(?:in )?the {_ORDINAL} (?:shot|scene)(?: (?:shows?|is|has|we see))?\s*[:：,]?"
    rf"|\b{_ORDINAL} (?:shot|scene)\s*[:：,]"
    rf"|(?:镜头|场景|分镜)\s*{_NUMBER}\s*(?:[(（][^)）]{{0,30}}[)）])?\s*[:：,，、]?"
    rf"|(?:第\s*{_NUMBER}|最后一)\s*(?:个|幕|段)?(?:镜头|场景|幕|段)\s*(?:是|里|中)?\s*[:：,，、]?)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"({NUMBER})\s*(?:shots?|scenes?|个镜头|个场景|段镜头|幕)[^:：;；。.\n]{{0,40}}[:：]",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[;；\n]+")
_SENTENCES = re.compile(r"[.。!！]\s*")
_COMMAS = re.compile(r"[,，]\s*(?:then |and then |然后|接着|最后)?")
_THEN = re.compile(
    r"(?:[,.;，。；]\s*|\s)(?:and\s+)?(?:"
    r"(?P<into>(?:hard |quick |smash )?cuts? to|dissolv(?:es?|ing) (?:in)?to|"
    r"cross-?fad(?:es?|ing) (?:in)?to|fad(?:es?|ing) (?:in)?to(?! (?:black|white))|"
    r"wip(?:es?|ing) to|slid(?:es?|ing) to|push(?:es)? to)|"
    r"then\b,?|next,|after that,?|afterwards,?|finally,?|later,?)\s*"
    r"|[,，。；;]?\s{0,4}(?P<han>切换到|切换至|切到|切至|叠化到|叠化至|溶解到|溶解至|淡入到|渐变到|"
    r"擦除到|滑动到|推入到)"
    r"|(?:[,，。；;]\s*)(?P<fade>淡入|叠化)"
    r"|(?:^|[,，。；;])\s*(?:接着|然后|随后|之后|接下来|最后)[,，]?",
    re.IGNORECASE,
)
_TRANSITIONS = Phrases[str](
    {
        "dissolve": "dissolv\\w* / cross-?fad\\w* / blend\\w* / 叠化 / 溶解 / 渐变",
        "fade": "fad(?:es?|ing|ed) / fade to black / 淡入 / 淡出 / 淡化 / 黑场",
        "wipe": "wip(?:es?|ing) / 擦除 / 划像",
        "slide": "slid(?:es?|ing) to / slide transitions? / 滑动",
        "push": "push(?:es)? to / push transitions? / 推入 / 推挤",
        "cut": "cuts? to / hard cuts? / cuts between / 切换 / 切到 / 切至 / 硬切",
    }
)
_BETWEEN = re.compile(
    r"(\w{1,20}) (?:transitions?|between (?:the )?(?:shots|scenes|them|each))"
    r"|((?:叠化|溶解|淡入淡出|淡入|擦除|滑动)(?:转场|过渡))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one shot, from where to where, and how the shot before becomes it. What marks it
    begins at `mark`.
    """

    start: int
    end: int
    into: Transition = CUT
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Cuts:
    """What is said of the whole film, up to a character, and its shots; whether they are told one
    by one.
    """

    preamble: int
    parts: tuple[Part, ...]
    is_marked: bool = True


def cuts(text: str) -> Cuts:
    """Where the shots of a film stand in its text."""
    between = _between(text)
    marks = list(_MARKS.finditer(text))
    if marks:
        ends = [one.start() for one in marks[1:]] + [len(text)]
        found = [_part(text, one, end, between) for one, end in zip(marks, ends, strict=True)]
        return Cuts(marks[0].start(), tuple(found))
    counted = _COUNT.search(text)
    if counted and (wanted := int(number(counted[1]) or 0)) > 1:
        return Cuts(counted.end(), _listed(text, counted.end(), wanted, between))
    return Cuts(0, _sequence(text, between), is_marked=False)


def _part(text: str, mark: re.Match[str], end: int, between: Transition) -> Part:
    """A shot whose mark may stand behind a word for how it comes in."""
    start = mark.end()
    told = _TRANSITIONS.last(text[max(0, mark.start() - 40) : mark.start()])
    here = _TRANSITIONS.first(text[start : start + 16])
    named = told or (here if here != "cut" else None)
    return Part(start, end, transition(named) if named else between, mark.start())


def _listed(text: str, start: int, wanted: int, between: Transition) -> tuple[Part, ...]:
    """So many parts behind a colon, by the sign that makes as many of them."""
    rest = text[start:]
    for sign in (_PARTS, _SENTENCES, _COMMAS, _THEN):
        spans = _spans(rest, sign)
        if len(spans) == wanted:
            return tuple(Part(start + a, start + b, between) for a, b in spans)
    return tuple(
        Part(start + one.start, start + one.end, one.into) for one in _sequence(rest, between)
    )


def _spans(text: str, sign: re.Pattern[str]) -> list[tuple[int, int]]:
    spans, start = list[tuple[int, int]](), 0
    for found in [*sign.finditer(text), None]:
        end = found.start() if found else len(text)
        if text[start:end].strip(" .。,，~"):
            spans.append((start, end))
        start = found.end() if found else end
    return spans


def _sequence(text: str, between: Transition) -> tuple[Part, ...]:
    """One thing after the other, as the words between them tell."""
    parts, start, into = list[Part](), 0, between
    for found in _THEN.finditer(text):
        if text[start : found.start()].strip(" .。,，~\n"):
            parts.append(Part(start, found.start(), into))
        named = found["into"] or found["han"] or found["fade"]
        form = _TRANSITIONS.first(named) if named else None
        start, into = found.end(), transition(form) if form else between
    if text[start:].strip(" .。,，~\n") or not parts:
        parts.append(Part(start, len(text), into))
    return tuple(parts)


def transition(form: str | None) -> Transition:
    """A transition by its name, as long as is usual."""
    match form:
        case "dissolve" | "fade":
            return Transition(form, 0.6)
        case "wipe" | "slide" | "push":
            return Transition(form, 0.5)
        case _:
            return CUT


def _between(text: str) -> Transition:
    """What is said of all transitions: "with dissolves between shots"."""
    found = _BETWEEN.search(text)
    return transition(_TRANSITIONS.first(found[0])) if found else CUT
