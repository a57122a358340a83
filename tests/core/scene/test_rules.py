"""What must go together in a Scene."""

from dataclasses import replace

import pytest

from seedbed.core.errors import SceneMalformed
from seedbed.core.scene.layers import AnyLayer, Mask, Picture, Shape
from seedbed.core.scene.measures import Point
from seedbed.core.scene.motion import Key, Motion, Transition
from seedbed.core.scene.rules import check
from seedbed.core.scene.scene import Canvas, Reference, Relation, Scene, Shot, Track
from tests.core.scene.scenes import CAT, HASH, TITLE, film


def shot(*layers: AnyLayer, **more: Relation) -> Shot:
    return Shot("one", 2.0, layers, tuple(more.values()))


REF = Reference("ref", "picture", HASH, "image/png")
PICTURE = Scene(Canvas(64, 64), (Shot("one"),))
CUT = Transition("cut", 9.0)
LONG = Transition("dissolve", 1.2)
WRONG: list[tuple[Scene, str, str]] = [
    (Scene(Canvas(8_192, 8_192), (Shot("one"),)), "canvas", "37,748,736 pixels"),
    (Scene(Canvas(4_098, 64, fps=9), (Shot("one", 1.0),)), "canvas", "4,096 pixels a side"),
    (Scene(Canvas(64, 36, fps=9), ()), "shots", "at least one shot"),
    (film(references=(REF, REF)), "references", "'ref' is there twice"),
    (film(tracks=(Track("a"), Track("a"))), "tracks", "'a' is there twice"),
    (film(Shot("one", 1.0), Shot("one", 1.0)), "shots", "'one' is there twice"),
    (replace(PICTURE, shots=(Shot("one"), Shot("two"))), "shots", "a picture has one shot"),
    (replace(PICTURE, tracks=(Track("a"),)), "tracks", "a picture has no sound"),
    (film(Shot("one")), "shots[0].seconds", "takes time"),
    (film(Shot("a", 2.0), Shot("b", 3.0, into=LONG)), "shots[1].into", "1.2 s is longer than half"),
    (film(Shot("a", 3.0), Shot("b", 2.0, into=LONG)), "shots[1].into", "1.2 s is longer than half"),
    (film(Shot("a", 400.0), Shot("b", 300.0)), "shots", "600 s at most"),
    (film(shot(CAT, CAT)), "shots[0].layers", "'cat' is there twice"),
    (film(shot(CAT, r=Relation("cat", "above", "dog"))), "shots[0].relations[0]", "no layer 'dog'"),
    (film(shot(CAT, r=Relation("cat", "above", "cat"))), "shots[0].relations[0]", "to itself"),
    (film(shot(replace(CAT, since=0.5, until=0.5))), "shots[0].layers[0].until", "ends at 0.5"),
    (
        film(shot(replace(CAT, motion=Motion((Key(0.5), Key(0.2)))))),
        "shots[0].layers[0].motion.keys",
        "go up",
    ),
    (
        film(shot(Picture(id="p", reference="x"))),
        "shots[0].layers[0].reference",
        "no reference 'x'",
    ),
    (film(shot(Mask(id="m", use="clip", of="x"))), "shots[0].layers[0].of", "no layer 'x'"),
    (film(shot(Mask(id="m", use="clip"))), "shots[0].layers[0].of", "no layer None"),
    (film(shot(Mask(id="m", use="remove", of="x"))), "shots[0].layers[0].of", "this is a part"),
    (film(shot(Shape(id="s", form="polygon"))), "shots[0].layers[0].points", "3 points or more"),
    (
        film(shot(Shape(id="s", form="line", points=(Point(0, 0),)))),
        "shots[0].layers[0].points",
        "2 points or more",
    ),
    (film(tracks=(Track("a", reference="x"),)), "tracks[0].reference", "no reference 'x'"),
    (film(tracks=(Track("a", "speech", text="hi", voice="x"),)), "tracks[0].voice", "'x'"),
    (film(tracks=(Track("a", "speech"),)), "tracks[0].text", "needs a text"),
]


@pytest.mark.parametrize(("scene", "at", "why"), WRONG, ids=[f"{one[1]}-{one[2]}" for one in WRONG])
def test_what_does_not_go_together_is_refused_with_its_place(
    scene: Scene, at: str, why: str
) -> None:
    with pytest.raises(SceneMalformed) as told:
        check(scene)
    assert f"at {at}:" in str(told.value)
    assert why in str(told.value)


@pytest.mark.parametrize(
    "scene",
    [
        PICTURE,
        film(),
        film(Shot("a", 2.0), Shot("b", 2.0, into=CUT)),
        film(Shot("a", 2.0, into=LONG)),
        film(shot(CAT, TITLE, r=Relation("cat", "below", "title"))),
        film(shot(CAT, Mask(id="m", use="clip", of="cat"))),
        film(shot(Picture(id="p", reference="ref")), references=(REF,)),
        film(shot(Shape(id="s", form="line", points=(Point(0, 0), Point(1, 1))))),
        film(tracks=(Track("a", "speech", reference="ref"),), references=(REF,)),
    ],
)
def test_what_goes_together_is_let_through(scene: Scene) -> None:
    check(scene)
