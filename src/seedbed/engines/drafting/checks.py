"""What of a Scene cannot be drawn, told before anything is.

Floor 3.
"""

import difflib
from collections.abc import Collection, Mapping

from seedbed.core.errors import SceneUndrawable
from seedbed.core.scene.layers import Picture, Subject
from seedbed.core.scene.scene import Scene

_NEAREST = 4


def check(scene: Scene, art: Mapping[str, object], pictures: Collection[str] = ()) -> None:
    """Refuse a Scene that names a subject without art, or a picture that did not come with it.

    `pictures` are the hashes of those that came.

    Raises:
        SceneUndrawable: the first such layer, by its place.
    """
    for number, shot in enumerate(scene.shots):
        for place, layer in enumerate(shot.layers):
            at = f"shots[{number}].layers[{place}]"
            if isinstance(layer, Subject) and layer.what not in art:
                raise SceneUndrawable(
                    f"{at}.what", why=f"there is no art of {layer.what!r}", hint=_hint(layer, art)
                )
            if isinstance(layer, Picture):
                _check_picture(scene, layer, pictures, at)


def _check_picture(scene: Scene, layer: Picture, pictures: Collection[str], at: str) -> None:
    reference = scene.reference(layer.reference)
    if reference is None or reference.artifact not in pictures:
        raise SceneUndrawable(
            f"{at}.reference",
            why=f"the bytes of {layer.reference!r} did not come with it",
            hint="Send the file that it refers to, or name its artifact.",
        )


def _hint(subject: Subject, art: Mapping[str, object]) -> str:
    """The names that are most like it."""
    what = "-".join(subject.what.lower().replace("-", " ").replace("_", " ").split())
    within = [name for name in art if what and (what in name.split("-") or name in what.split("-"))]
    like = [*sorted(within, key=len), *difflib.get_close_matches(what, art, _NEAREST, 0.5)]
    nearest = ", ".join(list(dict.fromkeys(like))[:_NEAREST])
    return f"The nearest there are: {nearest}." if nearest else "Name another subject."
