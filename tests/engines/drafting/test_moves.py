"""Where layers and the camera are at a moment."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.scene.layers import Subject
from seedbed.core.scene.measures import Box, Easing
from seedbed.core.scene.motion import Camera, Habit, Key, Motion
from seedbed.engines.drafting.habits import Pose
from seedbed.engines.drafting.moves import eased, nearness, pose, view

SHARES = st.floats(0, 1)
EASINGS = st.sampled_from(get_args(Easing))
HABITS = st.sampled_from(get_args(Habit))
BOX = Box(0.4, 0.4, 0.2, 0.3)


def subject(motion: Motion | None = None, **how: object) -> Subject:
    return Subject(id="it", what="cat", box=BOX, motion=motion, **how)  # type: ignore


@st.composite
def motions(draw: st.DrawFn) -> Motion:
    moments = sorted(draw(st.sets(st.integers(0, 20), min_size=1, max_size=6)))
    place = st.floats(-1, 1)
    keys = tuple(
        Key(at / 20, draw(place), draw(place), draw(st.floats(0, 3)), draw(place), draw(SHARES))
        for at in moments
    )
    return Motion(keys, draw(EASINGS), draw(st.sampled_from(["straight", "curve"])))


@given(EASINGS)
def test_every_easing_begins_at_nothing_and_ends_at_all(easing: Easing) -> None:
    assert eased(easing, 0.0) == pytest.approx(0.0, abs=1e-12)
    assert eased(easing, 1.0) == pytest.approx(1.0)


@given(EASINGS, SHARES)
def test_an_easing_goes_no_further_than_a_little_over_its_end(easing: Easing, share: float) -> None:
    most = 1.35 if easing == "elastic" else 1.0 + 1e-9
    assert -1e-9 <= eased(easing, share) <= most


@given(EASINGS, SHARES)
def test_an_easing_does_not_jump(easing: Easing, share: float) -> None:
    near = min(1.0, share + 1e-6)
    assert abs(eased(easing, near) - eased(easing, share)) < 1e-4


@given(motions())
def test_at_the_moment_of_a_key_a_layer_is_there_exactly(motion: Motion) -> None:
    for key in motion.keys:
        found = pose(subject(motion), key.at, 0.0)
        assert (found.x, found.y, found.turn) == (key.x, key.y, key.turn)
        assert (found.scale, found.opacity) == (key.scale, key.opacity)


@given(motions(), SHARES)
def test_before_the_first_and_after_the_last_key_it_rests(motion: Motion, share: float) -> None:
    first, last = motion.keys[0], motion.keys[-1]
    found = pose(subject(motion), share, 0.0)
    if share <= first.at:
        assert (found.x, found.y) == (first.x, first.y)
    if share >= last.at:
        assert (found.x, found.y) == (last.x, last.y)


@given(motions(), SHARES)
def test_a_way_has_no_jumps(motion: Motion, share: float) -> None:
    here = pose(subject(motion), share, 0.0)
    near = pose(subject(motion), min(1.0, share + 1e-7), 0.0)
    assert abs(near.x - here.x) < 1e-3
    assert abs(near.y - here.y) < 1e-3


@given(motions(), HABITS, SHARES, st.floats(0, 600))
def test_nothing_is_clearer_than_clear_or_smaller_than_nothing(
    motion: Motion, habit: Habit, share: float, seconds: float
) -> None:
    layer = subject(Motion(motion.keys, motion.easing, motion.path, habit), opacity=0.8)
    found = pose(layer, share, seconds)
    assert 0.0 <= found.opacity <= 0.8 + 1e-9
    assert found.scale >= 0.0
    assert found.stretch > 0.5


@given(HABITS)
def test_a_habit_begins_at_rest(habit: Habit) -> None:
    assert pose(subject(Motion(habit=habit)), 0.0, 0.0) == Pose()


@given(HABITS, st.floats(0, 600))
def test_a_habit_stays_near_its_place(habit: Habit, seconds: float) -> None:
    found = pose(subject(Motion(habit=habit)), 0.0, seconds)
    assert abs(found.x) <= BOX.height
    assert abs(found.y) <= BOX.height


@pytest.mark.parametrize("habit", [one for one in get_args(Habit) if one != "none"])
def test_every_habit_moves_something(habit: Habit) -> None:
    seen = {pose(subject(Motion(habit=habit)), 0.0, moment / 7) for moment in range(20)}
    assert len(seen) > 5


def test_two_of_the_same_habit_are_not_in_step() -> None:
    one, other = (
        Subject(id=name, what="cat", box=BOX, motion=Motion(habit="bob")) for name in ("a", "b")
    )
    assert pose(one, 0.0, 5.0).y != pose(other, 0.0, 5.0).y


def test_a_curve_goes_by_its_middle_key_without_stopping() -> None:
    keys = (Key(0.0, x=-0.5), Key(0.5, x=0.0, y=-0.2), Key(1.0, x=0.5))
    straight, curve = (subject(Motion(keys, "in_out", path)) for path in ("straight", "curve"))

    def pace(layer: Subject) -> float:
        return pose(layer, 0.501, 0.0).x - pose(layer, 0.499, 0.0).x

    assert pace(curve) > 10 * pace(straight)


@pytest.mark.parametrize(("easing", "rests"), [("in", (True, False)), ("out", (False, True))])
def test_a_curve_rests_where_it_is_eased(easing: Easing, rests: tuple[bool, bool]) -> None:
    keys = (Key(0.0, x=0.0), Key(0.5, x=0.5), Key(1.0, x=1.0))
    layer = subject(Motion(keys, easing, "curve"))
    begins, ends = pose(layer, 0.01, 0.0).x, 1.0 - pose(layer, 0.99, 0.0).x
    assert (begins < 0.005, ends < 0.005) == rests


def test_keys_of_one_moment_are_a_jump() -> None:
    motion = Motion((Key(0.0), Key(0.0, x=0.3), Key(0.5, x=0.4), Key(0.5, x=0.9)), path="curve")
    assert pose(subject(motion), 0.5, 0.0).x == 0.9
    assert pose(subject(motion), 0.0, 0.0).x == 0.3


@given(SHARES, SHARES)
def test_a_camera_that_holds_changes_nothing(share: float, depth: float) -> None:
    found = view(Camera(), share, depth)
    assert (found.scale, found.x, found.y) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize("move", ["pan", "tilt"])
@given(amount=SHARES)
def test_near_layers_go_further_than_far_ones(move: str, amount: float) -> None:
    camera = Camera(move, amount=amount)  # type: ignore

    def way(depth: float) -> float:
        first, last = view(camera, 0.0, depth), view(camera, 1.0, depth)
        return abs(last.x - first.x) + abs(last.y - first.y)

    assert way(0.5) == pytest.approx(amount)
    assert way(0.0) <= way(0.5) <= way(1.0)


@given(SHARES, SHARES, SHARES, st.sampled_from(["in", "out"]))
def test_a_zoom_shows_nothing_beyond_the_canvas(
    share: float, amount: float, x: float, toward: str
) -> None:
    found = view(Camera("zoom", toward, amount, "linear", x, 0.3), share, 0.5)  # type: ignore
    assert found.x <= 1e-9
    assert found.x + found.scale >= 1 - 1e-9
    assert found.x + x * found.scale == pytest.approx(x)


def test_a_zoom_out_ends_where_the_scene_lies() -> None:
    camera = Camera("zoom", "out", 0.4)
    assert view(camera, 0.0, 0.5).scale == pytest.approx(1.4)
    assert view(camera, 1.0, 0.5).scale == pytest.approx(1.0)


def test_a_dolly_makes_near_layers_grow_more_and_a_zoom_does_not() -> None:
    dolly, zoom = Camera("dolly", amount=0.3), Camera("zoom", amount=0.3)
    assert view(dolly, 1.0, 0.9).scale > view(dolly, 1.0, 0.1).scale
    assert view(zoom, 1.0, 0.9) == view(zoom, 1.0, 0.1)


def test_an_orbit_moves_what_is_behind_its_middle_the_other_way() -> None:
    camera = Camera("orbit", amount=0.3)
    assert view(camera, 1.0, 0.9).x < 0 < view(camera, 1.0, 0.1).x
    assert view(camera, 1.0, 0.5).x == pytest.approx(0.0)


def test_the_middle_moves_once() -> None:
    assert nearness(0.5) == pytest.approx(1.0)
