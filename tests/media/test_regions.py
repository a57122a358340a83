"""Marked areas come back as boxes, with their colour, their form, and the words there."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from seedbed.core.errors import RequestMalformed
from seedbed.media.reading import Reader
from seedbed.media.regions import Area, areas, drawn, found
from tests.engines.drafting.editing.files import file_of
from tests.media.marked import plan, shelf


@pytest.fixture(scope="module")
def of_plan(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Area, ...]]:
    path = plan(tmp_path_factory.mktemp("plan") / "plan.png")
    return path, areas(path.read_bytes())


@pytest.mark.slow
def test_the_zone_that_is_circled_on_a_plan_comes_back(
    of_plan: tuple[Path, tuple[Area, ...]],
) -> None:
    zone = of_plan[1][0]
    box = zone.region.box
    assert (zone.region.form, zone.named, zone.colour) == ("ellipse", "red", "#e02020")
    assert (box.x, box.y) == pytest.approx((395 / 900, 80 / 600), abs=0.02)
    assert (box.width, box.height) == pytest.approx((268 / 900, 178 / 600), abs=0.02)


@pytest.mark.slow
def test_words_in_an_area_and_those_beside_it_in_its_colour_are_read(
    of_plan: tuple[Path, tuple[Area, ...]],
) -> None:
    zone, exit_ = of_plan[1]
    assert (zone.words, zone.beside) == (("BOILER",), ("DANGER",))
    assert exit_.words == ("Exit 7",)
    assert (exit_.region.form, exit_.named) == ("box", "blue")


@pytest.mark.slow
def test_a_product_that_is_boxed_on_a_shelf_comes_back(tmp_path: Path) -> None:
    (only,) = areas(shelf(tmp_path / "shelf.png").read_bytes())
    box = only.region.box
    assert (only.region.form, only.named) == ("box", "green")
    assert (box.x * 800, box.y * 400) == pytest.approx((312, 210), abs=2)
    assert (box.width * 800, box.height * 400) == pytest.approx((89, 167), abs=3)


@pytest.mark.slow
def test_an_outline_of_no_plain_form_comes_back_by_its_corners(tmp_path: Path) -> None:
    path = tmp_path / "corner.png"
    image = Image.new("RGB", (400, 400), "#ffffff")
    corner = [(50, 50), (350, 50), (350, 150), (150, 150), (150, 350), (50, 350), (50, 47)]
    ImageDraw.Draw(image).line(corner, fill="#e02020", width=6)
    image.save(path)
    (only,) = areas(path.read_bytes())
    assert only.region.form == "outline"
    assert only.region.holds(0.2, 0.8)
    assert not only.region.holds(0.8, 0.8)
    assert len(only.written()["points"]) >= 6  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_areas_are_drawn_into_a_copy_with_their_numbers(
    of_plan: tuple[Path, tuple[Area, ...]], tmp_path: Path
) -> None:
    path, all_ = of_plan
    out = tmp_path / "shown.png"
    drawn(path.read_bytes(), all_, out)
    before, after = (np.asarray(Image.open(one).convert("RGB")) for one in (path, out))
    assert before.shape == after.shape
    changed = np.argwhere((before != after).any(axis=2))
    box = all_[0].region.box
    assert changed[:, 0].min() >= box.y * 600 - 8
    assert (after[round(box.y * 600) - 4] == (17, 17, 17)).all(axis=1).sum() > 200


def test_a_copy_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    plain, out = file_of(Image.new("RGB", (60, 40))), tmp_path / "nowhere" / "shown.png"
    with pytest.raises(RequestMalformed, match="copy cannot be written: No such file") as caught:
        drawn(plain, (), out)
    assert caught.value.facts["field"] == "out"


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16"])
def test_where_nothing_is_marked_nothing_is_read(mode: str) -> None:
    def never() -> Reader:
        raise AssertionError

    plain = file_of(Image.new(mode, (60, 40)))
    assert areas(plain, never) == ()
    assert found(plain) == {"regions": []}


@pytest.mark.slow
def test_a_mark_on_a_clear_ground_is_seen(tmp_path: Path) -> None:
    out = tmp_path / "shown.png"
    image = Image.new("RGBA", (300, 200))
    ImageDraw.Draw(image).ellipse((40, 40, 200, 150), outline="#e02020", width=6)
    told = found(file_of(image), out)
    assert len(told["regions"]) == 1  # type: ignore[arg-type]
    assert out.exists()


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(RequestMalformed, match="The picture cannot be read"):
        areas(data)


@pytest.mark.slow
def test_what_is_too_large_to_be_unfolded_is_refused() -> None:
    large = file_of(Image.new("1", (9_000, 8_000)))
    with pytest.raises(RequestMalformed, match="more than 67,108,864 pixels"):
        areas(large)
