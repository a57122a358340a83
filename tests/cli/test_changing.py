"""`seedbed scene change | regions`: Scenes changed in plain words, and marks found."""

from pathlib import Path

import pytest
from PIL import Image

from seedbed.core.scene.form import parse_scene
from seedbed.core.scene.layers import Subject
from tests.cli.conftest import Seedbed
from tests.media.marked import shelf

FILM = "a 4 s film: a cat sleeps on a field, then a cat runs on a beach"


@pytest.fixture
def file(seedbed: Seedbed, tmp_path: Path) -> Path:
    path = tmp_path / "film.json"
    assert seedbed("scene", "plan", FILM, "-o", str(path)).status == 0
    return path


def subjects(path: Path) -> list[list[str]]:
    shots = parse_scene(path.read_bytes()).shots
    return [[one.what for one in shot.layers if isinstance(one, Subject)] for shot in shots]


def test_one_shot_is_changed_in_plain_words(seedbed: Seedbed, file: Path, tmp_path: Path) -> None:
    said = seedbed("scene", "change", str(file), "replace the cat with a dog")
    assert (said.status, said.err) == (0, f"{file}: 2 changed.\n")
    assert subjects(file) == [["dog"], ["cat"]]
    out = tmp_path / "other.json"
    words = ("remove the cat", "--shot", "shot-2", "-o", str(out), "--json")
    told = seedbed("scene", "change", str(file), *words).json
    assert [one["at"] for one in told] == ["shots.shot-2.layers.cat"]
    assert (subjects(file), subjects(out)) == ([["dog"], ["cat"]], [["dog"], []])


def test_a_place_is_named_by_its_shares(seedbed: Seedbed, file: Path) -> None:
    place = ("--region", "0.1,0.1,0.2,0.2")
    assert seedbed("scene", "change", str(file), "put a bird here", *place).status == 0
    assert subjects(file)[0] == ["cat", "bird"]


@pytest.mark.parametrize(
    "words", [("change", "FILE", "remove the cat"), ("edit", "FILE", "title", "Cats")]
)
def test_the_file_of_a_scene_is_replaced_and_never_written_over(
    seedbed: Seedbed, file: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    kept, before = tmp_path / "kept.json", file.read_bytes()
    kept.hardlink_to(file)
    named = (str(file) if one == "FILE" else one for one in words)
    assert seedbed("scene", *named).status == 0
    assert kept.read_bytes() == before != file.read_bytes()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("remove the whale",), "request_malformed", "nothing known as 'the whale'"),
        (("remove the cat", "--shot", "nine"), "scene_malformed", "there is no shot 'nine'"),
    ],
)
def test_what_cannot_be_changed_leaves_the_file(
    seedbed: Seedbed, file: Path, words: tuple[str, ...], code: str, why: str
) -> None:
    before = file.read_bytes()
    said = seedbed("scene", "change", str(file), *words, "--json")
    assert (said.status, said.error["code"]) == (1, code)
    assert why in said.error["what"]
    assert file.read_bytes() == before


@pytest.mark.slow
def test_what_is_marked_is_told_and_drawn(seedbed: Seedbed, tmp_path: Path) -> None:
    path, out = shelf(tmp_path / "shelf.png"), tmp_path / "shown.png"
    said = seedbed("scene", "regions", str(path), "-o", str(out))
    assert said.status == 0, said.err
    assert "green" in said.out
    assert "0.390,0.525" in said.out
    assert str(out) in said.err
    with Image.open(out) as shown:
        assert shown.size == (800, 400)
    (area,) = seedbed("scene", "regions", str(path), "--json").json["regions"]
    assert (area["form"], area["named"]) == ("box", "green")
    assert area["box"]["x"] == pytest.approx(0.39, abs=0.01)


@pytest.mark.slow
def test_where_nothing_is_marked_that_is_told(seedbed: Seedbed, tmp_path: Path) -> None:
    path = tmp_path / "plain.png"
    Image.new("RGB", (60, 40), "#eeeeee").save(path)
    said = seedbed("scene", "regions", str(path))
    assert said.status == 0
    assert "Nothing is marked in it" in said.err
    path.write_bytes(b"no picture")
    assert "cannot be read" in seedbed("scene", "regions", str(path), "--json").error["what"]
