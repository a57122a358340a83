"""What is refused before anything is drawn."""

from dataclasses import replace

import pytest

from seedbed.core.errors import SceneUndrawable
from seedbed.core.scene.layers import AnyLayer, Picture, Subject, Text, Type
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot, Track
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.checks import check, check_noises, check_texts
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering

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
    assert "shots.s.layers.b.what" in str(caught.value)
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


LETTERING = Lettering(Fonts())


def test_texts_that_can_be_set_are_let_through_and_told_of_one_by_one() -> None:
    told = list[None]()
    texts = Text(id="a", text="Hello"), Text(id="b", text="  "), Text(id="c", text="World")
    check_texts(scene(*texts), LETTERING, lambda: told.append(None))
    assert len(told) == 2


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("A long word", Type(size=0.9), "does not fit its box"),
        ("\ue999", Type(), "no font here has"),
        ("word " * 700, Type(size=0.05), "does not fit its box"),
    ],
)
def test_a_text_that_cannot_be_set_is_refused_at_its_place(text: str, kind: Type, why: str) -> None:
    layers = scene(Text(id="t", text=text, type=kind))
    with pytest.raises(SceneUndrawable, match=why) as caught:
        check_texts(layers, LETTERING, lambda: None)
    assert caught.value.facts["at"] == "shots.s.layers.t.text"


def test_a_noise_that_nobody_makes_is_refused_with_those_there_are() -> None:
    shots = (Shot("s", 1.0),)
    rain = Track("a", use="effect", text="rain")
    check_noises(Scene(Canvas(64, 64, fps=8), shots, tracks=(rain, Track("m"))))
    with pytest.raises(SceneUndrawable, match="no noise 'moo'") as caught:
        check_noises(Scene(Canvas(64, 64, fps=8), shots, tracks=(replace(rain, text="moo"),)))
    assert caught.value.facts["at"] == "tracks.a.text"
    assert "rain" in caught.value.hint
