"""Regions: what lies in them, which layers they mean, and shots without or with those alone."""

import pytest

from seedbed.core.scene.layers import AnyLayer, Backdrop, Mask, Picture, Shape, Subject, Text
from seedbed.core.scene.measures import Box, Point
from seedbed.core.scene.regions import (
    Region,
    fresh_id,
    meant,
    with_layer,
    with_only,
    without,
)
from seedbed.core.scene.scene import Relation, Shot

GROUND = Backdrop(id="ground", place="field")
CAT = Subject(id="cat", what="cat", box=Box(0.1, 0.5, 0.2, 0.3))
HAT = Subject(id="hat", what="top-hat", box=Box(0.15, 0.45, 0.1, 0.1))
TITLE = Text(id="title", text="Hello", box=Box(0.3, 0.0, 0.4, 0.2))
NAMED = Mask(id="named", box=Box(0.1, 0.5, 0.2, 0.3), of="cat")
SHOT = Shot(
    "only",
    layers=(GROUND, CAT, HAT, TITLE, NAMED),
    relations=(Relation("hat", "above", "cat"), Relation("title", "above", "hat")),
)
TRIANGLE = Region.outlined([Point(0.0, 0.0), Point(1.0, 0.0), Point(0.0, 1.0)], name="corner")


def ids(layers: tuple[AnyLayer, ...]) -> list[str]:
    return [one.id for one in layers]


@pytest.mark.parametrize(
    ("region", "held", "outside"),
    [
        (Region(Box(0.2, 0.2, 0.4, 0.4)), (0.21, 0.21), (0.61, 0.3)),
        (Region(Box(0.2, 0.2, 0.4, 0.4), "ellipse"), (0.4, 0.21), (0.21, 0.21)),
        (TRIANGLE, (0.2, 0.2), (0.8, 0.8)),
    ],
)
def test_a_place_lies_in_a_region_or_outside_of_it(
    region: Region, held: tuple[float, float], outside: tuple[float, float]
) -> None:
    assert region.holds(*held)
    assert not region.holds(*outside)


def test_an_outline_has_the_box_around_its_places() -> None:
    assert (TRIANGLE.box, TRIANGLE.form, TRIANGLE.name) == (Box(0, 0, 1, 1), "outline", "corner")
    assert TRIANGLE.share_of(Box(0, 0, 1, 1)) == pytest.approx(0.5, abs=0.05)


def test_a_region_means_the_layers_of_which_it_holds_the_half_the_topmost_first() -> None:
    assert ids(meant(SHOT, Region(Box(0.05, 0.4, 0.3, 0.45)))) == ["hat", "cat"]


def test_a_small_region_means_the_topmost_layer_in_its_middle() -> None:
    assert ids(meant(SHOT, Region(Box(0.18, 0.48, 0.02, 0.02)))) == ["hat"]
    assert ids(meant(SHOT, Region(Box(0.18, 0.7, 0.02, 0.02)))) == ["cat"]


def test_where_the_ground_alone_lies_nothing_is_meant() -> None:
    assert meant(SHOT, Region(Box(0.8, 0.8, 0.1, 0.1))) == ()


def test_what_is_taken_away_takes_what_is_said_of_it_along() -> None:
    left = without(SHOT, {"cat"})
    assert ids(left.layers) == ["ground", "hat", "title"]
    assert left.relations == (Relation("title", "above", "hat"),)


def test_what_is_kept_alone_stays_on_its_ground_with_its_masks() -> None:
    assert ids(with_only(SHOT, {"cat"}).layers) == ["ground", "cat", "named"]


def test_a_layer_takes_the_place_of_the_one_of_its_id_or_comes_to_the_front() -> None:
    dog = Subject(id="cat", what="dog", box=CAT.box)
    assert ids(with_layer(SHOT, dog).layers) == ids(SHOT.layers)
    assert with_layer(SHOT, dog).layer("cat") == dog
    star = Shape(id="star", form="star")
    assert with_layer(SHOT, star).layers[-1] == star


def test_a_fresh_id_is_none_that_is_there() -> None:
    twice = with_layer(SHOT, Subject(id="cat-2", what="cat"))
    assert [fresh_id(one, "cat") for one in (Shot("new"), SHOT, twice)] == ["cat", "cat-2", "cat-3"]


@pytest.mark.parametrize(("form", "corners"), [("box", 0), ("ellipse", 48)])
def test_a_region_becomes_a_mask_of_the_layer_that_is_named(form: str, corners: int) -> None:
    region = Region(Box(0.1, 0.2, 0.3, 0.4), "box" if form == "box" else "ellipse", name="zone")
    mask = region.mask("mask", "remove", "photo")
    assert (mask.name, mask.box, mask.use, mask.of) == ("zone", region.box, "remove", "photo")
    assert len(mask.points) == corners
    assert region.mask("mask", "name").of is None


def test_a_picture_is_a_layer_like_others() -> None:
    photo = Picture(id="photo", reference="photo")
    assert ids(meant(Shot("only", layers=(photo,)), Region(Box(0.1, 0.1, 0.1, 0.1)))) == ["photo"]
