"""A picture has its Scene in it as long as it shows it."""

import io

import pytest
from PIL import Image

from seedbed.core.scene.form import IN_PNG, LONGEST, PIXELS, write_scene
from seedbed.core.scene.layers import Backdrop, Text
from seedbed.core.scene.measures import Box
from seedbed.core.scene.scene import Canvas, Scene, Shot
from seedbed.engines.drafting.carrying import carried, digest, has_room, written
from seedbed.kit.as_json import as_json
from seedbed.kit.media.orders import Picture
from seedbed.kit.media.workshop import Workshop
from tests.engines.drafting.long import LONG

SCENE = Scene(Canvas(64, 48), (Shot("only", layers=(Backdrop(id="ground"),)),))
DRAWN = Image.linear_gradient("L").resize((64, 48))
FORMS = pytest.mark.parametrize("form", ["png", "jpeg", "webp"])


async def plain(data: bytes) -> Image.Image:
    """As an engine is given it."""
    order = Picture(clear=True, texts=(IN_PNG, PIXELS))
    (piece,) = await Workshop().make(data, order)
    return Image.open(io.BytesIO(piece.picture))


@FORMS
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.anyio
async def test_what_was_drawn_is_known_after_it_was_made_plain(form: str, mode: str) -> None:
    image = DRAWN.convert(mode)
    if mode == "RGBA":
        image.putalpha(DRAWN)
    with await plain(written(image, SCENE, form)) as again:
        assert carried(again) == (SCENE, "")


@FORMS
@pytest.mark.anyio
async def test_a_spot_on_it_is_seen(form: str) -> None:
    with await plain(written(DRAWN.convert("RGB"), SCENE, form)) as again:
        red, green, blue = again.getpixel((5, 5))  # type: ignore[misc]
        again.putpixel((5, 5), (red, green, blue ^ 1))
        found, why = carried(again)
    assert found is None
    assert "painted over" in why


def test_a_picture_without_a_scene_is_another_and_that_is_nothing_to_tell() -> None:
    assert carried(DRAWN) == (None, "")


def test_a_long_scene_is_read_again() -> None:
    assert 3 << 19 < len(as_json(write_scene(LONG))) < LONGEST
    with Image.open(io.BytesIO(written(DRAWN, LONG, "png"))) as image:
        image.load()
        assert carried(image) == (LONG, "")


def test_what_a_file_weighs_besides_its_pixels_does_not_matter() -> None:
    assert (
        digest(DRAWN)
        == digest(DRAWN.convert("RGBA"))
        != digest(DRAWN.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    )


def test_a_jpeg_without_room_has_no_scene() -> None:
    text = Text(id="t", text="", name="n" * 200, box=Box(0, 0, 1, 1))
    layers = tuple(
        Text(id=f"t{place}", text="", name=text.name, box=text.box) for place in range(400)
    )
    large = Scene(Canvas(64, 48), (Shot("only", layers=layers),))
    assert (has_room(SCENE), has_room(large)) == (True, False)
    with Image.open(io.BytesIO(written(DRAWN, large, "jpeg"))) as image:
        assert "xmp" not in image.info
