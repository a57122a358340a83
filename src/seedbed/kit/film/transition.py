"""From one stream of frames into another: a dissolve, a fade, a wipe, a slide, a push.

Floor 1. A transition lies over the end of the first and the beginning of the second; the film is
shorter by its frames. Two frames are held at once, and no more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

import cv2
import numpy as np

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame

SIDES = ("left", "right", "up", "down")


@dataclass(frozen=True, slots=True)
class Transition:
    """How one shot becomes the next over so many frames. `towards` is the side to which things
    move, and `colour` what a fade goes through. A cut has no frames.
    """

    kind: str = "cut"
    frames: int = 0
    towards: str = "left"
    colour: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        if self.kind != "cut" and self.kind not in _KINDS:
            raise FilmFault(f"{self.kind} is no transition: cut, {', '.join(_KINDS)} are")
        if (self.frames == 0) != (self.kind == "cut") or self.frames < 0:
            raise FilmFault(f"a {self.kind} is not made of {self.frames} frames")
        if self.towards not in SIDES:
            raise FilmFault(f"{self.towards} is no side: {', '.join(SIDES)} are")


def spliced(
    first: Iterable[Frame], count: int, second: Iterable[Frame], transition: Transition
) -> Iterator[Frame]:
    """Both streams as one. The first has `count` frames.

    Raises:
        FilmFault: one of them is shorter than the transition, or than was said.
    """
    if count < transition.frames:
        raise FilmFault(
            f"{count} frames are too few for {transition.frames} of a {transition.kind}"
        )
    ours, theirs = iter(first), iter(second)
    for _ in range(count - transition.frames):
        yield _next(ours)
    for number in range(transition.frames):
        share = (number + 1) / (transition.frames + 1)
        yield mixed(_next(ours), _next(theirs), transition, share)
    yield from theirs


def mixed(first: Frame, second: Frame, transition: Transition, share: float) -> Frame:
    """The frame at that share of a transition: at 0 it is the first, at 1 the second."""
    return _KINDS[transition.kind](first, second, transition, share)


def _next(stream: Iterator[Frame]) -> Frame:
    frame = next(stream, None)
    if frame is None:
        raise FilmFault("a shot ends before its transition does")
    return frame


def _dissolve(first: Frame, second: Frame, _: Transition, share: float) -> Frame:
    return cast(Frame, cv2.addWeighted(first, 1 - share, second, share, 0))


def _fade(first: Frame, second: Frame, transition: Transition, share: float) -> Frame:
    """To the colour in the first half, and from it in the second."""
    shown, strength = (first, 1 - 2 * share) if share < 0.5 else (second, 2 * share - 1)
    ground = np.broadcast_to(np.array(transition.colour, np.uint8), shown.shape)
    return cast(Frame, cv2.addWeighted(shown, strength, np.array(ground), 1 - strength, 0))


def _wipe(first: Frame, second: Frame, transition: Transition, share: float) -> Frame:
    """The second is uncovered by an edge that moves."""
    return _moved(first, second, transition, share, (False, False))


def _slide(first: Frame, second: Frame, transition: Transition, share: float) -> Frame:
    """The second moves in over the first."""
    return _moved(first, second, transition, share, (False, True))


def _push(first: Frame, second: Frame, transition: Transition, share: float) -> Frame:
    """The second moves in and takes the place of the first, which moves out."""
    return _moved(first, second, transition, share, (True, True))


def _moved(
    first: Frame, second: Frame, transition: Transition, share: float, moves: tuple[bool, bool]
) -> Frame:
    """Both beside each other, each whole in its place or moved with the edge between them."""
    towards = transition.towards
    axis = 1 if towards in {"left", "right"} else 0
    length = first.shape[axis]
    edge = round(length * _eased(share))
    if towards in {"left", "up"}:
        out = _cut(first, axis, edge if moves[0] else 0, length - edge)
        into = _cut(second, axis, 0 if moves[1] else length - edge, edge)
        return np.concatenate([out, into], axis)
    out = _cut(first, axis, 0 if moves[0] else edge, length - edge)
    into = _cut(second, axis, length - edge if moves[1] else 0, edge)
    return np.concatenate([into, out], axis)


def _cut(frame: Frame, axis: int, begin: int, count: int) -> Frame:
    return frame[:, begin : begin + count] if axis else frame[begin : begin + count]


def _eased(share: float) -> float:
    """What moves begins slowly and ends slowly."""
    return share * share * (3 - 2 * share)


_Kind: TypeAlias = Callable[[Frame, Frame, Transition, float], Frame]
_KINDS: Mapping[str, _Kind] = {
    "dissolve": _dissolve,
    "fade": _fade,
    "wipe": _wipe,
    "slide": _slide,
    "push": _push,
}
