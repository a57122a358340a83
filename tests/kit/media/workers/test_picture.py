"""Every picture becomes a plain one, and none is unfolded that is too large."""

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Picture
from seedbed.kit.media.workers.picture import made_plain
from tests.kit.media.made import opened, picture

SIDEWAYS = 6
"""How EXIF says that a picture is to be turned to the right."""


def plain(data: bytes, order: Picture = Picture()) -> Image.Image:  # noqa: B008 - it is frozen
    (piece,) = made_plain(data, order)
    return opened(piece.picture)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_every_kind_becomes_opaque_and_has_three_colours(kind: str, mode: str) -> None:
    try:
        data = picture(mode=mode, kind=kind)
    except (OSError, ValueError):
        return  # there is no such picture
    made = plain(data)
    assert (made.mode, made.size) == ("RGB", (40, 30))
    assert made.format == ("JPEG" if kind in {"JPEG", "WEBP"} else "PNG")


def test_what_was_transparent_lies_on_white() -> None:
    clear = plain(picture(mode="RGBA", colour=(255, 0, 0, 0)))
    half = plain(picture(mode="LA", colour=(0, 128)))
    assert clear.getpixel((0, 0)) == (255, 255, 255)
    assert half.getpixel((0, 0)) == (127, 127, 127)


def test_sixteen_bits_of_grey_become_eight() -> None:
    assert plain(picture(mode="I;16", colour=0x8000)).getpixel((0, 0)) == (128, 128, 128)


def test_a_picture_that_lies_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    assert plain(picture(kind="JPEG", exif=exif)).size == (30, 40)


def test_of_a_picture_that_moves_the_first_frame_is_taken() -> None:
    red, blue = (Image.new("RGB", (9, 9), colour) for colour in ("red", "blue"))
    for kind in ("GIF", "WEBP", "PNG"):
        written = io.BytesIO()
        red.save(written, kind, save_all=True, append_images=[blue])
        colour = plain(written.getvalue()).getpixel((4, 4))
        assert isinstance(colour, tuple)
        assert colour[0] > 250
        assert colour[2] < 5


def test_nothing_is_left_of_what_was_written_beside_a_picture() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    (piece,) = made_plain(picture(kind="JPEG", exif=exif), Picture())
    assert b"where I live" not in piece.picture


@settings(max_examples=20)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 200))
def test_whatever_size_it_has_it_fits(width: int, height: int, side: int) -> None:
    made = plain(picture((width, height), kind="JPEG"), Picture(side=side, pixels=10_000))
    assert max(made.size) <= side
    assert made.width * made.height <= 10_000


def test_a_small_one_grows_to_the_fewest_pixels() -> None:
    assert plain(picture((10, 10)), Picture(fewest=400)).size == (20, 20)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says that it is so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(9))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def test_a_bomb_is_refused_by_its_size_before_it_is_unfolded() -> None:
    with pytest.raises(MediumFault, match="100,000 x 100,000 pixels, and 50,000,000 is the most"):
        made_plain(bomb(100_000, 100_000), Picture())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no PNG, JPEG"),
        (b"\x89PNG\r\n\x1a\n", "no PNG, JPEG"),
        (picture(kind="TIFF"), "no PNG, JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG, JPEG"),
        (picture()[:-30], "it is damaged"),
        (picture((400, 300), kind="JPEG")[:700], "it is damaged"),
        (bomb(100, 100), "it is damaged"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MediumFault, match=why):
        made_plain(data, Picture())


@settings(max_examples=100)
@given(st.data())
def test_no_damage_does_more_than_that(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WEBP"]))
    whole = bytearray(picture((20, 20), kind=kind))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(MediumFault):
        (piece,) = made_plain(bytes(whole), Picture(most_source=10_000))
        assert opened(piece.picture).mode == "RGB"
