"""A Scene changed at one place, and two Scenes compared."""

from typing import Any

import pytest
from hypothesis import given

from seedbed.core.errors import SceneMalformed
from seedbed.core.scene.edit import Change, compare, edited
from seedbed.core.scene.form import read_scene, write_scene
from seedbed.core.scene.layers import Text
from seedbed.core.scene.scene import Scene
from tests.core.scene.scenes import film, scenes
from tests.examples import examples

FILM = film()


@pytest.mark.parametrize(
    ("at", "value", "changed"),
    [
        ("title", "New", "title"),
        ("shots.one.seconds", 4.0, "shots.one.seconds"),
        ("shots[1].seconds", 4.0, "shots.two.seconds"),
        ("shots.two.layers.title.text", "再见", "shots.two.layers.title.text"),
        ("shots.two.layers.title.type.colour", "#112233", "shots.two.layers.title.type"),
        ("shots.one.camera.move", "pan", "shots.one.camera"),
        ("canvas.fps", 30, "canvas.fps"),
        ("palette", ["#112233"], "palette"),
    ],
)
def test_one_place_is_changed_and_nothing_else(at: str, value: object, changed: str) -> None:
    after = edited(FILM, at, value)
    assert after != FILM
    assert [one.at for one in compare(FILM, after)] == [changed]
    assert compare(after, after) == ()


def test_what_is_taken_away_is_gone() -> None:
    after = edited(FILM, "shots.one.layers.cat", None)
    assert [layer.id for layer in after.shots[0].layers] == ["sky"]
    (change,) = compare(FILM, after)
    assert (change.at, change.after) == ("shots.one.layers.cat", None)
    assert edited(edited(FILM, "title", "x"), "title", None) == FILM
    assert edited(FILM, "title", None) == FILM


def test_a_member_is_put_at_the_end_of_a_list() -> None:
    shot = {"id": "three", "seconds": 1.0}
    after = edited(FILM, "shots[2]", shot)
    assert [one.id for one in after.shots] == ["one", "two", "three"]
    assert compare(FILM, after) == (Change("shots.three", None, shot),)


def test_lists_without_ids_are_compared_by_their_places() -> None:
    before, after = (edited(FILM, "palette", [one, "#000000"]) for one in ("#111111", "#222222"))
    assert compare(before, after) == (Change("palette.0", "#111111", "#222222"),)


@pytest.mark.parametrize(
    ("at", "value", "why"),
    [
        ("", 1, "no place"),
        ("shots..one", 1, "no place"),
        ("shots.one!", 1, "no place"),
        ("shots.four.seconds", 1.0, "no(thing has)? the id 'four'|'four'; there are: one, two"),
        ("shots[7].seconds", 1.0, "2 members"),
        ("shots[2]", None, "2 members"),
        ("title.text", "x", "it is a string"),
        ("shots.one.titles.text", "x", "nothing has that name"),
        ("canvas[0]", 1, "leads nowhere"),
        ("canvas[0].width", 1, "leads nowhere"),
        ("canvas.width.more.still", 1, "leads nowhere"),
        ("canvas.width", 1, "between 16"),
        ("shots.one.seconds", 0.0, "takes time"),
        ("shots.one.layers.cat.kind", "dog", "it is one of"),
        ("canvas", None, "it is needed"),
    ],
)
def test_what_cannot_stand_there_is_refused_as_a_reader_would(
    at: str, value: object, why: str
) -> None:
    with pytest.raises(SceneMalformed, match=why):
        edited(FILM, at, value)


def test_a_list_without_ids_says_so() -> None:
    with pytest.raises(SceneMalformed, match="there are: none"):
        edited(edited(FILM, "palette", ["#111111"]), "palette.first", "#000000")


@examples(40)
@given(scenes(), scenes())
def test_whatever_differs_is_told_and_nothing_where_nothing_does(one: Scene, other: Scene) -> None:
    assert (compare(one, other) == ()) is (one == other)
    assert compare(one, read_scene(write_scene(one))) == ()


def test_an_edit_does_not_touch_what_it_was_made_of() -> None:
    written: Any = write_scene(FILM)
    edited(FILM, "shots.two.layers.title.text", "x")
    assert write_scene(FILM) == written
    layer = FILM.shots[1].layers[1]
    assert isinstance(layer, Text)
    assert layer.text == "你好 hello"
