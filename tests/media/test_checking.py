"""Checking: a result against its Scene, with a reader that is told what it finds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image

from seedbed.core.errors import RequestMalformed
from seedbed.core.scene.layers import Backdrop, Subject, Text
from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Canvas, Scene, Shot, Track
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.stage import Stage
from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.form import Form
from seedbed.kit.film.loudness import levelled
from seedbed.kit.film.mux import mux
from seedbed.kit.film.pictures import Frame
from seedbed.media.checking import Checker
from seedbed.media.reading import Read, Reader
from seedbed.media.report import Report
from tests.engines.drafting.test_fonts import needs_noto
from tests.kit.film.made import tone
from tests.kit.media import hostile

TITLE = Text(id="title", text="Hello", box=Box(0.1, 0.1, 0.8, 0.2))
FOX = Subject(id="fox", what="fox", colour="#dc2828", box=Box(0.2, 0.4, 0.2, 0.4))
OTHER = Subject(id="other", what="fox", box=Box(0.6, 0.4, 0.2, 0.4))
SCENE = Scene(Canvas(200, 100), (Shot("only", layers=(TITLE, FOX, OTHER)),))


class Told:
    """A fake reader: it finds what it is told."""

    def __init__(self, *lines: str) -> None:
        self.lines, self.asked = lines, 0

    def readings(self, picture: Frame, box: Box, *, upright: bool) -> Iterator[tuple[Read, ...]]:
        """At the size that it sees best it finds nothing."""
        self.asked += 1
        yield ()
        yield tuple(Read(line, 1.0, box) for line in self.lines)


def checker(*lines: str, again: str | None = None) -> Checker:
    return Checker(lambda: cast(Reader, Told(*lines)), second=lambda _, __: again)


def picture() -> Frame:
    made = np.full((100, 200, 3), 240, np.uint8)
    made[45:75, 50:70] = (220, 40, 40)
    return made


@pytest.fixture
def still(tmp_path: Path) -> Path:
    path = tmp_path / "still.png"
    Image.fromarray(picture()).save(path)
    return path


def film(path: Path, count: int = 20) -> Path:
    with Encoder(path, Form(200, 100, fps=10)) as encoder:
        for _ in range(count):
            encoder.write(picture())
    return path


def word(report: Report, rule: str) -> tuple[str, bool, bool]:
    (one,) = [one for one in report.findings if one.rule == rule]
    return one.found, one.ok, one.sure


def test_a_picture_is_measured_read_and_looked_at(still: Path) -> None:
    report = checker("Hel", "lo").check(still, SCENE)
    assert report.ok
    assert word(report, "size") == ("200x100", True, True)
    assert word(report, "text") == ("Hel lo", True, True)
    assert word(report, "colour")[1]
    assert word(report, "count") == ("1 fox", False, False)


def test_wrong_letters_and_colours_fail_it(still: Path) -> None:
    blue = replace(FOX, colour="#1e40ff")
    scene = replace(SCENE, shots=(replace(SCENE.shots[0], layers=(TITLE, blue)),))
    report = checker("Hallo", again="").check(still, scene)
    assert [one.rule for one in report.wrong] == ["text", "colour"]
    assert report.wrong[0].at == "shots[0].layers[0].text"


def test_a_miss_is_read_again_by_the_second_reader(still: Path) -> None:
    assert word(checker("He11o", again="Hello\n").check(still, SCENE), "text") == (
        "Hello",
        True,
        True,
    )
    report = checker("He11o").check(still, SCENE)
    assert not report.ok
    assert "tesseract-ocr" in report.notes[0]
    alone = Checker(lambda: cast(Reader, Told("no")), second=None).check(still, SCENE)
    assert alone.notes == ()


def test_what_no_reader_knows_is_not_sure_and_an_empty_text_is_not_read(still: Path) -> None:
    texts = (replace(TITLE, text="สวัสดี"), replace(TITLE, id="empty", text=" "))
    scene = replace(SCENE, shots=(Shot("only", layers=texts),))
    report = checker("?", again="").check(still, scene)
    assert word(report, "text") == ("", False, False) or word(report, "text") == ("?", False, False)
    assert report.ok


def test_a_film_is_measured_in_frames_and_seconds(tmp_path: Path) -> None:
    scene = replace(SCENE, canvas=Canvas(200, 100, fps=10), shots=(Shot("only", 2.0, (TITLE,)),))
    report = checker("Hello").check(film(tmp_path / "film.mp4"), scene)
    assert report.ok
    assert word(report, "seconds")[0] == "2.00 s"
    assert word(report, "frames a second") == ("10", True, True)
    short = checker("Hello").check(film(tmp_path / "short.mp4", 12), scene)
    assert [one.rule for one in short.wrong] == ["frames", "seconds"]


@pytest.mark.slow
def test_a_film_with_tracks_has_sound_that_is_loud_enough(tmp_path: Path) -> None:
    scene = Scene(Canvas(200, 100, fps=10), (Shot("only", 2.0),), tracks=(Track("music"),))
    silent = film(tmp_path / "film.mp4")
    assert word(checker().check(silent, scene), "loudness") == ("no sound", False, True)
    soft = [tone(2.0, level=0.05)]
    for name, sound, is_ok in (("soft.mp4", soft, False), ("loud.mp4", levelled(soft), True)):
        mux(silent, tmp_path / name, sound=sound)
        assert word(checker().check(tmp_path / name, scene), "loudness")[1] is is_ok


@needs_noto
@pytest.mark.slow
def test_a_draft_is_what_its_scene_says(tmp_path: Path) -> None:
    texts = (
        Text(id="title", text="Summer at the sea", box=Box(0.1, 0.05, 0.8, 0.15)),
        Text(id="small", text="海边的夏天 2026", box=Box(0.1, 0.9, 0.5, 0.06)),
    )
    ground = Backdrop(id="ground", place="sea", time="dusk")
    scene = Scene(Canvas(768, 512), (Shot("only", layers=(ground, FOX, *texts)),))
    stage = Stage(scene, art=read_art(), lettering=Lettering(Fonts()), pictures={})
    Image.fromarray(stage.still()).save(tmp_path / "draft.png")
    report = Checker().check(tmp_path / "draft.png", scene)
    assert report.ok, report.rows()
    assert len([one for one in report.findings if one.rule == "text"]) == 2


def test_a_file_that_is_no_picture_or_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"no picture")
    with pytest.raises(RequestMalformed, match=r"The result x\.png cannot be read"):
        checker().check(tmp_path / "x.png", SCENE)
    moving = Scene(Canvas(200, 100, fps=10), (Shot("only", 2.0),))
    with pytest.raises(RequestMalformed, match="cannot be read"):
        checker().check(tmp_path / "absent.mp4", moving)


@pytest.mark.parametrize("name", hostile.BAD_PICTURES)
def test_a_hostile_file_is_refused_and_never_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(hostile.BAD_PICTURES[name]())
    with pytest.raises(RequestMalformed, match=r"The result x\.png cannot be read"):
        checker().check(path, SCENE)
