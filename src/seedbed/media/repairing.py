"""Texts of a picture that are not as its Scene has them are set anew, letter by letter.

Floor 5. In the process of an order alone. What stood there is filled from around it; all else stays
as it is. Who painted the picture does not matter, and is not known: the copy is not signed.
"""

import hashlib
import io
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import cast

import skia
from PIL import Image

from seedbed.core.scene.form import read_scene
from seedbed.core.scene.layers import AnyLayer, Mask, Picture, Text
from seedbed.core.scene.scene import Reference, Scene, Shot
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.stage import Stage
from seedbed.kit.film.errors import FilmFault
from seedbed.media.checking import Checker, picture_in
from seedbed.media.report import Report
from seedbed.media.studio.orders import Repair

_PICTURE = "result"


def repaired(order: Repair, make: Callable[[], Checker] = Checker) -> dict[str, object]:
    """The report on a picture, and on the copy in which each text that failed is set anew.

    Raises:
        FilmFault: it is a film, or cannot be read.
        RequestMalformed: it is no picture that can be read.
        SceneMalformed: the Scene is none.
        SceneUndrawable: a text cannot be set.
    """
    checker, scene = make(), read_scene(order.scene)
    if scene.canvas.fps is not None:
        raise FilmFault("texts of a film are changed in its Scene, and its shot is made again")
    before = checker.check(Path(order.picture), scene)
    wrong = wrong_in(before)
    if not wrong:
        return {"repaired": [], **before.written()}
    with picture_in(Path(order.picture)) as image:
        data = io.BytesIO()
        image.convert("RGB").save(data, "png")
    out = Path(order.out)
    _set_anew(scene, wrong, data.getvalue(), order.fonts).save(out, "png")
    return {"repaired": sorted(wrong), **checker.check(out, scene).written()}


def wrong_in(report: Report) -> frozenset[str]:
    """The places of the texts that are wrong for sure."""
    return frozenset(one.at for one in report.wrong if one.rule == "text")


def over(scene: Scene, wrong: Collection[str], reference: Reference) -> Scene:
    """A Scene of a picture as it is, and of the texts at those places over what stood there."""
    layers: list[AnyLayer] = [Picture(id=_PICTURE, reference=reference.id, fit="stretch")]
    for place, layer in enumerate(scene.shots[0].layers):
        if isinstance(layer, Text) and f"shots[0].layers[{place}].text" in wrong:
            under = Mask(id=f"under-{place}", use="remove", of=_PICTURE, box=layer.box)
            layers += [under, layer]
    shot = Shot(scene.shots[0].id, layers=tuple(layers))
    return Scene(scene.canvas, (shot,), references=(reference,))


def _set_anew(
    scene: Scene, wrong: Collection[str], data: bytes, fonts: Sequence[str]
) -> Image.Image:
    hash_, art = hashlib.sha256(data).hexdigest(), read_art()
    lettering = Lettering(Fonts([Path(one) for one in fonts]), emoji=art.written)
    shown = over(scene, wrong, Reference(_PICTURE, "picture", hash_, "image/png"))
    pictures = {hash_: cast(skia.Image, skia.Image.MakeFromEncoded(data))}  # written here
    stage = Stage(shown, art=art, lettering=lettering, pictures=pictures)
    return Image.fromarray(stage.still())
