"""Marked areas over HTTP: the same as the command tells, of a picture as it is or by its name."""

import base64
from pathlib import Path

import anyio
import httpx2
import jsonschema_rs
import pytest
from PIL import Image

from seedbed.api import schema
from seedbed.api.regions import PATH
from seedbed.core.access import Scope
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from seedbed.media.regions import found
from tests.api.running import Caller, House, alive, build, make_key
from tests.engines.drafting.editing.files import file_of
from tests.media.marked import Beside, shelf
from tests.media.test_finding import Slow

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]
PLAIN = file_of(Image.new("RGB", (60, 40)))


@pytest.mark.slow
async def test_a_picture_is_answered_as_the_command_answers(home: Path, tmp_path: Path) -> None:
    picture = shelf(tmp_path / "shelf.png").read_bytes()
    packed = "data:image/png;base64," + base64.b64encode(picture).decode()
    clock = SystemClock()
    app = build({"m": Scripted("m", window=64)}, home=home, clock=clock, studio=Beside())
    house = House(app, make_key(home, Scope.MODELS), home, clock)
    async with alive(app), house.client() as client:
        kept = (await client.post("/seedbed/artifacts", content=picture)).json()["id"]
        upload = {"file": ("a.png", picture)}
        file = await client.post("/v1/files", files=upload, data={"purpose": "vision"})
        answers = [
            await client.post(PATH, content=picture),
            await client.post(PATH, content=picture, headers={"content-type": "image/png"}),
            *[
                await client.post(PATH, json={"image": one})
                for one in (packed, kept, file.json()["id"])
            ],
        ]
    assert [one.json() for one in answers] == [found(picture)] * 5
    shape = schema.describe()["paths"][PATH]["post"]["responses"]["200"]  # type: ignore[index]
    whole = {"components": schema.describe()["components"]}
    jsonschema_rs.validate(
        whole | shape["content"]["application/json"]["schema"], answers[0].json()
    )
    assert len(answers[0].json()["regions"]) == 1


async def test_without_a_key_nobody_looks(house: House) -> None:
    async with house.client() as client:
        del client.headers["authorization"]
        assert (await client.post(PATH, content=PLAIN)).status_code == 401


@pytest.mark.parametrize(
    ("sent", "status", "param", "why"),
    [
        ({"content": b""}, 400, "image", "The body is empty"),
        ({"content": b"no picture"}, 400, "image", "it is cut off, or no PNG"),
        ({"json": {}}, 400, None, "image"),
        ({"json": {"image": 1}}, 400, "image", "Expected `str`"),
        ({"json": {"image": "a", "b": 1}}, 400, None, "unknown field `b`"),
        ({"json": {"image": "file:///etc/passwd"}}, 400, "image", "neither"),
        ({"json": {"image": "1" * 64}}, 404, None, "1" * 64),
        ({"content": PLAIN, "headers": {"content-encoding": "gzip"}}, 415, None, "gzip"),
    ],
)
async def test_what_is_no_picture_is_refused(
    house: House, sent: dict[str, object], status: int, param: str | None, why: str
) -> None:
    async with house.client() as client:
        answer: httpx2.Response = await client.post(PATH, **sent)  # type: ignore[arg-type]
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (status, param)
    assert why in error["message"]


async def test_who_leaves_ends_the_look(home: Path) -> None:
    studio, clock = Slow(), SystemClock()
    app = build({"m": Scripted("m", window=64)}, home=home, clock=clock, studio=studio)
    async with alive(app):
        caller = Caller(PLAIN, key=make_key(home, Scope.MODELS), path=PATH)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(caller.ask, app)
            await studio.begun.wait()
            caller.left.set()
        assert studio.now == 0
