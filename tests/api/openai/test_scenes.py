"""The field `scene` of OpenAI's doors of pictures and films: ours, and checked as it comes."""

from typing import Any, cast

import msgspec
import pytest

from seedbed.api.openai.images import Generations
from seedbed.api.openai.usual import Usual
from seedbed.api.openai.videos_read import VideoBody, read_ask
from seedbed.core.ask import ImageAsk
from seedbed.core.errors import SceneMalformed
from seedbed.core.feature import Feature

SCENE: dict[str, Any] = {
    "version": "seedbed.scene/1",
    "canvas": {"width": 64, "height": 48, "fps": 12},
    "shots": [{"id": "one", "seconds": 1.0}],
}


def picture(**said: Any) -> ImageAsk:
    body = msgspec.json.encode({"model": "m", "prompt": "a", "scene": SCENE, **said})
    door = Generations(cast("Any", None), cast("Usual", None), "http://here")
    return cast("ImageAsk", door.read(body, request_id="r", now=0).ask)


def test_a_picture_of_a_scene_is_as_large_as_its_canvas_where_nothing_else_is_said() -> None:
    ask = picture()
    assert (ask.scene, ask.size) == (SCENE, (64, 48))
    assert Feature.SCENES in ask.needs
    assert picture(size="128x96").size == (128, 96)
    assert picture(size="auto").size == (64, 48)


def test_a_film_of_a_scene_takes_its_size_and_time_from_it() -> None:
    ask = read_ask(VideoBody(prompt="a", scene=SCENE), "m")
    assert (ask.scene, ask.size, ask.seconds) == (SCENE, None, None)
    assert Feature.SCENES in ask.needs
    assert read_ask(VideoBody(prompt="a", scene=SCENE, size="128x96"), "m").size == (128, 96)


def test_what_is_no_scene_is_refused_at_once() -> None:
    with pytest.raises(SceneMalformed):
        picture(scene={"shots": []})
    with pytest.raises(SceneMalformed):
        read_ask(VideoBody(prompt="a", scene={"shots": []}), "m")
