"""A Scene is looked at before anything of it is drawn."""

import json

import pytest

from seedbed.api.films.check import CALLS, LookCall, LookWriter
from seedbed.core.ask import SceneAsk
from seedbed.core.errors import RequestMalformed, SceneMalformed
from seedbed.core.event import Reply, Stop
from seedbed.core.usage import Usage
from seedbed.jobs.film import LOOK

SCENE = {
    "canvas": {"width": 64, "height": 48},
    "shots": [{"id": "a"}],
    "version": "seedbed.scene/1",
}


def read(body: object) -> object:
    return LookCall().read(json.dumps(body).encode(), request_id="r", now=0).ask


def test_a_scene_is_asked_about_by_who_would_draw_it() -> None:
    assert read({"model": "draft", "scene": SCENE}) == SceneAsk("draft", SCENE)
    assert isinstance(CALLS["POST", LOOK], LookCall)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"model": "draft"}, RequestMalformed),
        ({"model": "draft", "scene": SCENE | {"shots": []}}, SceneMalformed),
        ({"model": "draft", "scene": SCENE, "n": 1}, RequestMalformed),
    ],
)
def test_what_is_no_scene_is_refused(body: object, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read(body)


def test_one_that_can_be_drawn_is_told_so() -> None:
    reply = Reply("draft", (), Stop.END, Usage())
    assert json.loads(LookWriter().whole(reply)) == {"drawable": True}
