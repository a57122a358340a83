"""What must go together in a Scene, beyond what each part may be by itself.

Floor 1.
"""

from collections.abc import Iterable, Iterator

from seedbed.core.errors import SceneMalformed
from seedbed.core.scene.layers import AnyLayer, Mask, Picture, Shape
from seedbed.core.scene.measures import MOST_SECONDS
from seedbed.core.scene.scene import Scene, Shot, Track

MOST_PIXELS = 8_192 * 4_608
"""Pixels of a canvas at most."""
FILM_SIDE = 4_096
"""Pixels of a side of a film at most; a picture may be larger."""
_LEAST_POINTS = {"polygon": 3, "line": 2}


def check(scene: Scene) -> None:
    """Refuse a Scene whose parts do not go together.

    Raises:
        SceneMalformed: the first fault, with its place.
    """
    for at, why in _faults(scene):
        raise SceneMalformed(at, why=why)


def _faults(scene: Scene) -> Iterator[tuple[str, str]]:
    canvas = scene.canvas
    if canvas.width * canvas.height > MOST_PIXELS:
        yield "canvas", f"{canvas.width}x{canvas.height} has more than {MOST_PIXELS:,} pixels."
    if not scene.shots:
        yield "shots", "a Scene has at least one shot."
    yield from _twice("references", [one.id for one in scene.references])
    yield from _twice("tracks", [one.id for one in scene.tracks])
    yield from _twice("shots", [one.id for one in scene.shots])
    yield from _faults_of_time(scene)
    known = {one.id for one in scene.references}
    for place, shot in enumerate(scene.shots):
        yield from _faults_of_shot(shot, known, f"shots[{place}]")
    for place, track in enumerate(scene.tracks):
        yield from _faults_of_track(track, known, f"tracks[{place}]")


def _faults_of_time(scene: Scene) -> Iterator[tuple[str, str]]:
    if not scene.is_film:
        if len(scene.shots) > 1:
            yield "shots", "a picture has one shot; a film needs canvas.fps."
        if scene.tracks:
            yield "tracks", "a picture has no sound; a film needs canvas.fps."
        return
    if max(scene.canvas.width, scene.canvas.height) > FILM_SIDE:
        size = f"{scene.canvas.width}x{scene.canvas.height}"
        yield "canvas", f"a film has {FILM_SIDE:,} pixels a side at most, and this has {size}."
    before = 0.0
    for place, shot in enumerate(scene.shots):
        if shot.seconds <= 0:
            yield f"shots[{place}].seconds", "a shot of a film takes time."
        into = shot.into.seconds if place else 0.0
        if shot.into.form != "cut" and into > min(before, shot.seconds) / 2:
            why = f"a transition of {into:g} s is longer than half of the shots that it joins."
            yield f"shots[{place}].into", why
        before = shot.seconds
    if sum(shot.seconds for shot in scene.shots) > MOST_SECONDS:
        yield "shots", f"a film takes {MOST_SECONDS:g} s at most."


def _faults_of_shot(shot: Shot, known: set[str], at: str) -> Iterator[tuple[str, str]]:
    layers = [layer.id for layer in shot.layers]
    yield from _twice(f"{at}.layers", layers)
    for place, layer in enumerate(shot.layers):
        yield from _faults_of_layer(layer, known, set(layers), f"{at}.layers[{place}]")
    for place, relation in enumerate(shot.relations):
        for name in (relation.a, relation.b):
            if name not in layers:
                yield f"{at}.relations[{place}]", f"the shot has no layer {name!r}."
        if relation.a == relation.b:
            yield f"{at}.relations[{place}]", "a layer has no relation to itself."


def _faults_of_layer(
    layer: AnyLayer, known: set[str], layers: set[str], at: str
) -> Iterator[tuple[str, str]]:
    if layer.until <= layer.since:
        yield f"{at}.until", f"it ends at {layer.until:g}, before it begins at {layer.since:g}."
    if layer.motion and sorted(times := [key.at for key in layer.motion.keys]) != times:
        yield f"{at}.motion.keys", "the moments of keys go up."
    match layer:
        case Picture() if layer.reference not in known:
            yield f"{at}.reference", f"there is no reference {layer.reference!r}."
        case Mask() if layer.use == "clip" and layer.of not in layers:
            yield f"{at}.of", f"the shot has no layer {layer.of!r} to be clipped."
        case Mask() if layer.of is not None and layer.of not in layers:
            yield f"{at}.of", f"the shot has no layer {layer.of!r} of which this is a part."
        case Shape() if len(layer.points) < _LEAST_POINTS.get(layer.form, 0):
            yield f"{at}.points", f"a {layer.form} has {_LEAST_POINTS[layer.form]} points or more."
        case _:
            pass


def _faults_of_track(track: Track, known: set[str], at: str) -> Iterator[tuple[str, str]]:
    for field, name in (("reference", track.reference), ("voice", track.voice)):
        if name is not None and name not in known:
            yield f"{at}.{field}", f"there is no reference {name!r}."
    if track.use == "speech" and not track.text and track.reference is None:
        yield f"{at}.text", "speech needs a text, or a reference to its sound."


def _twice(at: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for id_ in ids:
        if id_ in seen:
            yield at, f"the id {id_!r} is there twice."
        seen.add(id_)
