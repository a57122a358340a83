"""Orders drawn: a still as one file, a film or some frames of it as another.

Floor 3. Frames are drawn and encoded one by one; no film is held.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import skia
from PIL import Image, PngImagePlugin

from seedbed.core.errors import RequestMalformed, SceneUndrawable
from seedbed.core.scene.form import read_scene, write_scene
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import timeline
from seedbed.engines.drafting.art import Art, read_art
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.engines.drafting.stage import Stage
from seedbed.engines.drafting.wire import Begun, Drawn, Line, Made, Order
from seedbed.kit.as_json import as_json
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.form import Form
from seedbed.kit.film.mark import put

Tell = Callable[[Line], None]
_FILM = "video/mp4"
_FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Draftsman:
    """Draws with what it has: the art, the letters, and a planner for what comes as words."""

    art: Art
    lettering: Lettering
    planner: Planner

    @classmethod
    def ready(cls) -> "Draftsman":
        """With all that the house ships."""
        return cls(read_art(), Lettering(Fonts()), Planner.ready())

    def draw(self, order: Order, tell: Tell) -> None:
        """Draw an order, telling how far it is, and what came of it.

        Raises:
            SceneMalformed, SceneUndrawable: the scene cannot be drawn.
            RequestMalformed: the prompt cannot be planned.
        """
        scene, notes = self._scene(order)
        frames, pictures = _span(order, scene), _pictures(scene, order.pictures)
        stage = Stage(scene, art=self.art, lettering=self.lettering, pictures=pictures)
        tell(Begun(write_scene(scene), notes, frames[1]))
        if order.film:
            tell(_film(stage, scene, order, frames, tell))
        else:
            tell(_still(stage, scene, order))

    def _scene(self, order: Order) -> tuple[Scene, tuple[str, ...]]:
        if order.scene is not None:
            return _sized(read_scene(order.scene), order), ()
        plan = self.planner.plan(
            order.prompt,
            film=order.film,
            size=order.size,
            fps=order.fps,
            seconds=order.seconds,
            seed=order.seed,
        )
        return plan.scene, plan.notes


def _sized(scene: Scene, order: Order) -> Scene:
    canvas = scene.canvas
    width, height = order.size or (canvas.width, canvas.height)
    fps = (order.fps or canvas.fps or 24) if order.film else None
    shots = scene.shots if order.film else (replace(scene.shots[0], seconds=0.0),)
    canvas = replace(canvas, width=width, height=height, fps=fps)
    tracks = scene.tracks if order.film else ()
    return replace(scene, canvas=canvas, shots=shots, tracks=tracks)


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
    file = io.BytesIO()
    match order.format:
        case "png":
            said = PngImagePlugin.PngInfo()
            said.add_itxt("seedbed.scene", as_json(write_scene(scene)), zip=True)
            picture.save(file, "png", pnginfo=said, compress_level=3)
        case "jpeg":
            picture.convert("RGB").save(file, "jpeg", quality=_QUALITY, subsampling=0)
        case _:
            picture.save(file, "webp", quality=_QUALITY, method=2)
    return Made(file.getvalue(), _FORMATS[order.format], *picture.size)
