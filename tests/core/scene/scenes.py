"""Scenes for tests, and any Scene at all."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from seedbed.core.scene.layers import Backdrop, Mask, Picture, Shape, Subject, Text, Type
from seedbed.core.scene.measures import Box, Point
from seedbed.core.scene.motion import Camera, Key, Motion, Transition
from seedbed.core.scene.scene import Canvas, Reference, Relation, Scene, Shot, Track

HASH = "ab" * 32
CAT = Subject(id="cat", what="cat", box=Box(0.2, 0.5, 0.2, 0.3))
TITLE = Text(id="title", text="你好 hello", box=Box(0.1, 0.05, 0.8, 0.2))


def film(*shots: Shot, fps: int = 10, **more: Any) -> Scene:
    """A small film of these shots, or of two."""
    given = shots or (
        Shot("one", 2.0, (Backdrop(id="sky", place="sky"), CAT)),
        Shot("two", 3.0, (Backdrop(id="sea", place="sea"), TITLE)),
    )
    return Scene(Canvas(64, 36, fps=fps), given, **more)


def _texts(least: int, most: int) -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=["Cs"])
    return st.text(letters, min_size=least, max_size=most)


names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,5}", fullmatch=True)
shares = st.floats(0, 1).map(lambda one: one + 0.0)  # without a zero below zero
places = st.floats(-4, 5).map(lambda one: one + 0.0)
extents = st.floats(0, 8).map(lambda one: one + 0.0)
colours = st.from_regex(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?", fullmatch=True)
boxes = st.builds(Box, places, places, extents, extents)
keys = st.lists(st.builds(Key, at=shares, x=places, y=places, opacity=shares), max_size=4)
motions = st.none() | st.builds(
    Motion,
    keys=keys.map(lambda some: tuple(sorted(some, key=lambda one: one.at))),
    easing=st.sampled_from(["linear", "in", "bounce"]),
    habit=st.sampled_from(["none", "bob", "spin"]),
)
_common: dict[str, Any] = {
    "name": _texts(0, 10),
    "box": boxes,
    "opacity": shares,
    "flip": st.booleans(),
    "fixed": st.booleans(),
    "motion": motions,
}
points = st.lists(st.builds(Point, places, places), min_size=3, max_size=5).map(tuple)
types = st.builds(Type, colour=colours, size=shares, plate=st.none() | colours)
_layers: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        Backdrop,
        id=st.just("x"),
        place=st.sampled_from(["sea", "sky"]),
        colours=st.lists(colours, max_size=3).map(tuple),
        **_common,
    ),
    st.builds(Subject, id=st.just("x"), what=_texts(0, 9), colour=st.none() | colours, **_common),
    st.builds(
        Picture, id=st.just("x"), reference=st.just("ref"), part=st.none() | boxes, **_common
    ),
    st.builds(Text, id=st.just("x"), text=_texts(0, 20), type=types, **_common),
    st.builds(
        Shape,
        id=st.just("x"),
        form=st.sampled_from(["rectangle", "polygon", "line", "star"]),
        points=points,
        **_common,
    ),
    st.builds(
        Mask, id=st.just("x"), use=st.sampled_from(["name", "keep"]), points=points, **_common
    ),
)
_cameras = st.builds(
    Camera, move=st.sampled_from(["hold", "pan", "orbit"]), amount=shares, x=shares, y=shares
)
_rules: st.SearchStrategy[Any] = st.sampled_from(
    ["left_of", "right_of", "above", "below", "inside", "apart", "centred", "same_size"]
)


@st.composite
def shots(draw: st.DrawFn, at: int, *, takes_time: bool) -> Shot:
    """A shot with layers that have ids of their own."""
    some = draw(st.lists(_layers, max_size=5))
    layers = tuple(replace(one, id=f"layer-{place}") for place, one in enumerate(some))
    relations: list[Relation] = []
    if len(layers) > 1:
        pairs = st.permutations([one.id for one in layers]).map(lambda ids: (ids[0], ids[1]))
        for a, b in draw(st.lists(pairs, max_size=3)):
            gap = draw(st.floats(0, 0.2)) + 0.0
            relations.append(Relation(a, draw(_rules), b, gap))
    seconds = draw(st.floats(0.05, 4)) if takes_time else 0.0
    return Shot(f"shot-{at}", seconds, layers, tuple(relations), draw(_cameras))


@st.composite
def scenes(draw: st.DrawFn, *, is_film: bool | None = None) -> Scene:
    """Any Scene, a picture or a film."""
    filmed = draw(st.booleans()) if is_film is None else is_film
    count = draw(st.integers(1, 4)) if filmed else 1
    made = [draw(shots(at, takes_time=filmed)) for at in range(count)]
    for at in range(1, count):
        most = min(made[at - 1].seconds, made[at].seconds) / 2
        seconds = draw(st.floats(0, most)) + 0.0
        form: Any = draw(st.sampled_from(["cut", "dissolve", "wipe"]))
        made[at] = replace(made[at], into=Transition(form, seconds))
    fps = draw(st.integers(1, 60)) if filmed else None
    canvas = Canvas(draw(st.integers(16, 4_096)), draw(st.integers(16, 4_096)), fps, draw(colours))
    tracks = st.lists(st.builds(Track, id=names, text=_texts(1, 9)), max_size=2, unique_by=_id)
    return Scene(
        canvas,
        tuple(made),
        title=draw(_texts(0, 20)),
        said=draw(_texts(0, 20)),
        palette=tuple(draw(st.lists(colours, max_size=5))),
        references=(Reference("ref", "picture", HASH, "image/png"),),
        tracks=tuple(draw(tracks)) if filmed else (),
        seed=draw(st.integers(0, 1 << 31)),
    )


def _id(one: Track) -> str:
    return one.id
