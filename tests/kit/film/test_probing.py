"""A file is told what it is; what is none is refused with a reason."""

import struct
from pathlib import Path

import pytest

from seedbed.kit.film.about import About
from seedbed.kit.film.caption import Caption
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.mux import mux
from seedbed.kit.film.probing import probe
from tests.kit.film.made import NTSC, film, form, tone, unhurried
from tests.kit.media import made


def box(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(data)) + name + data


def empty() -> bytes:
    """An MP4 without a track."""
    header = bytes(12) + struct.pack(">II", 1000, 0) + bytes(80)
    return box(b"ftyp", b"isom\0\0\0\0isom") + box(b"moov", box(b"mvhd", header))


def test_a_film_with_sound_and_captions_is_told(tmp_path: Path) -> None:
    silent = film(tmp_path / "silent.mp4", range(30), form(fps=NTSC, depth=10))
    mux(silent, tmp_path / "whole", sound=[tone(1.0)], captions=[Caption(0, 1, "one")])
    assert probe(tmp_path / "whole") == About(
        "h264", 96, 64, NTSC, 30, 10, 1.001, "aac", 48_000, 2, 1
    )


def test_a_sound_without_pictures_is_told(tmp_path: Path) -> None:
    (tmp_path / "sound").write_bytes(made.sound())
    found = probe(tmp_path / "sound")
    assert (found.codec, found.frames, found.sound, found.channels) == ("", 0, "aac", 2)
    assert found.seconds > 1


def test_a_container_that_does_not_count_its_frames_is_gone_through(tmp_path: Path) -> None:
    assert probe(film(tmp_path / "film", range(7), form("vp9", "webm"))).frames == 7


def test_a_film_that_does_not_say_how_fast_it_goes_has_no_length(tmp_path: Path) -> None:
    found = probe(unhurried(tmp_path))
    assert (found.frames, found.fps, found.seconds) == (1, 0, 0.0)


def test_a_still_has_one_frame(tmp_path: Path) -> None:
    (tmp_path / "still").write_bytes(made.picture())
    assert probe(tmp_path / "still").frames == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it has no byte"),
        (b"no film", "it is damaged, or cut off"),
        (made.film(9)[:500], "it is damaged, or cut off"),
        (made.film(9)[:900], "written in a way that is not read here"),
        (b"WEBVTT\n\n00:00.000 --> 00:01.000\nWords.\n", "it is damaged, or cut off"),
        (empty(), "it holds neither pictures nor sound"),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "it is damaged, or cut off"),
    ],
)
def test_what_is_no_film_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(FilmFault, match=why):
        probe(tmp_path / "file")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FilmFault, match="it cannot be opened"):
        probe(tmp_path / "nothing")


def test_a_list_of_other_files_is_none_whatever_lies_beside_it(tmp_path: Path) -> None:
    film(tmp_path / "beside.mp4", range(5), form())
    (tmp_path / "list").write_text("ffconcat version 1.0\nfile beside.mp4\n")
    with pytest.raises(FilmFault, match="it is damaged"):
        probe(tmp_path / "list")
