"""Captions as files of words: SubRip (SRT) and WebVTT, written and read.

Floor 1. Without any library. Read strictly where moments are concerned, and with patience where
ends of lines, numbers and marks at the beginning are; how words look and where they stand is left
out.
"""

import re
from collections.abc import Iterable, Iterator

from seedbed.kit.film.caption import Caption
from seedbed.kit.film.errors import FilmFault

_MOST_LETTERS, _MOST = 2_000_000, 20_000
_MOMENT = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})"
_ARROW = "-->"
_SPAN = re.compile(rf"\s*{_MOMENT}\s*{_ARROW}\s*{_MOMENT}(?:\s.*)?")
_TAG = re.compile(r"</?(?:[a-zA-Z][^<>]{0,200}|\d[\d:.]{0,20})>")
_ASIDE = ("WEBVTT", "NOTE", "STYLE", "REGION")
_SIGNS = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


def srt(captions: Iterable[Caption]) -> str:
    r"""As SubRip.

    >>> srt([Caption(0.5, 2, "Hello")])
    '1\n00:00:00,500 --> 00:00:02,000\nHello\n'
    """
    cues = (
        f"{number}\n{_span(caption, ',')}\n{_lines(caption.text)}\n"
        for number, caption in enumerate(captions, 1)
    )
    return "\n".join(cues)


def webvtt(captions: Iterable[Caption]) -> str:
    r"""As WebVTT.

    >>> webvtt([Caption(0.5, 2, "1 < 2")])
    'WEBVTT\n\n00:00:00.500 --> 00:00:02.000\n1 &lt; 2\n'
    """
    cues = (f"{_span(caption, '.')}\n{_quoted(_lines(caption.text))}\n" for caption in captions)
    return "\n".join(["WEBVTT\n", *cues])


def read(text: str) -> list[Caption]:
    """The captions of a file in either form.

    Raises:
        FilmFault: it is too long, or a line says no moments where it should.
    """
    if len(text) > _MOST_LETTERS:
        raise FilmFault(f"subtitles of {len(text):,} letters; {_MOST_LETTERS:,} are read")
    is_quoted = text.lstrip("\ufeff").startswith("WEBVTT")
    captions = list[Caption]()
    for line, block in _blocks(text):
        captions.append(_caption(line, block, is_quoted=is_quoted))
        if len(captions) > _MOST:
            raise FilmFault(f"more than {_MOST:,} captions")
    return captions


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """What stands between empty lines and is no aside, with the number of its first line."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    block = list[str]()
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            block.append(line)
            continue
        if block and not block[0].startswith(_ASIDE):
            yield number - len(block), block
        block = []


def _caption(line: int, block: list[str], *, is_quoted: bool) -> Caption:
    at = 0 if _ARROW in block[0] else 1
    told = block[at] if at < len(block) else block[0]
    found = _SPAN.fullmatch(told)
    if found is None:
        why = f'"{told[:40]}" is not like 00:00:01,000 --> 00:00:02,000'
        raise FilmFault(f"subtitles, line {line + min(at, len(block) - 1)}: {why}")
    parts = [
        int(part.ljust(3, "0") if place % 4 == 3 else part) if part else 0
        for place, part in enumerate(found.groups())
    ]
    words = _TAG.sub("", "\n".join(block[at + 1 :]))
    return Caption(_seconds(parts[:4]), _seconds(parts[4:]), _plain(words) if is_quoted else words)


def _seconds(parts: list[int]) -> float:
    hours, minutes, seconds, thousandths = parts
    return (hours * 3_600_000 + minutes * 60_000 + seconds * 1_000 + thousandths) / 1_000


def _span(caption: Caption, point: str) -> str:
    return f"{_told(caption.begin, point)} {_ARROW} {_told(caption.end, point)}"


def _told(moment: float, point: str) -> str:
    seconds, thousandths = divmod(round(moment * 1_000), 1_000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{point}{thousandths:03}"


def _lines(text: str) -> str:
    """Words without empty lines, which would end a caption, and without an arrow."""
    kept = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in kept if line).replace(_ARROW, "->")


def _quoted(text: str) -> str:
    for sign, quoted in _SIGNS:
        text = text.replace(sign, quoted)
    return text


def _plain(text: str) -> str:
    for sign, quoted in reversed(_SIGNS):
        text = text.replace(quoted, sign)
    return text
