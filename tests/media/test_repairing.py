"""Texts that failed are set anew, and nothing else is touched."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PIL import Image

from seedbed.core.scene.form import write_scene
from seedbed.core.scene.layers import Backdrop, Mask, Picture, Text
from seedbed.core.scene.measures import Box
from seedbed.core.scene.motion import HELD
from seedbed.core.scene.scene import Canvas, Reference, Scene, Shot
from seedbed.engines.drafting.art import read_art
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from seedbed.engines.drafting.stage import Stage
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.pictures import Frame
from seedbed.media.checking import Checker
from seedbed.media.reading import Read, Reader
from seedbed.media.repairing import over, repaired
from seedbed.media.studio.orders import Repair
from tests.engines.drafting.test_fonts import needs_noto

TITLE = Text(id="title", text="Safe harbour 港湾", box=Box(0.1, 0.1, 0.8, 0.2))
PLACE = "shots[0].layers[1].text"
SCENE = Scene(Canvas(480, 320), (Shot("only", layers=(Backdrop(id="ground", place="sea"), TITLE)),))


class Heard:
    """A fake reader: it finds one line a time, the last for good."""

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)

    def readings(self, picture: Frame, box: Box, *, upright: bool) -> Iterator[tuple[Read, ...]]:
        line = self._lines.pop(0) if len(self._lines) > 1 else self._lines[0]
        yield (Read(line, 1.0, box),)


def reading(*lines: str) -> Checker:
    heard = cast(Reader, Heard(*lines))
    return Checker(lambda: heard, second=lambda _, __: "")


def drawn(scene: Scene, path: Path) -> Path:
    art = read_art()
    lettering = Lettering(Fonts(), emoji=art.written)
    stage = Stage(scene, art=art, lettering=lettering, pictures={})
    Image.fromarray(stage.still()).save(path)
    return path


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    """The picture, as somebody who cannot spell painted it."""
    ground, title = SCENE.shots[0].layers
    wrong = replace(title, text="Sofe habrour 巷弯")  # type: ignore[call-arg]
    shot = replace(SCENE.shots[0], layers=(ground, wrong))
    return drawn(replace(SCENE, shots=(shot,)), tmp_path / "misspelt.png")


def pixels(path: Path) -> Frame:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def order(picture: Path, scene: Scene = SCENE) -> Repair:
    out = picture.parent / "out.png"
    return Repair(picture=str(picture), out=str(out), scene=write_scene(scene))


def test_over_the_picture_lies_what_failed_on_what_is_filled() -> None:
    reference = Reference("result", "picture", "a" * 64, "image/png")
    shown = over(SCENE, {PLACE}, reference)
    picture, under, text = shown.shots[0].layers
    assert (picture, text) == (Picture(id="result", reference="result", fit="stretch"), TITLE)
    assert under == Mask(id="under-1", use="remove", of="result", box=TITLE.box)
    assert shown.shots[0].camera == HELD


@needs_noto
def test_a_text_that_failed_is_set_as_the_scene_has_it(misspelt: Path) -> None:
    told = repaired(order(misspelt), lambda: reading("Sofe habrour", TITLE.text))
    assert (told["repaired"], told["ok"]) == ([PLACE], True)
    before, after = pixels(misspelt), pixels(misspelt.parent / "out.png")
    changed = np.abs(before.astype(int) - after).max(axis=2) > 24
    rows = np.nonzero(changed.any(axis=1))[0]
    assert changed.any()
    assert rows.max() < 0.35 * 320, "below the title all is as it was"


def test_where_nothing_failed_nothing_is_written(misspelt: Path) -> None:
    told = repaired(order(misspelt), lambda: reading(TITLE.text))
    assert (told["repaired"], told["ok"]) == ([], True)
    assert not (misspelt.parent / "out.png").exists()


def test_a_film_is_told_how_it_is_mended(misspelt: Path) -> None:
    film = replace(SCENE, canvas=Canvas(480, 320, 24), shots=(replace(SCENE.shots[0], seconds=1),))
    with pytest.raises(FilmFault, match="changed in its Scene"):
        repaired(order(misspelt, film))


@pytest.mark.slow
@needs_noto
def test_the_readers_of_this_machine_find_it_right_afterwards(misspelt: Path) -> None:
    told = repaired(order(misspelt))
    assert (told["repaired"], told["ok"]) == ([PLACE], True)
