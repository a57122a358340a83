"""The stage: a Scene as pictures, still or moving, at any size.

Floor 3. Frames are drawn one at a time, each from the Scene alone, so that any of them can be
drawn again by anybody and comes out the same. What a shot needs for all its frames is kept while
it is being drawn, for two shots at a time.
"""

from collections.abc import Mapping

import skia

from seedbed.core.scene.motion import Transition
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import Timeline, timeline
from seedbed.engines.drafting.art import Art
from seedbed.engines.drafting.checks import check
from seedbed.engines.drafting.colours import argb
from seedbed.engines.drafting.frames import Pixels, Sheet
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.placing import Size
from seedbed.engines.drafting.playing import Playing, Props
from seedbed.kit.film import transition

_SHOTS_KEPT = 2


class Stage:
    """One Scene, drawn at one size. `pictures` are those it refers to, by the hash of their bytes;
    `seed` is for chance, in place of the Scene's own.
    """

    def __init__(
        self,
        scene: Scene,
        *,
        size: Size | None = None,
        art: Art,
        lettering: Lettering,
        pictures: Mapping[str, skia.Image],
        seed: int | None = None,
    ) -> None:
        check(scene, art, pictures)
        self._scene = scene
        self._size = size or (scene.canvas.width, scene.canvas.height)
        named = {
            one.id: pictures[one.artifact] for one in scene.references if one.artifact in pictures
        }
        self._props = Props(art, lettering, named, scene.seed if seed is None else seed)
        self._line: Timeline = timeline(scene)
        self._playing: dict[int, Playing] = {}
        self._sheet = Sheet(*self._size)

    @property
    def frames(self) -> int:
        """How many frames there are; a picture is one."""
        return self._line.frames

    def still(self, *, alpha: bool = False) -> Pixels:
        """The picture, or the first frame of a film: rows of red, green, blue; and of `alpha`, if
        the ground is to be clear.

        Raises:
            SceneUndrawable: a text does not fit, or no font has its letters.
        """
        if not alpha:
            return self.frame(0)
        self._draw(0, 0, alpha=True)
        return self._sheet.clear()

    def frame(self, number: int) -> Pixels:
        """A frame of a film, counted from 0: rows of red, green, blue.

        Raises:
            SceneUndrawable: a text does not fit, or no font has its letters.
            IndexError: the film has fewer frames.
        """
        if not 0 <= number < self.frames:
            raise IndexError(f"The film has {self.frames} frames, and this is frame {number}.")
        seen = self._line.seen(number)
        first = self._opaque(seen.shot, seen.frame)
        if seen.next_frame is None:
            return first
        second = self._opaque(seen.shot + 1, seen.next_frame)
        into = self._scene.shots[seen.shot + 1].into
        return transition.mixed(first, second, _told(into), seen.share)

    def _opaque(self, shot: int, frame: int) -> Pixels:
        self._draw(shot, frame)
        return self._sheet.opaque()

    def _draw(self, shot: int, frame: int, *, alpha: bool = False) -> None:
        """Draw a shot at one of its frames."""
        fps = self._scene.canvas.fps
        last = self._line.spans[shot][1] - 1
        self._sheet.canvas.clear(0 if alpha else argb(self._scene.canvas.colour[:7]))
        playing = self._play(shot)
        playing.draw(
            self._sheet, frame / last if last else 0.0, frame / fps if fps else 0.0, alpha=alpha
        )

    def _play(self, shot: int) -> Playing:
        if shot not in self._playing:
            self._playing[shot] = Playing(self._scene.shots[shot], self._size, self._props)
            for old in sorted(self._playing, key=lambda one: abs(one - shot))[_SHOTS_KEPT:]:
                del self._playing[old]
        return self._playing[shot]


def _told(into: Transition) -> transition.Transition:
    """A transition as the film's library has it; one without a side goes to the left."""
    sides = {"in": "left", "out": "right"}
    red, green, blue = bytes.fromhex(into.colour[1:7])
    return transition.Transition(
        into.form, 1, sides.get(into.toward, into.toward), (red, green, blue)
    )
