"""Reading: what is in a picture, in the order of reading, with a real reader."""

import shutil

import numpy as np
import pytest
import skia

from seedbed.core.scene.layers import Type
from seedbed.core.scene.measures import Box
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.kit.film.pictures import Frame
from seedbed.media.reading import Reader, reread
from seedbed.media.words import plain, says
from tests.engines.drafting.test_fonts import needs_noto

INK = Type(colour="#000000", align="left")


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def written(text: str, kind: Type = INK, width: int = 600, height: int = 200) -> Frame:
    image = Lettering(Fonts()).set(text, kind, width, height, 400)
    there = image.toarray(colorType=skia.kRGBA_8888_ColorType)[..., 3:]
    return np.repeat(255 - there, 3, axis=2)


@needs_noto
@pytest.mark.slow
def test_lines_are_read_from_the_top_and_where_they_are(reader: Reader) -> None:
    lines = reader.read(written("Hello world\n你好世界"))
    assert says([line.text for line in lines], "Hello world 你好世界")
    assert lines[0].box.y < lines[-1].box.y
    assert all(line.likelihood > 0.8 for line in lines)
    assert Box(0, 0, 1, 1).holds(lines[0].box, slack=0.05)


@needs_noto
@pytest.mark.slow
def test_columns_are_read_from_the_right(reader: Reader) -> None:
    kind = Type(colour="#000000", upright=True)
    lines = reader.read(written("東京\n京都の雪", kind, 300, 400), upright=True)
    assert says([line.text for line in lines], "東京京都の雪")


@needs_noto
@pytest.mark.slow
def test_small_letters_are_read_in_a_part_of_a_picture(reader: Reader) -> None:
    picture = np.full((400, 600, 3), 255, np.uint8)
    kind = Type(colour="#000000", size=14 / 400)
    picture[300:324, 200:400] = written("Open at 7:30", kind, 200, 24)
    box = Box(200 / 600, 0.74, 200 / 600, 0.08)
    (line,) = reader.read(picture, box)
    assert plain(line.text) == "Openat7:30"
    assert box.holds(line.box, slack=0.02)


@pytest.mark.slow
def test_where_nothing_is_nothing_is_read(reader: Reader) -> None:
    assert reader.read(np.full((60, 60, 3), 200, np.uint8)) == ()
    assert reader.read(np.full((60, 60, 3), 200, np.uint8), Box(2, 2, 1, 1)) == ()


@needs_noto
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_the_second_reader_reads_the_same() -> None:
    assert says((reread(written("Hello world")) or "").splitlines(), "Hello world")
    assert reread(written("Hello"), Box(2, 2, 1, 1)) is None


def test_without_tesseract_there_is_no_second_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert reread(np.full((9, 9, 3), 200, np.uint8)) is None


@needs_noto
@pytest.mark.slow
def test_letters_that_are_larger_than_its_eye_are_read_smaller(reader: Reader) -> None:
    image = Lettering(Fonts()).set("晨光 Morning light", INK, 3_162, 374, 2_160)
    there = image.toarray(colorType=skia.kRGBA_8888_ColorType)[..., 3:]
    frame = np.repeat(255 - there, 3, axis=2)
    assert says([line.text for line in reader.read(frame)], "晨光 Morning light")
