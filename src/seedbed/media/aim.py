"""What is done to a film that came, so that it becomes what is wanted; and what is left out.

Floor 5. Plain arithmetic, without a look at a frame. A film keeps its shape: it is brought to the
largest size that fits into the one that is wanted. It is never made smaller, or slower, unless that
is said by a `finish`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

from seedbed.core.film import ADAPTIVE, frame_size
from seedbed.core.finish import CODECS, DEPTHS, FASTEST_GIF, Finish

_NEARLY = 0.02
"""The share by which two shapes may differ that are taken for one."""
_EXACT = "what is drawn of a Scene has the colours that the Scene says"


@dataclass(frozen=True, slots=True)
class Aim:
    """The film as it is to be: pixels, frames a second, how many frames, and how it is written.

    `deeds` are what is done to its frames, in the words of the manifest. Where there are none, and
    it `is_anew` neither, its frames stay as they came. `left` says of a step why it is left out.
    """

    size: tuple[int, int]
    rate: Fraction
    frames: int
    codec: str
    container: str
    depth: int
    deeds: tuple[str, ...]
    is_anew: bool
    left: Mapping[str, str]


def is_there(
    film: Mapping[str, Any], ask: Mapping[str, Any], finish: Finish, *, drawn: bool
) -> bool:
    """Whether a film is as it was asked for, by its facts, and nothing else is wished for.

    One that is `drawn` of a Scene has its captions beside it.
    """
    codec = None if finish.codec == film.get("codec") else finish.codec
    captions = "" if drawn and not finish.burnt else finish.captions
    rest = replace(finish, size=None, fps=None, skip=(), codec=codec, captions=captions)
    size, fps = (film["width"], film["height"]), Fraction(film["fps"]).limit_denominator(1001)
    wanted = _size(size, ask, finish), _rate(fps, ask, finish)
    return rest == Finish() and wanted == (size, fps)


def aim(survey: Mapping[str, Any], ask: Mapping[str, Any], finish: Finish, *, drawn: bool) -> Aim:
    """What becomes of a film that was looked at; `drawn` says that it is of a Scene."""
    came, rate = (survey["width"], survey["height"]), Fraction(survey["rate"])
    size, wanted = _size(came, ask, finish), _rate(rate, ask, finish)
    deeds = [
        *(["coloured"] if survey["drifted"] and "colours" not in finish.skip else []),
        *(["interpolated"] if wanted != rate else []),
        *([] if size == came else ["upscaled" if size > came else "shrunk"]),
        *(["captioned"] if finish.burnt else []),
    ]
    codec, depth = _codec(survey, ask, finish), _depth(survey, finish)
    is_other = finish.format == "webm" or (codec, depth) != (survey["codec"], survey["depth"])
    return Aim(
        size=size,
        rate=wanted,
        frames=ceil(survey["frames"] * wanted / rate),
        codec=codec,
        container="webm" if finish.format == "webm" else "mp4",
        depth=depth,
        deeds=tuple(deeds),
        is_anew=bool(deeds) or (is_other and finish.format != "gif"),
        left=dict(_left(finish, deeds, drawn=drawn)),
    )


def _codec(survey: Mapping[str, Any], ask: Mapping[str, Any], finish: Finish) -> str:
    """How frames are written; those of a film of our own stay as they are, unless that is said."""
    if finish.format == "gif" or finish.codec is not None:
        return finish.written
    kept = CODECS[finish.format]
    came = survey["codec"]
    return came if came in kept else next(one for one in (ask.get("codec"), *kept) if one in kept)


def _depth(survey: Mapping[str, Any], finish: Finish) -> int:
    """Bits a colour."""
    can = DEPTHS.get(finish.written, (8, 10)) if finish.format != "gif" else (8,)
    return min(max(can), max(finish.depth, survey["depth"]))


def _left(finish: Finish, deeds: list[str], *, drawn: bool) -> Iterator[tuple[str, str]]:
    """The steps that are left out, and why."""
    done = {"upscale": "upscaled", "interpolate": "interpolated", "colours": "coloured"}
    needless = {
        "upscale": "it is as large as it is wanted",
        "interpolate": "it has the frames that are wanted",
        "colours": _EXACT if drawn else "no shot has drifted from another",
    }
    for step in finish.skip:
        yield step, "it was to be skipped"
    for step, deed in done.items():
        if deed not in deeds and step not in finish.skip:
            yield step, needless[step]
    if finish.format == "webm" and "sign" not in finish.skip:
        yield "sign", "WebM holds no C2PA manifest"


def _size(came: tuple[int, int], ask: Mapping[str, Any], finish: Finish) -> tuple[int, int]:
    if "upscale" in finish.skip:
        return came
    if finish.size is not None:
        return _within(came, finish.size)
    fitted = _within(came, _asked(ask) or came)
    return max(came, fitted)


def _asked(ask: Mapping[str, Any]) -> tuple[int, int] | None:
    """The size that the model was asked for."""
    if "size" in ask:
        return ask["size"][0], ask["size"][1]
    ratio = ask.get("ratio", ADAPTIVE)
    return frame_size(ask["tier"], ratio) if "tier" in ask and ratio != ADAPTIVE else None


def _within(came: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the same shape within another; nearly the same shape is taken for it."""
    across, down = (Fraction(new, old) for new, old in zip(wanted, came, strict=True))
    if abs(across / down - 1) <= _NEARLY:
        return wanted
    scale = min(across, down)
    width, height = (max(2, round(side * scale / 2) * 2) for side in came)
    return width, height


def _rate(came: Fraction, ask: Mapping[str, Any], finish: Finish) -> Fraction:
    """Frames a second."""
    most = Fraction(FASTEST_GIF if finish.format == "gif" else 240)
    if "interpolate" in finish.skip:
        return min(most, came)
    if finish.fps is not None:
        return min(most, Fraction(finish.fps))
    return min(most, max(came, Fraction(ask.get("fps") or 0)))
