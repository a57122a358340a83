"""`seedbed scene draw` hands a Scene to who draws it; `scene check` reads a result back."""

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Seedbed

BARE = {"canvas": {"width": 64, "height": 48, "colour": "#102030"}, "shots": [{"id": "a"}]}


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "bare.json"
    path.write_text(json.dumps(BARE))
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "bare.png"
    Image.new("RGB", (64, 48), "#102030").save(path)
    return path


def test_a_picture_is_asked_of_the_server(seedbed: Seedbed, scene: Path) -> None:
    said = seedbed("scene", "draw", str(scene))
    assert said.status == 1
    assert "server" in said.err  # none runs here


def test_a_film_is_a_job_of_who_has_a_key(seedbed: Seedbed, tmp_path: Path) -> None:
    path = tmp_path / "film.json"
    shots = [{"id": "a", "seconds": 1}]
    path.write_text(json.dumps({"canvas": {"width": 64, "height": 48, "fps": 24}, "shots": shots}))
    said = seedbed("scene", "draw", str(path), "--json")
    assert said.status == 1
    assert said.error["code"] == "key_missing"


@pytest.mark.slow
def test_a_result_that_is_as_its_scene_says_passes(
    seedbed: Seedbed, scene: Path, picture: Path
) -> None:
    said = seedbed("scene", "check", str(scene), str(picture))
    assert said.status == 0
    assert "64x48" in said.out


@pytest.mark.slow
def test_one_that_is_not_fails(seedbed: Seedbed, scene: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.png"
    Image.new("RGB", (32, 32)).save(path)
    said = seedbed("scene", "check", str(scene), str(path), "--json")
    assert said.status == 1
    (finding,) = said.json["findings"]
    assert (finding["rule"], finding["found"], finding["ok"]) == ("size", "32x32", False)


@pytest.mark.slow
def test_what_is_no_picture_is_told(seedbed: Seedbed, scene: Path) -> None:
    said = seedbed("scene", "check", str(scene), str(scene), "--json")
    assert said.status == 1
    assert said.error["code"] == "request_malformed"


def test_without_a_result_it_is_asked_whether_it_can_be_drawn(
    seedbed: Seedbed, scene: Path, server: str
) -> None:
    assert server
    said = seedbed("scene", "check", str(scene), "--model", "scripted")
    assert said.status == 1
    assert "scenes" in said.err  # the fake draws none


@pytest.mark.slow
def test_texts_that_are_wrong_are_set_anew_and_said(
    seedbed: Seedbed, tmp_path: Path, picture: Path
) -> None:
    path, out = tmp_path / "titled.json", tmp_path / "out.png"
    title = {
        "kind": "text",
        "id": "t",
        "text": "Go",
        "box": {"x": 0, "y": 0, "width": 1, "height": 1},
    }
    path.write_text(json.dumps(BARE | {"shots": [{"id": "a", "layers": [title]}]}))
    said = seedbed("scene", "check", str(path), str(picture), "--repair", str(out))
    assert "Set anew: shots[0].layers[0].text" in said.err
    with Image.open(out) as made:
        assert made.size == (64, 48)
