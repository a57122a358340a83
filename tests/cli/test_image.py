"""`seedbed image`, before a server that answers as a test wants it."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from seedbed.cli.house import House
from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Backdrop
from seedbed.core.scene.scene import Canvas, Scene, Shot
from tests.cli.conftest import Seedbed

SCENE = Scene(Canvas(64, 48), (Shot("only", layers=(Backdrop(id="ground", place="sea"),)),))
PICTURE = {"data": [{"b64_json": base64.b64encode(b"picture").decode()}], "usage": {"images": 1}}
Change = Callable[[House], House]


class Server:
    """A server that keeps what it is asked."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.asked, self._answer = list[httpx2.Request](), answer

    def take(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return self._answer

    def change(self, house: House) -> House:
        house.neighbour.close()
        return replace(house, neighbour=httpx2.Client(transport=httpx2.MockTransport(self.take)))

    @property
    def body(self) -> dict[str, Any]:
        (request,) = self.asked
        assert request.url.path == "/v1/images/generations"
        told: dict[str, Any] = json.loads(request.content)
        return told


@pytest.fixture
def server() -> Server:
    return Server(httpx2.Response(200, json=PICTURE))


def test_a_picture_of_a_prompt_is_written(
    seedbed: Seedbed, server: Server, tmp_path: Path, home: Path
) -> None:
    home.mkdir()
    (home / "admin.key").write_text("sb-key\n")
    file = tmp_path / "fox.png"
    said = seedbed("image", "a red fox", "--seed", "7", "-o", str(file), change=server.change)
    assert (said.status, said.out) == (0, f"{file} (7 bytes)\n")
    assert file.read_bytes() == b"picture"
    assert server.body == {
        "model": "draft",
        "prompt": "a red fox",
        "seed": 7,
        "output_format": "png",
    }
    assert server.asked[0].headers["authorization"] == "Bearer sb-key"


def test_a_scene_is_sent_as_it_is_written(seedbed: Seedbed, server: Server, tmp_path: Path) -> None:
    scene, file = tmp_path / "scene.json", tmp_path / "sea.webp"
    scene.write_text(json.dumps(write_scene(SCENE)))
    words = ("--scene", str(scene), "--size", "2K", "--clear", "-o", str(file), "--json")
    said = seedbed("image", *words, change=server.change)
    assert said.json == {"file": str(file), "bytes": 7, "usage": {"images": 1}}
    body = server.body
    assert body["scene"] == write_scene(SCENE)
    assert (body["size"], body["background"], body["output_format"]) == (
        "2048x2048",
        "transparent",
        "webp",
    )
    assert "authorization" not in server.asked[0].headers


@pytest.mark.parametrize(("name", "form"), [("a.JPG", "jpeg"), ("a.jpeg", "jpeg"), ("a", "png")])
def test_the_form_is_told_by_the_name(
    seedbed: Seedbed, server: Server, tmp_path: Path, name: str, form: str
) -> None:
    seedbed("image", "a fox", "-o", str(tmp_path / name), change=server.change)
    assert server.body["output_format"] == form


def test_nothing_to_be_seen_is_no_picture(seedbed: Seedbed, server: Server) -> None:
    said = seedbed("image", change=server.change)
    assert said.status == 2
    assert "Say what is to be seen, or name a Scene by --scene." in said.err
    assert not server.asked


def test_what_is_no_scene_is_refused_here(seedbed: Seedbed, server: Server, tmp_path: Path) -> None:
    scene = tmp_path / "scene.json"
    scene.write_text("{}")
    said = seedbed("image", "--scene", str(scene), "--json", change=server.change)
    assert said.error["code"] == "scene_malformed"
    assert not server.asked


@pytest.mark.parametrize(
    ("answer", "code", "what"),
    [
        (
            httpx2.Response(400, json={"error": {"message": "No.", "code": "field_unserved"}}),
            "server_refused",
            "No.",
        ),
        (httpx2.Response(500, json=[]), "server_refused", "The server sent no reason."),
        (httpx2.Response(200, text="what"), "server_unreachable", ""),
    ],
)
def test_what_the_server_refuses_is_told_in_its_words(
    seedbed: Seedbed, tmp_path: Path, answer: httpx2.Response, code: str, what: str
) -> None:
    words = ("a fox", "-o", str(tmp_path / "a.png"), "--json")
    said = seedbed("image", *words, change=Server(answer).change)
    assert said.error["code"] == code
    assert what in said.err
    assert not (tmp_path / "a.png").exists()


def form_of(server: Server) -> tuple[str, dict[str, bytes]]:
    """The path and the fields of the form that was asked with."""
    (request,) = server.asked
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    fields: dict[str, bytes] = {}
    for part in request.content.split(b"--" + boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        fields[head.partition(b'name="')[2].partition(b'"')[0].decode()] = value[:-2]
    return request.url.path, fields


def test_a_picture_is_sent_with_what_is_to_be_changed(
    seedbed: Seedbed, server: Server, tmp_path: Path
) -> None:
    base, out = tmp_path / "base.png", tmp_path / "made.png"
    base.write_bytes(b"base")
    words = ("remove the cat", "--edit", str(base), "-o", str(out))
    assert seedbed("image", *words, change=server.change).status == 0
    path, fields = form_of(server)
    assert path == "/v1/images/edits"
    assert (fields["image"], fields["prompt"], fields["model"]) == (
        b"base",
        b"remove the cat",
        b"draft",
    )
    assert "mask" not in fields
    assert out.read_bytes() == b"picture"


@pytest.mark.parametrize("named", ["mask", "region"])
def test_its_place_is_named_by_a_mask_or_by_its_shares(
    seedbed: Seedbed, server: Server, tmp_path: Path, named: str
) -> None:
    base, mask = tmp_path / "base.png", tmp_path / "mask.png"
    base.write_bytes(b"base")
    mask.write_bytes(b"mask")
    value = str(mask) if named == "mask" else "0.25,0.25,0.5,0.5"
    words = ("remove this", "--edit", str(base), f"--{named}", value, "-o", str(tmp_path / "o.png"))
    assert seedbed("image", *words, change=server.change).status == 0
    sent = form_of(server)[1]["mask"]
    assert sent == b"mask" if named == "mask" else sent.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--edit", "BASE", "--mask", "BASE", "--region", "0,0,1,1"), "not by both"),
        (("--mask", "BASE"), "Name the picture that is to be changed by --edit"),
        (("--region", "0,0,1,1"), "Name the picture that is to be changed by --edit"),
        (("--edit", "BASE", "--scene", "SCENE"), "A Scene is changed by `seedbed scene change`"),
        (("--clear", "--upscale", "2"), "What is clear is not made larger"),
    ],
)
def test_what_goes_not_together_is_told(
    seedbed: Seedbed, server: Server, tmp_path: Path, words: tuple[str, ...], why: str
) -> None:
    (tmp_path / "base.png").write_bytes(b"base")
    (tmp_path / "scene.json").write_text(json.dumps(write_scene(SCENE)))
    named = {"BASE": str(tmp_path / "base.png"), "SCENE": str(tmp_path / "scene.json")}
    said = seedbed("image", "x", *(named.get(one, one) for one in words), change=server.change)
    assert said.status == 2
    assert why in said.err
    assert not server.asked
