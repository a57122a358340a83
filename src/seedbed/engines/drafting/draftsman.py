"""Orders drawn: a still as one file, a film or some frames of it as another.

Floor 3. Frames are drawn and encoded one by one; no film is held.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import skia
from PIL import Image

from seedbed.core.errors import RequestMalformed, SceneUndrawable
from seedbed.core.scene.form import read_scene, write_scene
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import timeline
from seedbed.engines.drafting.art import Art, read_art
from seedbed.engines.drafting.carrying import has_room, written
from seedbed.engines.drafting.checks import check, check_noises, check_texts
from seedbed.engines.drafting.editing.opening import edited
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.engines.drafting.planning.titles import labelled
from seedbed.engines.drafting.stage import Stage
from seedbed.engines.drafting.wire import Begun, Drawn, Line, Made, Order, Sound
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.form import Form
from seedbed.kit.film.mark import put

Tell = Callable[[Line], None]
_FILM = "video/mp4"
_FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Draftsman:
    """Draws with what it has: the art, the letters, and a planner for what comes as words."""

    art: Art
    lettering: Lettering
    planner: Planner

    @classmethod
    def ready(cls, fonts: Sequence[Path] = ()) -> "Draftsman":
        """With all that the house ships, the fonts of this machine, and those in the folders."""
        art = read_art()
        return cls(art, Lettering(Fonts(fonts), emoji=art.written), Planner.ready())

    def draw(self, order: Order, tell: Tell) -> None:
        """Draw an order, telling how far it is, and what came of it.

        Raises:
            SceneMalformed, SceneUndrawable: the scene cannot be drawn.
            RequestMalformed: the prompt cannot be planned.
        """
        order, seen = edited(order, self.planner) if order.base else (order, ())
        scene, notes = self._scene(order)
        if order.check:
            self._check(scene, lambda: tell(Drawn(0)))
            tell(Sound())
            return
        self._check(scene, lambda: None)
        frames, pictures = _span(order, scene), _pictures(scene, order.pictures)
        stage = Stage(scene, art=self.art, lettering=self.lettering, pictures=pictures)
        tell(Begun(write_scene(scene), (*seen, *notes, *_told(order, scene)), frames[1]))
        if order.film:
            tell(_film(stage, scene, order, frames, tell))
        else:
            tell(_still(stage, scene, order))

    def _check(self, scene: Scene, told: Callable[[], None]) -> None:
        """See that all of a scene can be drawn, before any of it is.

        Raises:
            SceneUndrawable: some of it cannot.
        """
        check(scene, self.art, {one.artifact for one in scene.references})
        check_noises(scene)
        check_texts(scene, self.lettering, told)

    def _scene(self, order: Order) -> tuple[Scene, tuple[str, ...]]:
        if order.scene is not None:
            scene = _sized(read_scene(order.scene), order)
            return labelled(scene) if order.label else scene, ()
        plan = self.planner.plan(
            order.prompt,
            film=order.film,
            size=order.size,
            fps=order.fps,
            seconds=order.seconds,
            seed=order.seed,
        )
        return labelled(plan.scene) if order.label else plan.scene, plan.notes


def _sized(scene: Scene, order: Order) -> Scene:
    canvas = scene.canvas
    width, height = order.size or (canvas.width, canvas.height)
    fps = (order.fps or canvas.fps or 24) if order.film else None
    shots = scene.shots if order.film else (replace(scene.shots[0], seconds=0.0),)
    canvas = replace(canvas, width=width, height=height, fps=fps)
    tracks, seed = scene.tracks if order.film else (), (scene.seed + order.seed) % (1 << 31)
    return replace(scene, canvas=canvas, shots=shots, tracks=tracks, seed=seed)


def _span(order: Order, scene: Scene) -> tuple[int, int]:
    whole = timeline(scene).frames
    first, count = order.span or (0, whole)
    if first + count > whole:
        raise RequestMalformed(
            f"The span ends at the frame {first + count:,}, and the film has {whole:,}.",
            hint="Ask for frames that it has.",
            field="span",
        )
    return first, count


def _pictures(scene: Scene, given: Mapping[str, bytes]) -> dict[str, skia.Image]:
    """The pictures that a scene refers to, by the hash of their bytes."""
    found: dict[str, skia.Image] = {}
    for place, reference in enumerate(scene.references):
        if not reference.media.startswith("image/"):
            continue
        image = skia.Image.MakeFromEncoded(given.get(reference.artifact, b""))
        if image is None:
            raise SceneUndrawable(
                f"references[{place}]",
                why=f"the picture {reference.id!r} did not come, or cannot be read",
                hint="Send PNG, JPEG or WebP.",
            )
        found[reference.artifact] = image
    return found


def _film(stage: Stage, scene: Scene, order: Order, frames: tuple[int, int], tell: Tell) -> Made:
    canvas, (first, count) = scene.canvas, frames
    form = Form(canvas.width, canvas.height, fps=canvas.fps or 24, codec=order.codec)
    payload = int(order.mark, 16) if order.mark else None
    file = io.BytesIO()
    with Encoder(file, form) as encoder:
        for number in range(count):
            frame = stage.frame(first + number)
            encoder.write(frame if payload is None else put(frame, payload))
            tell(Drawn(number + 1))
    return Made(file.getvalue(), _FILM, canvas.width, canvas.height)


def _still(stage: Stage, scene: Scene, order: Order) -> Made:
    picture = Image.fromarray(stage.still(alpha=order.clear))
    data = written(picture, scene, order.format)
    return Made(data, _FORMATS[order.format], *picture.size)


def _told(order: Order, scene: Scene) -> tuple[str, ...]:
    """What of an order is not in its file."""
    is_left = order.format == "jpeg" and not order.film and not has_room(scene)
    return ("A JPEG has no room for this Scene: PNG and WebP have.",) if is_left else ()
