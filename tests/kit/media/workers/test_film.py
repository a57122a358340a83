"""A film gives frames at their moments, as many and as large as was ordered."""

import struct

import pytest

from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Film, Piece
from seedbed.kit.media.sizes import PIXELS_PER_TOKEN
from seedbed.kit.media.workers.film import sampled
from tests.kit.media.made import film, opened, sound


def moments(pieces: list[Piece]) -> list[float]:
    return [round(piece.at, 2) for piece in pieces if not piece.is_last]


@pytest.mark.parametrize(
    ("container", "codec", "demuxer"),
    [
        ("mp4", "mpeg4", "mov"),
        ("mov", "mpeg4", "mov"),
        ("matroska", "mpeg4", "matroska"),
        ("avi", "mpeg4", "avi"),
        ("flv", "flv", "flv"),
        ("mpegts", "mpeg2video", "mpegts"),
    ],
)
def test_each_container_gives_a_frame_a_second(container: str, codec: str, demuxer: str) -> None:
    pieces = sampled(film(75, 25, container=container, codec=codec), Film(demuxer))
    assert moments(pieces) == [0.0, 1.0, 2.0]
    assert opened(pieces[0].picture).size == (64, 48)


def test_frames_show_what_was_there_at_their_moment() -> None:
    pieces = sampled(film(50, 10), Film("mov"))
    greys = [opened(piece.picture).convert("L").getpixel((30, 20)) for piece in pieces]
    for grey, expected in zip(greys, (0, 50, 100, 150, 200), strict=True):
        assert isinstance(grey, int)
        assert abs(grey - expected) < 8


def test_a_film_that_was_held_upright_is_shown_upright() -> None:
    whole = bytearray(film(2, is_half_white=True))
    place = whole.find(b"tkhd") + 44
    whole[place : place + 20] = struct.pack(">5i", 0, 1 << 16, 0, -(1 << 16), 0)  # to the right
    (piece,) = sampled(bytes(whole), Film("mov"))
    shown = opened(piece.picture).convert("L")
    assert shown.size == (48, 64)
    top, bottom = (shown.getpixel((24, height)) for height in (8, 56))
    assert isinstance(top, int)
    assert isinstance(bottom, int)
    assert top > 240
    assert bottom < 16


def test_more_frames_than_are_wanted_are_spread_over_all_of_the_film() -> None:
    pieces = sampled(film(50, 10), Film("mov", fps=5, frames=4))
    assert moments(pieces) == [0.0, 1.3, 2.6, 3.9]


@pytest.mark.slow
def test_a_film_of_hours_is_looked_at_here_and_there() -> None:
    pieces = sampled(film(5_000, 1), Film("mov", frames=5))
    assert moments(pieces) == [0.0, 1000.0, 2000.0, 3000.0, 4000.0]


def test_moments_are_those_of_the_frames_and_not_their_count() -> None:
    at = (0, 1, 2, 30, 31, 70, 71, 72)
    pieces = sampled(film(8, 10, container="matroska", moments=at), Film("matroska", fps=1))
    assert moments(pieces) == [0.0, 3.0, 7.0]


def test_a_film_of_unknown_length_is_thinned_out() -> None:
    live = film(100, 10, container="matroska", is_live=True)
    pieces = sampled(live, Film("matroska", fps=5, frames=6))
    assert moments(pieces) == [0.0, 3.2, 6.4, 9.6]


@pytest.mark.slow
def test_frames_are_as_large_as_their_tokens_allow() -> None:
    whole = film(50, 10, size=(640, 480))
    pieces = sampled(whole, Film("mov", tokens=200, least_tokens=16, most_tokens=128))
    for piece in pieces:
        width, height = opened(piece.picture).size
        assert width * height <= 200 // len(pieces) * PIXELS_PER_TOKEN
        assert abs(width / height - 4 / 3) < 0.05


def test_a_film_that_breaks_off_gives_what_came_before() -> None:
    whole = film(100, 10, container="matroska", size=(160, 120))
    pieces = sampled(whole[: len(whole) // 2], Film("matroska"))
    assert 0 < len(moments(pieces)) < 10


def test_damage_within_a_film_is_told_at_its_end() -> None:
    whole = bytearray(film(100, 10))
    whole[3_000:4_000] = b"\xff" * 1_000
    pieces = sampled(bytes(whole), Film("mov"))
    assert [piece.is_last for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert 1 < len(moments(pieces)) < 10


@pytest.mark.parametrize(
    ("data", "container", "why"),
    [
        (b"", "mov", "it is damaged"),
        (b"\0\0\0\x18ftypmp42", "mov", "it is damaged"),
        (film(9)[:500], "mov", "it is damaged"),
        (film(9)[:900], "mov", "written in a way that is not read here"),
        (b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n", "mov", "it is damaged"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "matroska", "it is damaged"),
        (sound(), "mov", "it holds no pictures"),
    ],
)
def test_what_is_no_film_is_refused(data: bytes, container: str, why: str) -> None:
    with pytest.raises(MediumFault, match=why):
        sampled(data, Film(container))


def test_a_film_of_too_large_pictures_is_refused_before_one_is_unfolded() -> None:
    with pytest.raises(MediumFault, match="640 x 480 pixels, and 100,000 is the most"):
        sampled(film(2, size=(640, 480)), Film("mov", most_source=100_000))
