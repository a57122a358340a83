"""Lettering: where letters are, how large they become, and that none is changed."""

import numpy as np
import pytest
import skia
from numpy.typing import NDArray

from seedbed.core.errors import SceneUndrawable
from seedbed.core.scene.layers import Type
from seedbed.engines.drafting.fonts import Fonts
from seedbed.engines.drafting.lettering import Lettering
from tests.engines.drafting.test_fonts import CJK

pytestmark = pytest.mark.skipif(not CJK.exists(), reason="Noto's fonts are not installed")
INK = Type(colour="#ff0000")


@pytest.fixture(scope="module")
def lettering() -> Lettering:
    return Lettering(Fonts())


def pixels(image: skia.Image) -> NDArray[np.int_]:
    return image.toarray(colorType=skia.kRGBA_8888_ColorType).astype(int)


def ink(image: skia.Image) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is not clear."""
    there = pixels(image)[..., 3] > 40
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def test_a_text_as_large_as_its_box_fills_it_and_stays_inside(lettering: Lettering) -> None:
    image = lettering.set("Grand opening", INK, 400, 200, 1_000)
    assert (image.width(), image.height()) == (400, 200)
    left, top, right, bottom = ink(image)
    assert left >= 1
    assert right <= 398
    assert right - left > 340
    assert abs((top + bottom) / 2 - 100) < 20


def test_a_given_size_is_the_size_of_its_letters(lettering: Lettering) -> None:
    kind = Type(size=0.1, colour="#000000")
    _, top, _, bottom = ink(lettering.set("H", kind, 300, 300, 1_000))
    assert bottom - top + 1 == pytest.approx(71.4, abs=2)
    assert lettering.measure("H", kind, 300, 300, 1_000).size == 100


@pytest.mark.parametrize(
    ("kind", "corner"),
    [
        (Type(size=0.05, align="left", across="top"), (True, True)),
        (Type(size=0.05, align="right", across="bottom"), (False, False)),
        (Type(size=0.05, align="left", across="top", upright=True), (True, True)),
        (Type(size=0.05, align="right", across="bottom", upright=True), (False, False)),
    ],
)
def test_a_text_lies_where_it_is_aligned(
    lettering: Lettering, kind: Type, corner: tuple[bool, bool]
) -> None:
    left, top, right, bottom = ink(lettering.set("永永", kind, 400, 400, 1_000))
    assert (left + right < 400, top + bottom < 400) == corner


@pytest.mark.slow
def test_what_does_not_fit_is_refused_with_the_size_that_would(lettering: Lettering) -> None:
    with pytest.raises(SceneUndrawable, match=r"does not fit its box at a size of 0\.5") as caught:
        lettering.set("far too many words for this box", Type(size=0.5), 300, 100, 1_000)
    fitting = float(caught.value.hint.split()[3])
    lettering.set("far too many words for this box", Type(size=fitting), 300, 100, 1_000)
    with pytest.raises(SceneUndrawable, match="at a size that can be read"):
        lettering.set("x " * 2_000, INK, 100, 100, 1_000)
    with pytest.raises(SceneUndrawable, match="does not fit"):
        lettering.set("unbreakable", Type(size=0.1), 200, 900, 1_000)


def test_nothing_of_a_text_is_markup(lettering: Lettering) -> None:
    text = '#panic("no") *b* _i_ $x$ `c` = @a <b> \\ // /* "q" -- ~ [ ]'
    image = lettering.set(text, INK, 900, 100, 1_000)
    assert lettering.measure(text, INK, 900, 100, 1_000).size > 20
    assert ink(image)[2] > 800


def test_letters_are_not_joined(lettering: Lettering) -> None:
    kind = Type(size=0.1, align="left")
    widths = [
        lettering.measure(text, kind, 900, 200, 1_000).width for text in ("ffl", "ff", "l", "f")
    ]
    assert widths[0] == pytest.approx(widths[1] + widths[2], abs=3)


def test_lines_are_told_from_the_top_and_columns_from_the_right(lettering: Lettering) -> None:
    lines = lettering.measure("a\nb\nc", Type(size=0.05), 300, 300, 1_000).lines
    assert len(lines) == 3
    assert lines[1][1] - lines[0][1] == pytest.approx(60)
    columns = lettering.measure("春眠\n不覚", Type(size=0.1, upright=True), 300, 300, 1_000).lines
    assert len(columns) == 2
    assert columns[0][0] - columns[1][0] == pytest.approx(120)


def test_columns_run_down_and_are_broken_where_the_box_ends(lettering: Lettering) -> None:
    kind = Type(size=0.1, upright=True)
    assert len(lettering.measure("春眠不覚暁処処聞", kind, 400, 420, 1_000).lines) == 2
    left, top, right, bottom = ink(lettering.set("春眠ABC", kind, 300, 420, 1_000))
    assert bottom - top > 300
    assert right - left < 110


def test_centred_lines_are_of_about_one_length(lettering: Lettering) -> None:
    text = "one two three four five six seven"
    centred, left = (
        lettering.measure(text, Type(size=0.1, align=align), 1_300, 400, 1_000)
        for align in ("centre", "left")
    )
    assert len(centred.lines) == len(left.lines) == 2
    assert centred.width < left.width * 0.8


def test_an_outline_a_shadow_and_a_plate_lie_behind_the_letters(lettering: Lettering) -> None:
    plain = pixels(lettering.set("O", INK, 200, 200, 1_000))
    kind = Type(colour="#ff0000", outline="#00ff00", plate="#0000ff80", shadow="#000000")
    image = pixels(lettering.set("O", kind, 200, 200, 1_000))
    assert (plain[..., 1] > 0).sum() == 0
    assert (image[..., 1] > 200).sum() > 200
    assert ((image[..., 0] > 200) & (image[..., 3] == 255)).sum() > 200
    half = image[(image[..., 2] > 0) & (image[..., 3] == 128)]
    assert len(half) > 2_000
    assert (half[:, 2] == 255).mean() > 0.9


def test_an_empty_text_is_clear(lettering: Lettering) -> None:
    assert not pixels(lettering.set(" \n", INK, 30, 20, 100)).any()
    assert lettering.set("a", INK, 0, 0, 100).width() == 1


def test_a_character_without_a_font_is_drawn_as_its_picture() -> None:
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        '<rect width="9" height="9" fill="#00ff00"/></svg>'
    )
    lettering = Lettering(Fonts(), emoji=lambda one: picture if one == "🦊" else None)
    image = pixels(lettering.set("a🦊b", INK, 300, 100, 1_000))
    assert (image[..., 1] > 200).sum() > 900
    with pytest.raises(SceneUndrawable, match="no font here has 🦓"):
        lettering.set("a🦓", INK, 300, 100, 1_000)


def test_the_same_text_is_drawn_once(lettering: Lettering) -> None:
    first = lettering.set("once", INK, 100, 50, 500)
    assert lettering.set("once", Type(colour="#ff0000"), 100, 50, 500) is first
