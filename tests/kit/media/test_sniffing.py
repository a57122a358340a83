"""What a medium is is told by its own first bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.media.sniffing import media_type_of
from tests.kit.media.made import document, film, picture, sound


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture(), "image/png"),
        (picture(kind="JPEG"), "image/jpeg"),
        (picture(kind="GIF", mode="P"), "image/gif"),
        (picture(kind="BMP"), "image/bmp"),
        (picture(kind="WEBP"), "image/webp"),
        (picture(kind="TIFF"), "image/tiff"),
        (film(2), "video/mp4"),
        (film(2, container="mov"), "video/quicktime"),
        (film(2, container="matroska"), "video/x-matroska"),
        (film(2, container="avi"), "video/x-msvideo"),
        (film(2, container="flv", codec="flv"), "video/x-flv"),
        (film(9, 25, container="mpegts", codec="mpeg2video"), "video/mp2t"),
        (document("x"), "application/pdf"),
        (b"\n" * 99 + document("x"), "application/pdf"),
        (b"RIFF....WAVEfmt ", "audio/wav"),
        (b"RIFF....????", ""),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x18ftypavif", "image/avif"),
        ("Grüße.".encode(), "text/plain"),
        (b"BMW and BMX", "text/plain"),
        (b"G" * 999, "video/mp2t"),
        (b"\x00\x01", ""),
        (b"\xff\xfe", ""),
        (b"", ""),
    ],
)
def test_a_kind_is_told(data: bytes, kind: str) -> None:
    assert media_type_of(data) == kind


def test_a_container_of_films_is_one_even_if_it_holds_a_tone_alone() -> None:
    assert media_type_of(sound()) == "video/mp4"


@given(st.binary(max_size=600))
def test_no_bytes_are_too_strange_to_be_told_apart(data: bytes) -> None:
    assert "/" in media_type_of(data) or not media_type_of(data)
