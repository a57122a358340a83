"""What somebody does, as keys and habits."""

import pytest

from seedbed.core.scene.layers import Subject
from seedbed.core.scene.motion import Key, Motion
from seedbed.engines.drafting.planning.planner import Planner

PLANNER = Planner.ready()


def moving(prompt: str) -> Subject:
    scene = PLANNER.plan(prompt, film=True).scene
    return next(one for one in scene.shots[0].layers if isinstance(one, Subject))


def motion(prompt: str) -> Motion:
    found = moving(prompt).motion
    assert found is not None
    return found


def ends(prompt: str) -> tuple[Key, Key]:
    found = motion(prompt)
    return found.keys[0], found.keys[-1]


@pytest.mark.parametrize(
    ("words", "starts_inside", "ends_inside"),
    [
        ("a cat enters from the left", False, True),
        ("a cat comes in from the right", False, True),
        ("a cat leaves to the left", True, False),
        ("a cat exits right", True, False),
        ("a cat runs across", False, False),
        ("a cat runs from left to right", True, True),
        ("一只猫从左边跑进来", False, True),
        ("一只猫从右边离开", True, False),
    ],
)
def test_whoever_comes_or_leaves_is_outside_before_or_after(
    words: str, starts_inside: bool, ends_inside: bool
) -> None:
    box = moving(words).box
    first, last = ends(words)
    assert (-box.width < box.x + first.x < 1) is starts_inside
    assert (-box.width < box.x + last.x < 1) is ends_inside


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("a flower grows", 0.45, 1.25),
        ("a ball shrinks", 1.0, 0.35),
        ("一朵花长大", 0.45, 1.25),
    ],
)
def test_what_grows_is_larger_in_the_end(words: str, first: float, last: float) -> None:
    assert tuple(key.scale for key in ends(words)) == (first, last)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [("a ghost appears", 0.0, 1.0), ("a ghost disappears", 1.0, 0.0), ("一个鬼消失", 1.0, 0.0)],
)
def test_what_appears_is_seen_in_the_end(words: str, first: float, last: float) -> None:
    assert tuple(key.opacity for key in ends(words)) == (first, last)


@pytest.mark.parametrize(
    ("words", "habit"),
    [
        ("a star twinkles", "twinkle"),
        ("the sun shines", "pulse"),
        ("a girl dances", "sway"),
        ("a ball bounces", "bounce"),
        ("a top hat spins", "spin"),
        ("a bird flies", "flutter"),
        ("a dog runs", "walk"),
        ("a boat sails", "bob"),
        ("a balloon walks", "bob"),
        ("a boat", "bob"),
        ("a butterfly", "flutter"),
        ("a balloon", "drift"),
        ("two stars", "twinkle"),
    ],
)
def test_each_deed_has_its_habit(words: str, habit: str) -> None:
    assert motion(words).habit == habit


def test_what_rolls_or_spins_on_its_way_is_turned() -> None:
    assert ends("a ball rolls to the left")[1].turn == -540
    assert ends("a ball spins from left to right")[1].turn == 720
    assert motion("a ball spins from left to right").habit == "none"
    assert ends("a plane flies up, spinning")[1].turn == 540


def test_the_sun_goes_down_to_where_the_land_is() -> None:
    first, last = ends("the sun goes down")
    assert last.y > first.y


def test_a_leaf_falls_softly_and_a_ball_bounces_where_it_lands() -> None:
    assert motion("a maple leaf falls").easing == "in_out"
    assert motion("a ball falls").easing == "bounce"
    assert ends("a ball falls")[1].y == 0


def test_who_circles_comes_back_to_where_it_began() -> None:
    found = motion("a plane circles")
    assert (found.keys[0].x, found.keys[0].y) == (found.keys[-1].x, found.keys[-1].y)
    assert found.path == "curve"


def test_who_jumps_from_left_to_right_touches_the_ground_thrice() -> None:
    keys = motion("a frog jumps from left to right").keys
    assert [key.y == 0 for key in keys] == [True, False] * 3 + [True]


def test_those_who_do_the_same_go_together() -> None:
    scene = PLANNER.plan("two dogs run from left to right", film=True).scene
    first, second = (one for one in scene.shots[0].layers if isinstance(one, Subject))
    assert first.motion == second.motion


def test_clouds_drift_and_a_house_stands() -> None:
    assert len(motion("a cloud").keys) == 2
    assert moving("a house").motion is None


def test_who_faces_a_side_is_turned_to_it() -> None:
    left, right = (moving(f"a cat facing {side}").flip for side in ("left", "right"))
    assert left is not right
