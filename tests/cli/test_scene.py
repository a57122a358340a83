"""`seedbed scene`: plans, edits, compares and shows Scenes."""

import json
from pathlib import Path
from typing import Any

import pytest

from seedbed.core.scene.form import parse_scene, read_scene
from seedbed.core.scene.layers import Text
from tests.cli.conftest import Seedbed

FILM = 'a 4 s film: a red car drives from left to right, then a cat sleeps, title "Gone 走了"'


@pytest.fixture
def file(seedbed: Seedbed, tmp_path: Path) -> Path:
    path = tmp_path / "film.json"
    assert seedbed("scene", "plan", FILM, "-o", str(path)).status == 0
    return path


def texts(path: Path) -> list[str]:
    found = parse_scene(path.read_bytes())
    return [one.text for shot in found.shots for one in shot.layers if isinstance(one, Text)]


def test_a_plan_is_drawn_with_its_boxes_and_a_time_line(seedbed: Seedbed) -> None:
    said = seedbed("scene", "plan", FILM)
    assert said.status == 0
    assert said.out.splitlines()[0] == "Gone 走了 (1920x1080, 24 frames a second, 4 s)"
    assert "shot-1 · street · day · clear · 2 s · camera: hold" in said.out
    assert "┌automobile─" in said.out
    assert "┌Gone 走了" in said.out
    bars = [line for line in said.out.splitlines() if "━" in line]
    assert [line.split()[0] for line in bars] == ["shot-1", "shot-2"]
    assert bars[0].count("━") == bars[1].count("━") == 32


def test_what_was_not_understood_is_said_beside_it(seedbed: Seedbed) -> None:
    said = seedbed("scene", "plan", "a wug and a cat")
    assert "There is no art of 'wug'" in said.err
    told = seedbed("scene", "plan", "a wug and a cat", "--json").json
    assert len(told["notes"]) == 1
    assert read_scene(told["scene"]).said == "a wug and a cat"


@pytest.mark.parametrize(
    ("size", "pixels"),
    [("9:16", (1080, 1920)), ("4k", (3840, 2160)), ("640x360", (640, 360))],
)
def test_sizes_rates_and_lengths_are_taken_from_the_options(
    seedbed: Seedbed, size: str, pixels: tuple[int, int]
) -> None:
    words = ("--size", size, "--fps", "30", "--seconds", "2", "--seed", "5", "--json")
    canvas = seedbed("scene", "plan", "a cat", *words).json["scene"]["canvas"]
    assert (canvas["width"], canvas["height"], canvas["fps"]) == (*pixels, 30)


def test_what_is_no_size_is_refused(seedbed: Seedbed) -> None:
    said = seedbed("scene", "plan", "a cat", "--size", "large")
    assert said.status == 2
    assert "'large' is no size" in said.err


def test_an_empty_prompt_is_refused(seedbed: Seedbed) -> None:
    said = seedbed("scene", "plan", "", "--json")
    assert said.status == 1
    assert said.error["code"] == "request_malformed"


def test_an_edit_changes_its_file_and_tells_what(seedbed: Seedbed, file: Path) -> None:
    place = "shots.shot-2.layers.text-1.text"
    said = seedbed("scene", "edit", file.as_posix(), place, "Later 后来", "--show")
    assert said.status == 0, said.err
    assert "Later 后来" in said.out
    assert place in said.out
    assert texts(file) == ["Later 后来"]
    assert "1 changed" in seedbed("scene", "edit", str(file), "canvas.fps", "30").err


def test_an_edit_may_write_another_file_and_take_away(
    seedbed: Seedbed, file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    words = ("shots.shot-2.layers.text-1", "null", "-o", str(other), "--json")
    told = seedbed("scene", "edit", str(file), *words).json
    assert [one["after"] for one in told] == [None]
    assert (texts(file), texts(other)) == (["Gone 走了"], [])
    compared = seedbed("scene", "compare", str(file), str(other))
    assert "shots.shot-2.layers.text-1" in compared.out
    assert len(seedbed("scene", "compare", str(file), str(other), "--json").json) == 1
    assert seedbed("scene", "compare", str(file), str(file)).out == "They are the same.\n"


def test_digits_are_a_text_where_a_text_stands(seedbed: Seedbed, file: Path) -> None:
    assert seedbed("scene", "edit", str(file), "title", "2026").status == 0
    assert parse_scene(file.read_bytes()).title == "2026"


@pytest.mark.parametrize(
    ("place", "value", "why"),
    [
        ("canvas.width", "9", "lies between 16"),
        ("canvas.width", '"wide"', "it is an integer"),
        ("shots.nine", "{}", "nothing has the id"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_and_leaves_the_file(
    seedbed: Seedbed, file: Path, place: str, value: str, why: str
) -> None:
    before = file.read_bytes()
    said = seedbed("scene", "edit", str(file), place, value, "--json")
    assert said.status == 1
    assert said.error["code"] == "scene_malformed"
    assert why in said.error["what"]
    assert file.read_bytes() == before


def test_the_schema_is_printed_as_json(seedbed: Seedbed) -> None:
    assert seedbed("scene", "schema").json["title"] == "Scene"
    assert seedbed("scene", "schema", "--json").json["$ref"] == "#/$defs/Scene"


def test_a_file_is_shown_or_told_as_json(seedbed: Seedbed, file: Path) -> None:
    assert "automobile" in seedbed("scene", "show", str(file)).out
    told = seedbed("scene", "show", str(file), "--json").json
    assert (told["seconds"], told["fps"]) == (4.0, 24)
    assert [shot["first_frame"] for shot in told["shots"]] == [0, 48]
    assert told["shots"][0]["layers"][1]["name"] == "automobile"


def test_every_kind_of_layer_transition_and_track_is_shown(
    seedbed: Seedbed, tmp_path: Path
) -> None:
    hash_ = "ab" * 32
    layers: list[Any] = [
        {"kind": "picture", "id": "p", "reference": "photo"},
        {"kind": "mask", "id": "zone", "box": {"x": -1, "y": 2, "width": 0.1, "height": 0.1}},
        {"kind": "text", "id": "t", "text": "深夜\u0301", "box": {"x": 0.5, "y": 0.5, "width": 0.4,
                                                               "height": 0.2}},
    ]  # fmt: skip
    scene = {
        "canvas": {"width": 360, "height": 640, "fps": 10},
        "shots": [
            {"id": "a", "seconds": 2, "layers": layers},
            {"id": "b", "seconds": 2, "into": {"form": "dissolve", "seconds": 1}},
        ],
        "references": [{"id": "photo", "role": "picture", "artifact": hash_, "media": "image/png"}],
        "tracks": [{"id": "music", "seconds": 1}, {"id": "more", "starts": 2}],
    }
    path = tmp_path / "scene.json"
    path.write_text(json.dumps(scene))
    said = seedbed("scene", "show", str(path))
    assert said.status == 0, said.err
    assert "360x640, 10 frames a second, 3 s" in said.out
    assert "dissolve 1 s" in said.out
    assert "photo" in said.out
    assert "深夜" in said.out
    assert "music" in said.out


def test_a_file_that_is_no_scene_is_refused(seedbed: Seedbed, tmp_path: Path) -> None:
    path = tmp_path / "scene.json"
    path.write_bytes(b"\xff{")
    said = seedbed("scene", "show", str(path), "--json")
    assert said.error["code"] == "scene_malformed"


def test_a_model_of_the_server_may_plan_it(seedbed: Seedbed, server: str) -> None:
    assert server
    said = seedbed("scene", "plan", "a red car", "--model", "scripted", "--json")
    assert said.status == 0, said.err
    assert "could not be read" in said.json["notes"][-1]


def test_a_model_that_is_not_there_is_told_in_the_servers_words(
    seedbed: Seedbed, server: str
) -> None:
    assert server
    said = seedbed("scene", "plan", "a red car", "--model", "nobody", "--json")
    assert said.error["code"] == "server_refused"


def test_without_a_server_a_model_cannot_plan(seedbed: Seedbed) -> None:
    said = seedbed("scene", "plan", "a red car", "--model", "scripted", "--json")
    assert said.error["code"] == "server_unreachable"
