"""Pictures that came along are named in words, and laid where these say."""

import pytest

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import AnyLayer, Backdrop, Picture, Subject
from seedbed.core.scene.measures import Box
from seedbed.core.scene.regions import Region
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.drafting.editing.laying import loose, pictures, standing_in
from seedbed.engines.drafting.editing.revising import revised
from seedbed.engines.drafting.planning.planner import Planner

PLANNER = Planner.ready()
CAT = Subject(id="cat", what="cat", box=Box(0.35, 0.5, 0.3, 0.4))
TWO = tuple(Reference(f"picture-{n}", "picture", f"{n}" * 64, "image/png") for n in (2, 3))
SCENE = Scene(
    Canvas(640, 480), (Shot("only", layers=(Backdrop(id="ground"), CAT)),), references=TWO
)
LEFT, RIGHT = Region(Box(0.0, 0.0, 0.2, 0.4)), Region(Box(0.6, 0.0, 0.4, 0.4))


def laid(prompt: str, *regions: Region, scene: Scene = SCENE) -> dict[str, AnyLayer]:
    made = revised(scene, prompt, regions, planner=PLANNER).shots[0].layers
    return {one.reference: one for one in made if isinstance(one, Picture)}


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("this picture", ()),
        ("the logo and the other photo", ()),
        ("the Third image", (3,)),
        ("image 2", (2,)),
        ("第二张图", (2,)),
        ("图3", (3,)),
        ("第4张", (4,)),
        ("这张图片", ()),
        ("a boat", None),
        ("imagine a map", None),
    ],
)
def test_pictures_are_named(said: str, numbers: tuple[int, ...] | None) -> None:
    assert pictures(said) == numbers


def test_something_that_the_planner_knows_stands_in_for_them() -> None:
    assert standing_in("add these pictures", 2) == "add 2 apples"
    assert standing_in("把第二张图放在左边", 1) == "把1个苹果放在左边"


def test_as_many_as_there_are_places_go_into_these_from_the_left() -> None:
    found = laid("put the pictures here", RIGHT, LEFT)
    assert [found[one.id].box for one in TWO] == [LEFT.box, RIGHT.box]


def test_more_than_there_are_places_go_beside_one_another() -> None:
    found = laid("put these pictures here", RIGHT)
    assert [found[one.id].box for one in TWO] == [Box(0.6, 0, 0.2, 0.4), Box(0.8, 0, 0.2, 0.4)]


def test_one_goes_into_each_of_several_places() -> None:
    made = revised(SCENE, "put image 3 here", (LEFT, RIGHT), planner=PLANNER).shots[0].layers
    boxes = [(one.box, one.reference) for one in made if isinstance(one, Picture)]
    assert boxes == [(LEFT.box, "picture-3"), (RIGHT.box, "picture-3")]


def test_without_a_place_they_cover_nothing_unless_the_words_say_where() -> None:
    for one in laid("add these pictures").values():
        assert not one.box.overlaps(CAT.box)
    found = laid("put the second picture on the left, put the third picture on the right")
    assert found["picture-2"].box.centre[0] < 0.4
    assert found["picture-3"].box.centre[0] > 0.6


def test_one_takes_the_place_of_a_thing() -> None:
    made = revised(SCENE, "replace the cat with image 2", planner=PLANNER)
    _, layer = made.shots[0].layers
    assert isinstance(layer, Picture)
    assert (layer.id, layer.reference, layer.box) == ("cat", "picture-2", CAT.box)
    assert loose(made) == [TWO[1]]


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("put image 4 on the left", "no picture 4 to be put.*Pictures 2 to 3 can be"),
        ("add these pictures and add these pictures", "No picture is left"),
    ],
)
def test_what_did_not_come_cannot_be_put(prompt: str, why: str) -> None:
    with pytest.raises(RequestMalformed) as refused:
        laid(prompt)
    assert refused.match(why.partition(".*")[0])
    assert why.partition(".*")[2] in refused.value.hint


def test_where_no_picture_came_along_a_picture_is_a_thing_like_others() -> None:
    alone = Scene(SCENE.canvas, SCENE.shots)
    with pytest.raises(RequestMalformed, match="Nothing that there is art of"):
        laid("put this picture on the left", scene=alone)
