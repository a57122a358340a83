"""Scenes, sources and callbacks as attackers write them: each is refused in words at every door."""

import copy
import json
from typing import Any

import pytest

from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Backdrop
from seedbed.core.scene.scene import Canvas, Scene, Shot
from tests.api.films.filming import TASKS, Set

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]
PLAIN = write_scene(
    Scene(Canvas(64, 36, fps=5), (Shot("a", 1.0, (Backdrop(id="g", place="sea"),)),))
)
DOORS: dict[str, dict[str, Any]] = {
    "/v1/videos": {"model": "films", "prompt": "a"},
    "/seedbed/films": {"model": "films", "prompt": "a"},
    "/v1/images/generations": {"model": "films", "prompt": "a", "size": "64x32"},
}


def put(value: object, *way: str | int) -> Any:
    """The plain Scene with that value at that place."""
    scene: Any = copy.deepcopy(PLAIN)
    holder, (*steps, last) = scene, way
    for step in steps:
        holder = holder[step]
    holder[last] = value
    return scene


def nested(depth: int) -> Any:
    layer: Any = {"kind": "backdrop", "id": "g"}
    for _ in range(depth):
        layer = {"kind": "backdrop", "id": "g", "layers": [layer]}
    return layer


def reference(artifact: str) -> list[dict[str, str]]:
    return [{"id": "r", "role": "picture", "artifact": artifact, "media": "image/png"}]


LAYERS = "shots", 0, "layers"
AMISS: dict[str, Any] = {
    **{f"{v!s:.9} seconds": put(v, "shots", 0, "seconds") for v in (-1, 1e308, "1", None, [])},
    **{f"{v!s:.9} wide": put(v, "canvas", "width") for v in (0, -1, 10**9, 1.5, True, "64")},
    **{f"{v!s:.9} frames a second": put(v, "canvas", "fps") for v in (0, -1, 10**9, 0.5)},
    "ten thousand layers": put(
        [{"kind": "backdrop", "id": f"l{n}"} for n in range(10_000)], *LAYERS
    ),
    "layers in layers": put([nested(90)], *LAYERS),
    "a thousand shots": put([{"id": f"s{n}", "seconds": 1} for n in range(1_000)], "shots"),
    "no shot": put([], "shots"),
    "a colour that is none": put("red; url(file:///etc/passwd)", "canvas", "colour"),
    "an id that is a path": put("../../x", "shots", 0, "id"),
    "an artifact that is a path": put(reference("../../etc/passwd"), "references"),
    "a number beyond all": put({"x": 1e308, "y": 0, "width": 1, "height": 1}, *LAYERS, 0, "box"),
    "a field that is none": put(1, "shots", 0, "evil"),
    "a version of tomorrow": put("seedbed.scene/9", "version"),
}


@pytest.mark.parametrize("name", AMISS)
async def test_a_scene_that_is_amiss_is_refused_by_its_place(scene: Set, name: str) -> None:
    async with scene.http() as client:
        for door, body in DOORS.items():
            sent = json.dumps(body | {"scene": AMISS[name]}).encode()
            answer = await client.post(
                door, content=sent, headers={"content-type": "application/json"}
            )
            told = answer.json()["error"]
            assert (answer.status_code, told["code"]) == (400, "scene_malformed"), (door, told)
            assert len(told["message"]) < 600


SOURCES = [
    "file:///etc/passwd",
    "../../etc/passwd",
    "gopher://x/1",
    "data:text/html,<x>",
    f"http://{'a' * 9_000}/",
    "http://a..b/",
    "http://user:secret@127.0.0.1/",
    "http://127.0.0.1/\r\nx: y",
    "0" * 64,
    "film_" + "0" * 24,
]


@pytest.mark.parametrize("source", SOURCES)
async def test_a_source_that_is_none_is_refused_without_its_secrets(
    scene: Set, source: str
) -> None:
    ref = {"kind": "image", "source": source, "role": "first_frame"}
    film = {"model": "films", "prompt": "a", "frames": 1, "size": [64, 32], "refs": [ref]}
    async with scene.http() as client:
        answer = await client.post("/seedbed/films", json=film)
    assert answer.status_code in {400, 404}
    assert "secret" not in answer.text
    assert len(answer.text) < 1_000


CALLED = ["http://x/\r\nHost: y", "javascript:1", "file:///x", "http://x:99999/"]


@pytest.mark.parametrize("url", [*CALLED, "http://" + "a" * 9_999])
async def test_what_cannot_be_called_back_is_refused_with_its_task(scene: Set, url: str) -> None:
    task = {"model": "films", "content": [{"type": "text", "text": "a"}], "callback_url": url}
    async with scene.http() as client:
        answer = await client.post(TASKS, json=task)
        listed = (await client.get(TASKS)).json()
    assert answer.status_code == 400
    assert "cannot be called back" in answer.json()["error"]["message"]
    assert listed["total"] == 0


async def test_a_film_that_is_cancelled_is_deleted_once(scene: Set) -> None:
    task = {"model": "films", "content": [{"type": "text", "text": "a"}]}
    async with scene.http() as client:
        id_ = (await client.post(TASKS, json=task)).json()["id"]
        told = [(await client.delete(f"{TASKS}/{id_}")).status_code for _ in range(3)]
    assert told == [200, 200, 404]
