"""When what is seen: a film's shots as frames, and the pieces that it is made in.

Floor 1. Frames are counted from 0 at the film's rate. Shots overlap by their transitions, so that
the frames of a transition show two of them.

A piece shows the frames of one shot, or of one transition, and has a Scene of its own with nothing
but what it shows: two pieces of one `identity` are the same frames. So a film whose one shot was
changed finds all its other pieces as they were.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from seedbed.core import record
from seedbed.core.scene.layers import Picture
from seedbed.core.scene.motion import CUT, Transition
from seedbed.core.scene.scene import Scene, Shot

PIECE_FRAMES = 60
"""Frames of a piece at most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some frames of a film. `scene` has one shot, or the two of a transition; the piece has
    `count` frames, from the frame `first` of that scene.
    """

    scene: Scene
    first: int
    count: int

    @property
    def identity(self) -> str:
        """The hash of all that it shows, in hexadecimal."""
        told = record.canonical(self.scene) + f"|{self.first}+{self.count}".encode()
        return hashlib.sha256(told).hexdigest()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a frame shows: a shot at one of its frames; and in a transition, `share` of which is
    over, the next shot at one of its own.
    """

    shot: int
    frame: int
    next_frame: int | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where shots lie in a film: for each its first frame, its frames, and those of its transition
    at the beginning.
    """

    spans: tuple[tuple[int, int, int], ...]

    @property
    def frames(self) -> int:
        """All frames of the film."""
        first, count, _ = self.spans[-1]
        return first + count

    def seen(self, frame: int) -> Seen:
        """What is seen at a frame."""
        at = max(place for place, span in enumerate(self.spans) if span[0] <= frame)
        first, _, into = self.spans[at]
        if at and frame < first + into:
            before = self.spans[at - 1][0]
            share = (frame - first + 1) / (into + 1)
            return Seen(at - 1, frame - before, frame - first, share)
        return Seen(at, frame - first)


def timeline(scene: Scene) -> Timeline:
    """Where the shots of a film lie; a picture is one frame."""
    if scene.canvas.fps is None:
        return Timeline(((0, 1, 0),))
    fps = scene.canvas.fps
    spans: list[tuple[int, int, int]] = []
    end = 0
    for place, shot in enumerate(scene.shots):
        count = max(1, round(shot.seconds * fps))
        into = _frames(shot.into, fps) if place else 0
        into = min(into, count // 2, spans[-1][1] // 2 if spans else 0)
        spans.append((end - into, count, into))
        end += count - into
    return Timeline(tuple(spans))


def seconds(scene: Scene) -> float:
    """How long a film takes; a picture takes no time."""
    return timeline(scene).frames / scene.canvas.fps if scene.canvas.fps else 0.0


def pieces(scene: Scene, *, most: int = PIECE_FRAMES) -> tuple[Piece, ...]:
    """A film in pieces of at most so many frames, in order."""
    return tuple(_pieces(scene, most))


def _pieces(scene: Scene, most: int) -> Iterator[Piece]:
    spans = timeline(scene).spans
    for place, (_, count, into) in enumerate(spans):
        shot = scene.shots[place]
        after = spans[place + 1][2] if place + 1 < len(spans) else 0
        if into:
            both = _alone(scene, scene.shots[place - 1], shot)
            yield Piece(both, spans[place - 1][1] - into, into)
        alone = _alone(scene, replace(shot, into=CUT))
        for first in range(into, count - after, most):
            yield Piece(alone, first, min(most, count - after - first))


def _alone(scene: Scene, *shots: Shot) -> Scene:
    """The Scene with these shots alone, and what they refer to."""
    first, *rest = shots
    shots = (replace(first, into=CUT), *rest)
    wanted = {
        layer.reference for shot in shots for layer in shot.layers if isinstance(layer, Picture)
    }
    return replace(
        scene,
        shots=shots,
        references=tuple(one for one in scene.references if one.id in wanted),
        tracks=(),
        title="",
        said="",
    )


def _frames(into: Transition, fps: int) -> int:
    return 0 if into.form == "cut" else round(into.seconds * fps)
