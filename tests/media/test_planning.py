"""Planning through a chat model, here the scripted one."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import jsonschema_rs
import pytest

from seedbed.core.access import Principal, Scope
from seedbed.core.ask import Ask, Format
from seedbed.core.errors import AnswerMalformed, RequestMalformed
from seedbed.core.event import Event
from seedbed.core.message import Message, Role, Text
from seedbed.core.scene import layers
from seedbed.core.scene.form import read_scene, write_scene
from seedbed.core.scene.layers import Backdrop, Subject
from seedbed.core.scene.scene import Scene
from seedbed.core.scene.timeline import seconds
from seedbed.engines.drafting.planning.planner import Plan, Planner
from seedbed.engines.scripted import Scripted
from seedbed.media.planning import FORM, Wanted, planned, writing
from seedbed.media.sketch import EXAMPLES
from seedbed.serving.account import Order

PLANNER = Planner.ready()
WHO = Principal("ada", "atelier", "key", frozenset({Scope.ADMIN}))
BOX = {"x": 0.1, "y": 0.6, "width": 0.2, "height": 0.3}
HOME: dict[str, Any] = dict(EXAMPLES[0][1])


class Model:
    """Answers with these texts, one after the other, and keeps what it was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[Message, ...]] = []

    async def generate(self, order: Order) -> AsyncGenerator[Event]:
        assert isinstance(order.ask, Ask)
        assert order.ask.format == FORM
        self.asked.append(order.ask.messages)
        engine = Scripted("m", window=100_000, script=[Text(self._answers.pop(0))])
        async for event in engine.generate(order.ask):
            yield event


async def plan(model: Model, prompt: str, wanted: Wanted | None = None) -> Plan:
    write = writing(model.generate, "m", WHO)
    return await planned(prompt, wanted or Wanted(), write=write, planner=PLANNER)


def subjects(scene: Scene) -> list[Subject]:
    return [one for shot in scene.shots for one in shot.layers if isinstance(one, Subject)]


@pytest.mark.parametrize(("prompt", "sketch"), EXAMPLES)
def test_the_examples_fit_the_form_that_models_are_given(prompt: str, sketch: Any) -> None:
    assert jsonschema_rs.validator_for(dict(FORM.schema)).is_valid(sketch)
    assert prompt


@pytest.mark.anyio
async def test_a_sketch_becomes_a_scene_that_is_read_again() -> None:
    model = Model(json.dumps(HOME))
    made = await plan(model, 'a cat left of a red house at night, title "Home"')
    scene = made.scene
    assert read_scene(write_scene(scene)) == scene
    cat, house = sorted(subjects(scene), key=lambda one: one.what)
    assert (cat.what, house.what, house.colour) == ("cat", "house", "#e53935")
    backdrop, title = scene.shots[0].layers[0], scene.shots[0].layers[-1]
    assert isinstance(backdrop, Backdrop)
    assert (backdrop.place, backdrop.time) == ("field", "night")
    assert isinstance(title, layers.Text)
    assert (title.text, scene.title) == ("Home", "Home")
    assert made.notes == ()
    assert len(model.asked) == 1
    assert model.asked[0][-1].role is Role.USER


@pytest.mark.anyio
async def test_a_film_moves_takes_its_time_and_keeps_its_music() -> None:
    model = Model(f"```json\n{json.dumps(EXAMPLES[1][1])}\n```")
    wanted = Wanted(film=True, seconds=4.0, fps=30, size=(640, 360), seed=3)
    scene = (await plan(model, "两个镜头，欢快的音乐", wanted)).scene  # noqa: RUF001
    assert (scene.canvas.width, scene.canvas.fps, scene.seed) == (640, 30, 3)
    assert seconds(scene) == pytest.approx(4, abs=0.1)
    assert [shot.into.form for shot in scene.shots] == ["cut", "dissolve"]
    assert scene.shots[1].camera.move == "dolly"
    dog, car = subjects(scene)
    assert dog.motion is not None
    assert dog.motion.keys[0].x < dog.motion.keys[-1].x
    assert car.motion is None
    assert [track.mood for track in scene.tracks] == ["bright"]


@pytest.mark.anyio
async def test_an_answer_with_a_fault_is_mended_once_with_the_fault_told() -> None:
    bad = json.dumps({"shots": [{"place": "nowhere", "things": []}]})
    model = Model(bad, json.dumps(HOME))
    made = await plan(model, "a cat")
    assert len(subjects(made.scene)) == 2
    first, again = model.asked
    assert len(again) == len(first) + 2
    assert "shots[0].place is" in str(again[-1].parts[0])


@pytest.mark.anyio
@pytest.mark.parametrize("answer", ["no JSON at all", "{}", '{"shots": []}', "[1]", "{" * 90_000])
async def test_what_is_wrong_twice_leaves_the_scene_of_the_rules_with_a_note(answer: str) -> None:
    made = await plan(Model(answer, answer), "a red car")
    assert [one.what for one in subjects(made.scene)] == ["automobile"]
    assert "could not be read" in made.notes[-1]


@pytest.mark.anyio
async def test_an_answer_that_the_house_itself_refused_is_asked_for_again() -> None:
    asked: list[int] = []

    async def write(messages: tuple[Message, ...], _: Format) -> str:
        asked.append(len(messages))
        if len(asked) == 1:
            raise AnswerMalformed("m", form="JSON schema", why="it is no JSON")
        return json.dumps(HOME)

    made = await planned("a cat", Wanted(), write=write, planner=PLANNER)
    assert len(subjects(made.scene)) == 2
    assert asked[1] == asked[0] + 2


@pytest.mark.anyio
async def test_what_there_is_no_art_of_is_noted_and_boxes_are_brought_onto_the_sheet() -> None:
    things = [
        {"what": "flumph", "box": BOX},
        {"what": "cat", "box": {"x": 0.95, "y": 0.95, "width": 0.3, "height": 0.0}},
        {"what": "cat", "box": BOX, "does": "walk"},
    ]
    sketch = {"shots": [{"place": "sky", "things": things}] * 2}
    made = await plan(Model(json.dumps(sketch)), "two cats and a flumph", Wanted(film=False))
    assert len(made.scene.shots) == 1
    assert sorted(one.id for one in subjects(made.scene)) == ["cat", "cat-2"]
    assert all(one.box.x + one.box.width <= 1 for one in subjects(made.scene))
    assert any("flumph" in note for note in made.notes)


@pytest.mark.anyio
async def test_an_empty_prompt_is_refused_before_a_model_is_asked() -> None:
    async def write(_: tuple[Message, ...], __: Format) -> str:
        raise AssertionError

    with pytest.raises(RequestMalformed):
        await planned("", Wanted(), write=write, planner=PLANNER)
