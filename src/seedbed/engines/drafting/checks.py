"""What of a Scene cannot be drawn, told before anything is.

Floor 3.
"""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping

from seedbed.core.errors import SceneUndrawable
from seedbed.core.scene.layers import AnyLayer, Picture, Subject, Text
from seedbed.core.scene.scene import Scene, Shot
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.placing import kept
from seedbed.engines.drafting.sounds import EFFECTS

_NEAREST = 4


def check(scene: Scene, art: Mapping[str, object], pictures: Collection[str] = ()) -> None:
    """Refuse a Scene that names a subject without art, or a picture that did not come with it.

    `pictures` are the hashes of those that came.

    Raises:
        SceneUndrawable: the first such layer, by its place.
    """
    for shot, layer in _layers(scene):
        at = f"shots.{shot.id}.layers.{layer.id}"
        if isinstance(layer, Subject) and layer.what not in art:
            raise SceneUndrawable(
                f"{at}.what", why=f"there is no art of {layer.what!r}", hint=_hint(layer.what, art)
            )
        if isinstance(layer, Picture):
            _check_picture(scene, layer, pictures, at)


def check_texts(scene: Scene, lettering: Lettering, told: Callable[[], None]) -> None:
    """Refuse a Scene with a text that cannot be set: no font has its letters, or it does not fit.

    `told` is called now and then, so that whoever asked can leave.

    Raises:
        SceneUndrawable: the first such text, by its place.
    """
    size = scene.canvas.width, scene.canvas.height
    for shot, layer in _layers(scene):
        if isinstance(layer, Text) and layer.text.strip():
            told()
            try:
                lettering.measure(layer.text, layer.type, *kept(layer, size))
            except SceneUndrawable as error:
                at = f"shots.{shot.id}.layers.{layer.id}.text"
                raise SceneUndrawable(at, why=str(error.facts["why"]), hint=error.hint) from error


def check_noises(scene: Scene) -> None:
    """Refuse a Scene with a noise that nobody here can make.

    Raises:
        SceneUndrawable: the first such track, by its place.
    """
    for track in scene.tracks:
        is_made = track.use == "effect" and track.reference is None
        if is_made and track.text not in EFFECTS:
            raise SceneUndrawable(
                f"tracks.{track.id}.text",
                why=f"there is no noise {track.text!r}",
                hint=f"There are: {', '.join(EFFECTS)}.",
            )


def _layers(scene: Scene) -> Iterator[tuple[Shot, AnyLayer]]:
    return ((shot, layer) for shot in scene.shots for layer in shot.layers)


def _check_picture(scene: Scene, layer: Picture, pictures: Collection[str], at: str) -> None:
    reference = scene.reference(layer.reference)
    if reference is None or reference.artifact not in pictures:
        raise SceneUndrawable(
            f"{at}.reference",
            why=f"the bytes of {layer.reference!r} did not come with it",
            hint="Send the file that it refers to, or name its artifact.",
        )


def _hint(what: str, art: Mapping[str, object]) -> str:
    """The names that are most like it."""
    what = "-".join(what.lower().replace("-", " ").replace("_", " ").split())
    within = [name for name in art if what and (what in name.split("-") or name in what.split("-"))]
    like = [*sorted(within, key=len), *difflib.get_close_matches(what, art, _NEAREST, 0.5)]
    nearest = ", ".join(list(dict.fromkeys(like))[:_NEAREST])
    return f"The nearest there are: {nearest}." if nearest else "Name another subject."
