"""Prompts in English and Chinese, planned by rule."""

# ruff: noqa: RUF001 - signs as Chinese has them

import subprocess
import sys
from collections import Counter

import pytest

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.form import read_scene, write_scene
from seedbed.core.scene.layers import Backdrop, Subject, Text
from seedbed.core.scene.measures import Box
from seedbed.core.scene.relations import broken
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import seconds
from seedbed.engines.drafting.planning import nature
from seedbed.engines.drafting.planning.figures import read_figures
from seedbed.engines.drafting.planning.planner import LONGEST, Plan, Planner
from tests.engines.drafting.planning.prompts import CHINESE, ENGLISH, Holds

PLANNER = Planner.ready()


def subjects(scene: Scene) -> list[Subject]:
    return [one for shot in scene.shots for one in shot.layers if isinstance(one, Subject)]


def one(scene: Scene, concept: str) -> Subject:
    return next(each for each in subjects(scene) if each.what == concept)


def backdrops(scene: Scene) -> list[Backdrop]:
    return [each for shot in scene.shots for each in shot.layers if isinstance(each, Backdrop)]


def side(box: Box) -> str:
    middle = box.centre[0]
    return "left" if middle < 0.4 else "right" if middle > 0.6 else "middle"


def way(subject: Subject) -> str:
    assert subject.motion is not None
    first, last = subject.motion.keys[0], subject.motion.keys[-1]
    aside, down = last.x - first.x, last.y - first.y
    if abs(aside) > abs(down):
        return "right" if aside > 0 else "left"
    return "down" if down > 0 else "up"


@pytest.mark.parametrize("holds", [*ENGLISH, *CHINESE], ids=lambda holds: holds.prompt[:40])
def test_a_scene_holds_what_its_prompt_says(holds: Holds) -> None:
    plan = PLANNER.plan(holds.prompt)
    _has_things(plan.scene, holds)
    _is_where_it_should_be(plan.scene, holds)
    _says_what_it_should(plan.scene, holds)
    _takes_its_time(plan.scene, holds)
    assert holds.noted is None or any(holds.noted in note for note in plan.notes), plan.notes


def _has_things(scene: Scene, holds: Holds) -> None:
    counts = Counter(each.what for each in subjects(scene))
    assert {name: counts[name] for name in holds.things} == holds.things, counts
    for concept, colour in holds.colours.items():
        assert one(scene, concept).colour == colour
    for concept, where in holds.sides.items():
        assert side(one(scene, concept).box) == where, concept
    for concept, whither in holds.goes.items():
        assert way(one(scene, concept)) == whither, concept
    for concept, habit in holds.habits.items():
        motion = one(scene, concept).motion
        assert motion is not None
        assert motion.habit == habit
    for upper, lower in holds.above:
        over, under = one(scene, upper).box, one(scene, lower).box
        assert over.y + over.height <= under.y + 1e-6


def _is_where_it_should_be(scene: Scene, holds: Holds) -> None:
    first = backdrops(scene)[0]
    assert holds.place in {None, first.place}, first.place
    assert holds.time in {None, first.time}, first.time
    assert holds.weather in {None, first.weather}, first.weather
    assert holds.size in {None, (scene.canvas.width, scene.canvas.height)}


def _says_what_it_should(scene: Scene, holds: Holds) -> None:
    written = [each.text for shot in scene.shots for each in shot.layers if isinstance(each, Text)]
    assert set(holds.texts) <= set(written), written
    said = [each.text for each in scene.tracks if each.use == "speech"]
    assert said == list(holds.said)
    assert holds.mood in {None, *(each.mood for each in scene.tracks if each.use == "music")}


def _takes_its_time(scene: Scene, holds: Holds) -> None:
    assert holds.shots in {None, len(scene.shots)}, len(scene.shots)
    assert holds.fps in {None, scene.canvas.fps}
    assert holds.seconds is None or seconds(scene) == pytest.approx(holds.seconds, abs=0.1)
    if holds.camera:
        cameras = [(shot.camera.move, shot.camera.toward) for shot in scene.shots]
        assert holds.camera in cameras, cameras
    assert holds.into in {None, *(shot.into.form for shot in scene.shots[1:])}


@pytest.mark.parametrize("holds", [*ENGLISH, *CHINESE], ids=lambda holds: holds.prompt[:40])
def test_nobody_covers_anybody_and_all_stand_on_the_sheet(holds: Holds) -> None:
    for shot in PLANNER.plan(holds.prompt).scene.shots:
        lying = [each for each in shot.layers if not isinstance(each, Backdrop)]
        for place, each in enumerate(lying):
            assert Box(0, 0, 1, 1).holds(each.box), each.id
            assert not any(each.box.overlaps(other.box) for other in lying[:place]), each.id
        assert broken(shot) == ()


@pytest.mark.parametrize("holds", [*ENGLISH, *CHINESE], ids=lambda holds: holds.prompt[:40])
def test_every_plan_is_read_again_as_it_was_written(holds: Holds) -> None:
    scene = PLANNER.plan(holds.prompt, seed=7).scene
    assert read_scene(write_scene(scene)) == scene
    assert PLANNER.plan(holds.prompt, seed=7).scene == scene
    assert len(scene.palette) == 5


@pytest.mark.parametrize("prompt", ["", " \n\t "])
def test_an_empty_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(RequestMalformed, match="empty"):
        PLANNER.plan(prompt)


def test_a_prompt_that_is_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(RequestMalformed, match="100,001 characters"):
        PLANNER.plan("a" * (LONGEST + 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "a red cat runs and a blue dog jumps over a house. ",
        "then a cat sits on the left, ",
        "\"quoted\" and 'said' words ",
        "一只红色的猫在跑，然后",
        "a wug and two flumphs ",
        "(((((“““《《《",
    ],
)
def test_ten_thousand_words_are_planned_and_bounded(words: str) -> None:
    prompt = (words * 10_000)[:LONGEST]
    plan = PLANNER.plan(prompt, film=True)
    assert len(plan.scene.shots) <= 12
    assert all(len(shot.layers) <= 60 for shot in plan.scene.shots)


def test_what_is_given_beside_the_prompt_is_taken() -> None:
    plan = PLANNER.plan(
        "a 9 second 4K 60 fps film of a cat", size=(640, 360), fps=12, seconds=2.0, seed=3
    )
    canvas = plan.scene.canvas
    assert (canvas.width, canvas.height, canvas.fps) == (640, 360, 12)
    assert seconds(plan.scene) == 2
    assert plan.scene.seed == 3
    assert any("9 s" in note for note in plan.notes)


def test_a_picture_is_made_of_a_prompt_for_a_film_where_a_picture_is_wanted() -> None:
    plan = PLANNER.plan("a 6 s film: a cat runs, then a dog jumps, calm music", film=False)
    assert plan.scene.canvas.fps is None
    assert len(plan.scene.shots) == 1
    assert {each.what for each in subjects(plan.scene)} == {"cat", "dog"}


def test_the_shots_of_a_film_take_its_time_with_their_transitions() -> None:
    plan: Plan = PLANNER.plan("6 seconds, a cat runs, dissolve to a dog, dissolve to a bird")
    assert seconds(plan.scene) == pytest.approx(6, abs=0.1)
    assert [shot.into.form for shot in plan.scene.shots] == ["cut", "dissolve", "dissolve"]


def test_a_shot_that_names_nobody_shows_those_of_before() -> None:
    plan = PLANNER.plan("video: a big red cat walks, then it jumps")
    first, second = (one(Scene(plan.scene.canvas, (shot,)), "cat") for shot in plan.scene.shots)
    assert first.colour == second.colour == "#e53935"
    assert second.motion is not None
    assert len(second.motion.keys) > 3


def test_several_sizes_are_told_and_the_last_is_taken() -> None:
    plan = PLANNER.plan("a cat, 640x480, no: 800x600")
    assert (plan.scene.canvas.width, plan.scene.canvas.height) == (800, 600)
    assert any("640x480, 800x600" in note for note in plan.notes)


def test_who_goes_to_the_left_looks_to_the_left() -> None:
    right, left = (
        one(PLANNER.plan(f"a car drives from {way} in 2 s").scene, "automobile").flip
        for way in ("left to right", "right to left")
    )
    assert right is not left
    facing = read_figures()["automobile"].facing
    assert right is (facing == "left")


@pytest.mark.slow
def test_planning_needs_nothing_that_draws() -> None:
    script = (
        "import sys, seedbed.engines.drafting.planning.planner\n"
        "print([one for one in ('skia', 'av', 'cv2', 'typst', 'numpy') if one in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    assert told.stdout == "[]\n"


def test_whatever_nature_names_there_is_art_of() -> None:
    known = set[str]().union(
        *nature.HABITATS.values(),
        *nature.HEIGHTS.values(),
        *(each for _, each in nature.PLACES),
    )
    assert known - set(PLANNER.figures) == set()


@pytest.mark.parametrize(
    "prompt",
    [
        "Three shots: a boat sails on the sea; cut to a cat; cut to a fox runs in a forest. Title "
        '"Begin" in the first shot and "The end" in the last shot',
        "三个镜头：一只猫跑过田野；接着一艘帆船在海上；最后火箭升空。标题“Begin”在第一个镜头，"
        "字幕“The end”在最后一个镜头",
    ],
)
def test_a_title_may_name_its_shot(prompt: str) -> None:
    shots = PLANNER.plan(prompt, film=True).scene.shots
    told = [[each.text for each in shot.layers if isinstance(each, Text)] for shot in shots]
    assert (told[0], told[-1], sum(map(len, told))) == (["Begin"], ["The end"], 2)


def test_a_way_that_is_told_is_kept_where_it_leads_through_something() -> None:
    scene = PLANNER.plan("a red car drives from left to right through the city", film=True).scene
    assert way(one(scene, "automobile")) == "right"


def test_a_film_is_no_larger_and_no_faster_than_one_can_be_and_that_is_told() -> None:
    plan = PLANNER.plan("an 8k film of the sea at 120 fps")
    canvas = plan.scene.canvas
    assert (canvas.width, canvas.height, canvas.fps) == (4_096, 2_304, 60)
    assert any("4096x2304" in note for note in plan.notes)
    assert any("not 120" in note for note in plan.notes)
    still = PLANNER.plan("a picture of the sea, 8k").scene.canvas
    assert (still.width, still.height) == (7_680, 4_320)


@pytest.mark.parametrize(
    ("prompt", "is_told"),
    [
        ("un gato rojo en la cocina", True),
        ("הכלב הכחול", True),
        ("красная кошка", True),
        ("a cat", False),
        ("大海", False),
        ('"שלום"', False),
        ("🎉", False),
    ],
)
def test_what_is_in_other_languages_is_told(prompt: str, *, is_told: bool) -> None:
    notes = PLANNER.plan(prompt).notes
    assert any("Nothing of it is understood" in note for note in notes) is is_told, notes


def test_what_is_colourful_has_a_colour_each() -> None:
    for prompt in ("five colourful balloons", "五只彩色的气球"):
        tints = [each.colour for each in subjects(PLANNER.plan(prompt).scene)]
        assert len(tints) == len(set(tints)) == 5


def test_the_moon_and_fireworks_make_it_night() -> None:
    for prompt in ("月亮下一只兔子", "a rabbit and fireworks"):
        assert backdrops(PLANNER.plan(prompt).scene)[0].time == "night"
    assert backdrops(PLANNER.plan("the moon by day over a field").scene)[0].time == "day"


def test_who_sits_is_on_the_seat_and_before_it() -> None:
    scene = PLANNER.plan("a cat on a sofa").scene
    cat, sofa = one(scene, "cat"), one(scene, "couch-and-lamp")
    assert sofa.box.y < cat.box.y + cat.box.height < sofa.box.y + sofa.box.height
    assert [each.what for each in subjects(scene)] == ["couch-and-lamp", "cat"]


def test_who_stands_by_a_lake_does_not_stand_on_it() -> None:
    assert backdrops(PLANNER.plan("a hut by a lake").scene)[0].place == "beach"
    assert backdrops(PLANNER.plan("a sailboat on a lake").scene)[0].place == "sea"


def test_a_gradient_of_one_colour_runs_to_it() -> None:
    (ground,) = backdrops(PLANNER.plan("红色渐变背景，一杯咖啡").scene)
    assert (ground.place, len(ground.colours)) == ("gradient", 2)


ENDLESS = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
from seedbed.engines.drafting.planning.planner import Planner
planner = Planner.ready()
for prompt in ("x" * 90_000, "a fox and " * 4_000, "a fox, " * 4_000, "(" * 20_000, '"' * 20_000):
    planner.plan(prompt, film=False)
"""


@pytest.mark.slow
def test_no_prompt_holds_whoever_reads_it_up() -> None:
    """Each took hours where one word was looked at from each of its letters."""
    ran = subprocess.run([sys.executable, "-c", ENDLESS], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr[-300:]
