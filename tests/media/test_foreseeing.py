"""Pictures that a chat model plans before they are drawn."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.access import Principal, Scope
from seedbed.core.ask import Ask, ImageAsk
from seedbed.core.errors import ContentRefused, EngineFailed
from seedbed.core.event import Event, Failed, Finished, Painted
from seedbed.core.message import Media, MediaKind, Text
from seedbed.core.scene.form import read_scene, write_scene
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.engines.scripted import Scripted
from seedbed.engines.scripted_painter import ScriptedPainter
from seedbed.media.foreseeing import Foreseeing
from seedbed.media.safety import Safety
from seedbed.serving.account import Order

pytestmark = pytest.mark.anyio
ANN = Principal("ann", "p", "key_1", frozenset({Scope.MODELS}))
PLANNER = Planner.ready()
SEA = json.dumps({"shots": [{"place": "sea", "things": []}]})
STILL = write_scene(Scene(Canvas(64, 48), (Shot("a"),)))
PICTURE = Media(MediaKind.IMAGE, b"png", {"role": "base"})


class Road:
    """A painter and a model that plans."""

    def __init__(self, answer: str = SEA, error: EngineFailed | None = None) -> None:
        self.painter, self.orders = ScriptedPainter("draft", window=100), list[Order]()
        self._talker = Scripted("planner", window=9_000, script=[Text(answer)], error=error)

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        self.orders.append(order)
        if isinstance(order.ask, ImageAsk):
            return self.painter.paint(order.ask)
        assert isinstance(order.ask, Ask)
        return self._talker.generate(order.ask)


async def told(road: Road, ask: ImageAsk | Ask) -> list[Event]:
    ahead = Foreseeing(
        road.generate,
        "planner",
        draws=lambda name: name == "draft",
        planner=lambda: PLANNER,
        before=Safety(None, Path("none")).before,
    )
    async with aclosing(ahead.generate(Order(ask, ANN, "req_1"))) as events:
        return [event async for event in events]


async def test_words_become_the_scene_that_the_model_plans() -> None:
    road = Road()
    events = await told(road, ImageAsk("draft", "a calm sea", tier="2K", seed=5))
    assert isinstance(events[-1], Finished)
    (drawn,) = road.painter.asked
    assert drawn.scene
    scene = read_scene(drawn.scene)
    assert (scene.canvas.width, scene.canvas.height, scene.seed) == (2_048, 2_048, 5)
    assert scene.shots[0].layers[0].place == "sea"  # type: ignore[union-attr]
    assert (drawn.size, drawn.seed) == ((2_048, 2_048), None)
    chat, picture = road.orders
    assert (chat.principal, picture.request_id) == (ANN, "req_1")
    assert chat.request_id != picture.request_id


async def test_a_plan_that_cannot_be_read_is_told_with_the_picture() -> None:
    road = Road("no plan")
    events = await told(road, ImageAsk("draft", "a calm sea"))
    (painted,) = [one for one in events if isinstance(one, Painted)]
    assert "planned by rule" in painted.notes[-1]
    assert len(road.orders) == 3


async def test_a_model_that_cannot_be_asked_is_told() -> None:
    events = await told(Road(error=EngineFailed("planner", why="no")), ImageAsk("draft", "a sea"))
    assert [type(one) for one in events] == [Failed]


async def test_what_is_refused_is_not_told_to_the_model() -> None:
    road = Road()
    (failed,) = await told(road, ImageAsk("draft", "a naked child"))
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ContentRefused)
    assert not road.orders


@pytest.mark.parametrize(
    "ask",
    [
        ImageAsk("other", "a sea"),
        ImageAsk("draft", "", scene=STILL),
        ImageAsk("draft", "remove it", (PICTURE,)),
        replace(ImageAsk("draft", "a sea"), model="other"),
    ],
)
async def test_all_else_goes_as_it_is(ask: ImageAsk) -> None:
    road = Road()
    await told(road, ask)
    assert [one.ask for one in road.orders] == [ask]
