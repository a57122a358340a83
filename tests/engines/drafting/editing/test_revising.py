"""Scenes changed as plain words say: by names, at marked places; and what is refused."""

from dataclasses import replace

import pytest

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import AnyLayer, Backdrop, Mask, Picture, Shape, Subject, Text
from seedbed.core.scene.measures import Box, Point
from seedbed.core.scene.regions import Region
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.drafting.editing.revising import revised
from seedbed.engines.drafting.planning.planner import Planner

PLANNER = Planner.ready()
GROUND = Backdrop(id="ground", place="field")
CAT = Subject(id="cat", what="cat", box=Box(0.1, 0.5, 0.2, 0.3))
RED = Subject(id="red", what="balloon", colour="#e53935", box=Box(0.4, 0.1, 0.1, 0.2))
BLUE = Subject(id="blue", what="balloon", colour="#1e7be5", box=Box(0.6, 0.1, 0.1, 0.2))
TITLE = Text(id="title", name="title", text="Hello", box=Box(0.3, 0.0, 0.4, 0.1))
SIGN = Text(id="sign", name="sign", text="Open", box=Box(0.7, 0.7, 0.2, 0.1))
STAR = Shape(id="star", form="star", box=Box(0.85, 0.3, 0.1, 0.1))
DRAWN = Scene(Canvas(640, 360), (Shot("only", layers=(GROUND, CAT, RED, BLUE, TITLE, SIGN, STAR)),))
PHOTO = Picture(id="photo", reference="photo", fit="stretch")
SHOWN = Scene(
    Canvas(640, 360),
    (Shot("only", layers=(PHOTO,)),),
    references=(Reference("photo", "picture", "a" * 64, "image/png"),),
)
AROUND_CAT = Region(Box(0.08, 0.48, 0.25, 0.35))
SPOT = Region(Box(0.4, 0.4, 0.2, 0.2), "ellipse")


def made(prompt: str, *regions: Region, scene: Scene = DRAWN) -> tuple[AnyLayer, ...]:
    return revised(scene, prompt, regions, planner=PLANNER).shots[0].layers


def ids(layers: tuple[AnyLayer, ...]) -> list[str]:
    return [one.id for one in layers]


def layer(layers: tuple[AnyLayer, ...], id_: str) -> AnyLayer:
    return next(one for one in layers if one.id == id_)


def refusal(prompt: str, *regions: Region, scene: Scene = DRAWN) -> str:
    with pytest.raises(RequestMalformed) as refused:
        made(prompt, *regions, scene=scene)
    assert refused.value.facts["field"] == "prompt"
    return f"{refused.value.what} {refused.value.hint}"


@pytest.mark.parametrize(
    ("prompt", "gone"),
    [
        ("remove the cat", {"cat"}),
        ("把猫去掉", {"cat"}),
        ("remove the red balloon", {"red"}),
        ("remove all balloons", {"red", "blue"}),
        ("remove the balloons", {"red", "blue"}),
        ("remove the title and the cat", {"title", "cat"}),
        ("remove 'Open'", {"sign"}),
    ],
)
def test_what_is_named_is_removed_and_nothing_else(prompt: str, gone: set[str]) -> None:
    layers = made(prompt)
    assert layers == tuple(one for one in DRAWN.shots[0].layers if one.id not in gone)


def test_what_is_marked_is_removed() -> None:
    assert "cat" not in ids(made("remove this", AROUND_CAT))
    assert len(made("remove this", AROUND_CAT)) == 6


def test_what_is_kept_stays_alone_on_its_ground() -> None:
    assert ids(made("keep only the cat")) == ["ground", "cat"]
    assert ids(made("只保留这里", AROUND_CAT)) == ["ground", "cat"]


@pytest.mark.parametrize(
    ("prompt", "id_", "field", "value"),
    [
        ("make the cat orange", "cat", "colour", "#ff8a00"),
        ("replace the cat with a dog", "cat", "what", "dog"),
        ("change the title to 'Goodbye 再见'", "title", "text", "Goodbye 再见"),
        ("change 'Open' to 'Closed'", "sign", "text", "Closed"),
        ("make it night", "ground", "time", "night"),
        ("让它下雨", "ground", "weather", "rain"),
        ("change the background to a beach", "ground", "place", "beach"),
        ("make the background red", "ground", "place", "plain"),
        ("name the cat 'Tom'", "cat", "name", "Tom"),
    ],
)
def test_one_thing_is_changed_and_nothing_else(
    prompt: str, id_: str, field: str, value: str
) -> None:
    layers = made(prompt)
    assert getattr(layer(layers, id_), field) == value
    same = [one for one in layers if one.id != id_]
    assert same == [one for one in DRAWN.shots[0].layers if one.id != id_]


def test_the_sky_takes_a_colour_where_there_is_one() -> None:
    ground = layer(made("make the sky red"), "ground")
    assert isinstance(ground, Backdrop)
    assert (ground.sky[0], ground.colours) == ("#e53935", ())
    room = replace(GROUND, place="studio")
    bare = replace(DRAWN, shots=(Shot("only", layers=(room,)),))
    ground = layer(made("make the background red", scene=bare), "ground")
    assert isinstance(ground, Backdrop)
    assert (ground.place, ground.colours[0]) == ("studio", "#e53935")


@pytest.mark.parametrize(
    ("region", "id_", "field"),
    [
        (Region(TITLE.box), "title", "type"),
        (Region(STAR.box), "star", "fill"),
    ],
)
def test_texts_and_shapes_take_a_colour_too(region: Region, id_: str, field: str) -> None:
    found = getattr(layer(made("make this red", region), id_), field)
    assert getattr(found, "colour", found) == "#e53935"


def test_what_is_marked_becomes_one_other_thing() -> None:
    both = Region(Box(0.38, 0.08, 0.35, 0.25))
    layers = made("replace this with a tree", both)
    trees = [one for one in layers if isinstance(one, Subject) and "tree" in one.what]
    assert len(trees) == 1
    assert len(layers) == 6
    star = layer(made("replace this with a sun", Region(STAR.box)), "star")
    assert isinstance(star, Subject)
    assert star.box == STAR.box


def test_a_thing_becomes_words() -> None:
    text = layer(made("change the cat to 'CAT'"), "cat")
    assert isinstance(text, Text)
    assert (text.text, text.box) == ("CAT", CAT.box)


def test_what_is_put_there_lies_in_the_marked_place() -> None:
    place = Region(Box(0.4, 0.5, 0.2, 0.2))
    (boat,) = made("put a boat here", place)[7:]
    assert isinstance(boat, Subject)
    assert (boat.what, boat.box) == ("sailboat", place.box)
    first, second = made("put two birds here", place)[7:]
    assert [one.box.x for one in (first, second)] == [0.4, 0.5]
    (words,) = made("put 'DANGER' here", place)[7:]
    assert isinstance(words, Text)
    assert (words.text, words.box) == ("DANGER", place.box)


def test_what_is_put_anywhere_covers_nothing() -> None:
    layers = made("add a bird and a title 'Birds'")
    assert any(isinstance(one, Text) and one.text == "Birds" for one in layers)
    (bird,) = [one for one in made("add a dog")[7:] if isinstance(one, Subject)]
    others = [one.box for one in DRAWN.shots[0].layers if isinstance(one, Subject | Text)]
    assert not any(bird.box.overlaps(one) for one in others)


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("make it darker", "is not understood: 'make it darker'"),
        ("remove the dog", "nothing known as 'the dog'. There is: a star, \"Open\""),
        ("remove the cat and the glorbix", "nothing known as 'the glorbix'"),
        ("remove the balloon", "may be any of 2"),
        ("remove the text", 'may be any of 2: "Open", "Hello"'),
        ("remove this", "It is open what 'remove this' is about"),
        ("put a boat here", "no place is marked"),
        ("put a glorbix in the sky", "Nothing that there is art of"),
        ("make the sky 'red'", "cannot be changed"),
        ("remove the cat; " * 300, "told in 4,800 characters"),
        ("把" * 3_000, "is not understood"),
        ("", "is not understood"),
    ],
)
def test_what_is_not_there_or_open_is_refused_with_what_there_is(prompt: str, why: str) -> None:
    assert why in refusal(prompt)


def test_what_is_elsewhere_than_the_marked_place_is_refused() -> None:
    assert "At the marked place there is nothing known as 'the cat'" in refusal(
        "remove the cat", Region(Box(0.38, 0.08, 0.15, 0.25))
    )
    corner = Region(Box(0.0, 0.9, 0.05, 0.05))
    assert "nothing known as 'this'. There is: nothing but the ground" in refusal(
        "remove this", corner
    )


@pytest.mark.parametrize(
    ("prompt", "use", "of"),
    [
        ("remove this", "remove", "photo"),
        ("remove the lamp", "remove", "photo"),
        ("keep only this", "clip", "photo"),
        ("name this 'danger zone'", "name", None),
    ],
)
def test_a_part_of_a_picture_is_masked(prompt: str, use: str, of: str | None) -> None:
    photo, mask = made(prompt, SPOT, scene=SHOWN)
    assert photo == PHOTO
    assert isinstance(mask, Mask)
    assert (mask.use, mask.of, mask.box) == (use, of, SPOT.box)
    assert mask.name == ("danger zone" if use == "name" else "")


@pytest.mark.parametrize(
    ("region", "form", "points"),
    [
        (SPOT, "ellipse", 0),
        (Region(SPOT.box), "rectangle", 0),
        (Region.outlined([Point(0.4, 0.4), Point(0.6, 0.4), Point(0.5, 0.6)]), "polygon", 3),
    ],
)
def test_a_colour_lies_over_a_part_of_a_picture(region: Region, form: str, points: int) -> None:
    _, wash = made("make this red", region, scene=SHOWN)
    assert isinstance(wash, Shape)
    assert (wash.form, wash.fill, len(wash.points)) == (form, "#e539358c", points)
    assert all(0 <= at <= 1 for one in wash.points for at in (one.x, one.y))


def test_a_part_of_a_picture_gives_way_to_what_it_becomes() -> None:
    _, mask, dog = made("replace this with a dog", SPOT, scene=SHOWN)
    assert isinstance(mask, Mask)
    assert isinstance(dog, Subject)
    assert (mask.use, dog.what, dog.box) == ("remove", "dog", SPOT.box)
    _, _, text = made("change the text to 'Lab 3'", SPOT, scene=SHOWN)
    assert isinstance(text, Text)
    assert (text.text, text.type.colour) == ("Lab 3", "#16233f")


@pytest.mark.parametrize(
    ("prompt", "regions", "why"),
    [
        ("remove the cat", (), "nothing known as 'the cat'. There is: the picture photo"),
        ("make it night", (SPOT,), "has no ground of its own"),
        ("make the sky red", (), "has no ground of its own"),
        ("keep this", (SPOT, AROUND_CAT), "2 places of a picture are marked"),
    ],
)
def test_what_no_picture_can_is_refused(prompt: str, regions: tuple[Region, ...], why: str) -> None:
    assert why in refusal(prompt, *regions, scene=SHOWN)


def test_a_picture_that_is_one_of_several_layers_is_meant_as_a_whole() -> None:
    framed = replace(PHOTO, box=Box(0.6, 0.6, 0.2, 0.2))
    scene = replace(SHOWN, shots=(Shot("only", layers=(GROUND, framed)),))
    assert ids(made("remove this", Region(framed.box), scene=scene)) == ["ground"]
    assert "'photo' cannot be changed" in refusal("make this red", Region(framed.box), scene=scene)


def test_one_shot_of_a_film_is_changed_and_the_others_are_not() -> None:
    film = Scene(
        Canvas(640, 360, fps=24),
        (Shot("first", 1.0, (GROUND, CAT)), Shot("second", 1.0, (GROUND, CAT))),
    )
    made = revised(film, "remove the cat", planner=PLANNER, shot=1)
    assert made.shots[0] == film.shots[0]
    assert ids(made.shots[1].layers) == ["ground"]
