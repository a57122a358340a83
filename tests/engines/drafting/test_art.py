"""Subjects as they come to lie on a canvas."""

import numpy as np
import pytest
import skia
from numpy.typing import NDArray

from seedbed.engines.drafting.art import Art, Drawing, read_art

SIDE = 200


@pytest.fixture(scope="module")
def art() -> Art:
    return read_art()


def drawing(art: Art, concept: str) -> Drawing:
    found = art.find(concept)
    assert found is not None
    return found


def painted(each: Drawing, box: skia.Rect | None = None, **how: object) -> NDArray[np.uint8]:
    surface = skia.Surface(SIDE, SIDE)
    each.paint(surface.getCanvas(), box or skia.Rect.MakeWH(SIDE, SIDE), **how)  # type: ignore
    return surface.toarray(colorType=skia.kRGBA_8888_ColorType)


def has(pixels: NDArray[np.uint8], colour: str) -> bool:
    return bool((pixels[:, :, :3] == tuple(bytes.fromhex(colour[1:]))).all(axis=2).any())


def test_every_drawing_paints_something_that_fills_its_box(art: Art) -> None:
    for concept in list(art)[::40]:
        seen = painted(art[concept])[:, :, 3] > 24
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        across, down = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
        assert rows[-1] >= SIDE - 2, concept
        assert max(across, down) >= SIDE - 4, concept


def test_a_wide_subject_stands_amid_the_foot_of_its_box(art: Art) -> None:
    box = skia.Rect.MakeXYWH(10, 20, 100, 150)
    car = drawing(art, "automobile")
    place = car.place(box)
    assert (place.width(), place.bottom()) == pytest.approx((100, 170))
    assert place.height() == pytest.approx(100 / car.aspect)
    tall = drawing(art, "palm-tree").place(skia.Rect.MakeXYWH(0, 0, 300, 50))
    assert (tall.height(), tall.centerX()) == pytest.approx((50, 150))


def test_nothing_is_painted_outside_of_its_place(art: Art) -> None:
    car = drawing(art, "automobile")
    box = skia.Rect.MakeXYWH(50, 50, 100, 100)
    seen = painted(car, box)[:, :, 3] > 24
    place = car.place(box)
    seen[round(place.top()) - 1 : round(place.bottom()) + 1, 49:151] = False
    assert not seen.any()


def test_a_tint_changes_the_body_and_leaves_the_wheels(art: Art) -> None:
    red, blue = (painted(drawing(art, "automobile"), tint=tint) for tint in (None, "#1E7BE5"))
    assert has(red, "#f8312f")
    assert not has(red, "#1e7be5")
    assert has(blue, "#1e7be5")
    assert not has(blue, "#f8312f")
    for kept in ("#26c9fc", "#321b41", "#e6e6e6"):
        assert has(red, kept)
        assert has(blue, kept)


def test_a_tint_leaves_the_skin_of_people(art: Art) -> None:
    assert has(painted(drawing(art, "woman-standing"), tint="#43a047"), "#ffc83d")


def test_a_face_alone_takes_no_tint(art: Art) -> None:
    girl = drawing(art, "girl-bust")
    assert (painted(girl, tint="#43a047") == painted(girl)).all()


def test_a_tint_that_is_no_colour_is_refused(art: Art) -> None:
    with pytest.raises(ValueError, match="'green'"):
        painted(drawing(art, "cat"), tint="green")


def test_flipped_it_looks_the_other_way(art: Art) -> None:
    cat = drawing(art, "cat")
    assert cat.facing == "left"
    plain, flipped = painted(cat).astype(int), painted(cat, flip=True).astype(int)
    assert np.abs(plain[:, ::-1] - flipped).mean() < 2
    assert np.abs(plain - flipped).mean() > 10


def test_half_opaque_it_lets_half_through(art: Art) -> None:
    heart = drawing(art, "red-heart")
    assert painted(heart, opacity=0.5)[:, :, 3].max() == 128
    assert painted(heart, opacity=-1.0)[:, :, 3].max() == 0


def test_the_canvas_is_left_as_it_was(art: Art) -> None:
    canvas = skia.Surface(SIDE, SIDE).getCanvas()
    before = canvas.getSaveCount()
    drawing(art, "cat").paint(canvas, skia.Rect.MakeWH(9, 9), opacity=0.5, flip=True)
    assert canvas.getSaveCount() == before


@pytest.mark.parametrize("flip", [False, True])
def test_its_shadow_lies_under_its_foot(art: Art, flip: bool) -> None:
    balloon = drawing(art, "balloon")  # its string ends at the left
    surface = skia.Surface(SIDE, SIDE)
    balloon.shadow(surface.getCanvas(), skia.Rect.MakeWH(SIDE, SIDE - 20), flip=flip)
    dark = surface.toarray()[:, :, 3].astype(int)
    rows, columns = dark.sum(axis=1), dark.sum(axis=0)
    assert abs(int(rows.argmax()) - (SIDE - 20)) <= 3
    assert (columns[: SIDE // 2].sum() > columns[SIDE // 2 :].sum()) != flip


def test_it_is_a_mapping_of_well_over_a_thousand_concepts(art: Art) -> None:
    assert len(art) > 1500
    assert art.find("no-such-thing") is None
    assert {each.facing for each in art.values()} == {"left", "right", "front"}


def test_a_sign_among_letters_is_as_it_was_published_and_a_subject_whole(art: Art) -> None:
    assert art.written("🦊") == drawing(art, "fox-bust").svg
    assert drawing(art, "fox").sign == ""
    assert drawing(art, "fox").facing == "left"


@pytest.mark.parametrize(
    "concept", ["lighthouse", "table", "barn", "knight", "street-lamp", "vase"]
)
def test_a_drawing_of_our_own_takes_a_tint(art: Art, concept: str) -> None:
    assert has(painted(drawing(art, concept), tint="#1e7be5"), "#1e7be5")
