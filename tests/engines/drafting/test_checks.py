"""What is refused before anything is drawn."""

import pytest

from seedbed.core.errors import SceneUndrawable
from seedbed.core.scene.layers import AnyLayer, Picture, Subject
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.checks import check

ART = read_art()
HASH = "a" * 64


def scene(*layers: AnyLayer) -> Scene:
    references = (Reference("r", "picture", HASH, "image/png"),)
    return Scene(Canvas(64, 64), (Shot("s", layers=layers),), references=references)


def test_what_there_is_art_of_is_drawn() -> None:
    check(scene(Subject(id="a", what="cat")), ART)


@pytest.mark.parametrize(
    ("what", "nearest"), [("rokcet", "rocket"), ("fire truck", "fire"), ("Sail Boat", "sailboat")]
)
def test_what_has_no_art_is_refused_with_the_nearest(what: str, nearest: str) -> None:
    with pytest.raises(SceneUndrawable) as caught:
        check(scene(Subject(id="a", what="cat"), Subject(id="b", what=what)), ART)
    assert repr(what) in str(caught.value)
    assert "shots[0].layers[1].what" in str(caught.value)
    assert nearest in str(caught.value)


@pytest.mark.parametrize("what", ["", "xqjvkw"])
def test_what_is_like_nothing_is_refused_plainly(what: str) -> None:
    with pytest.raises(SceneUndrawable, match="another subject"):
        check(scene(Subject(id="a", what=what)), ART)


def test_a_picture_must_have_come() -> None:
    layers = scene(Picture(id="p", reference="r"))
    check(layers, ART, {HASH})
    with pytest.raises(SceneUndrawable, match="did not come"):
        check(layers, ART)


def test_a_picture_must_be_referred_to() -> None:
    with pytest.raises(SceneUndrawable, match="'other'"):
        check(scene(Picture(id="p", reference="other")), ART, {HASH})
