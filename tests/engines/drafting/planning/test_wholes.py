"""Prompts of which the pictures were wrong once: riders, lists, seasons, what is denied."""

# ruff: noqa: RUF001 - signs as Chinese has them

import pytest

from seedbed.core.scene.layers import Backdrop, Subject
from seedbed.core.scene.scene import Scene
from seedbed.engines.drafting.planning.planner import Planner

PLANNER = Planner.ready()


def scene(prompt: str) -> Scene:
    return PLANNER.plan(prompt).scene


def subjects(prompt: str) -> dict[str, Subject]:
    return {one.id: one for one in scene(prompt).shots[0].layers if isinstance(one, Subject)}


def ground(prompt: str) -> Backdrop:
    found = scene(prompt).shots[0].layers[0]
    assert isinstance(found, Backdrop)
    return found


def test_a_comma_ends_what_is_said_of_a_group() -> None:
    found = subjects("太空里有火箭和宇航员，地球在左边")
    earth, astronaut = found["globe-showing-americas"].box, found["astronaut"].box
    assert earth.centre[0] < 0.34 < astronaut.centre[0]


def test_a_list_that_ends_in_and_is_a_group() -> None:
    plan = scene("a cat, a dog and a fox run from left to right, film")
    moving = [one for one in plan.shots[0].layers if isinstance(one, Subject)]
    assert len(moving) == 3
    assert all(one.motion and one.motion.keys[0].x < one.motion.keys[-1].x for one in moving)


def test_all_of_a_list_are_on_the_table() -> None:
    found = subjects("餐桌上有一碗面条、一盘饺子和一杯茶")
    table = found.pop("table").box
    assert len(found) == 3
    assert all(one.box.y + one.box.height <= table.y + 1e-6 for one in found.values())


def test_a_rider_is_seen_behind_the_back_that_carries_them() -> None:
    found = subjects("An astronaut rides a horse on the moon")
    assert list(found) == ["astronaut-bust", "horse"]
    rider, horse = found["astronaut-bust"].box, found["horse"].box
    assert horse.y < rider.y + rider.height < horse.y + horse.height
    assert abs(rider.centre[0] - horse.centre[0]) < horse.width / 2
    assert ground("An astronaut rides a horse on the moon").place == "moon"


@pytest.mark.parametrize(
    "prompt",
    ["a girl rides a horse from left to right, film", "视频：一个女孩骑着马从左向右跑过草原"],
)
def test_what_carries_somebody_goes_with_them(prompt: str) -> None:
    found = subjects(prompt)
    girl, horse = found["girl"].motion, found["horse"].motion
    assert girl is not None
    assert horse is not None
    assert girl.keys == horse.keys
    assert girl.keys[0].x < girl.keys[-1].x


def test_a_dragon_and_its_knight_fly_the_same_way_whithersoever_each_looks() -> None:
    found = subjects("a film: a knight rides a dragon across the sky")
    knight, dragon = found["knight"].motion, found["dragon"].motion
    assert knight is not None
    assert dragon is not None
    assert [one.x for one in knight.keys] == [one.x for one in dragon.keys]


def test_a_second_place_is_told_of_the_nearer_thing() -> None:
    found = subjects("A knight rides a unicorn to a castle on a hill")
    knight, unicorn = found["knight"].box, found["unicorn"].box
    assert abs(knight.centre[0] - unicorn.centre[0]) < unicorn.width / 2
    castle, hill = found["castle"].box, found["mountain"].box
    assert castle.y + castle.height <= hill.y + 1e-6


def test_flowers_are_in_their_vase_and_the_vase_is_on_the_table() -> None:
    found = subjects("a vase of roses on a table")
    vase, table, rose = found["vase"].box, found["table"].box, found["rose"].box
    assert vase.y + vase.height <= table.y + 1e-6
    assert rose.y < vase.y < rose.y + rose.height < vase.y + vase.height


def test_what_is_denied_and_named_is_drawn_and_told() -> None:
    plan = PLANNER.plan("No people, two people in a park")
    people = [one for one in plan.scene.shots[0].layers if isinstance(one, Subject)]
    assert len(people) == 2
    assert plan.notes == ("It says 'No people' and 'two people'; the second is drawn.",)


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("海边的古筝", "古筝"),
        ("画一只可爱的麒麟", "麒麟"),
        ("花园里有麒麟", "麒麟"),
        ("一架无人机飞过城市", "无人机"),
    ],
)
def test_a_thing_without_art_is_told_in_chinese(prompt: str, word: str) -> None:
    assert f"There is no art of {word!r}, and it is left out." in PLANNER.plan(prompt).notes


@pytest.mark.parametrize(
    "prompt", ["海边的灯塔", "花园里有美丽的景色", "4秒的视频：一只戴着王冠的狮子", "温暖的阳光"]
)
def test_light_views_and_what_is_drawn_are_not_missing(prompt: str) -> None:
    assert not [note for note in PLANNER.plan(prompt).notes if "no art" in note]


def test_shots_of_a_length_that_does_not_add_up_are_told() -> None:
    plan = PLANNER.plan(
        "A film of three shots, each 4 seconds, 30 seconds in all: a cat; a dog; a fox"
    )
    assert "The shots take 12 s together; they are fitted to 30 s." in plan.notes


def test_a_product_shot_is_a_picture() -> None:
    assert scene("A product shot of a red perfume bottle").canvas.fps is None
    assert scene("two shots: a cat; a dog").canvas.fps is not None


def test_autumn_has_leaves_of_its_own_and_winter_snow() -> None:
    assert ground("a fox in the forest in autumn").colours != ground("a fox in the forest").colours
    assert ground("秋天的公园里有一张长椅").place == "field"
    assert ground("a cat in a garden in winter").place == "snow"


def test_what_has_a_head_in_letters_has_a_body_in_pictures() -> None:
    bodies = [
        "fox",
        "bear",
        "panda",
        "polar-bear",
        "lion",
        "wolf",
        "raccoon",
        "koala",
        "boy",
        "girl",
        "astronaut",
    ]
    whole, head = (PLANNER.figures[name].bounds for name in ("fox", "fox-bust"))
    assert whole != head
    assert all(f"{name}-bust" in PLANNER.figures for name in bodies)
