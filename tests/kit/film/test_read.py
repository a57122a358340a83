"""The frames of a film come one by one, all of them or those of a span."""

from pathlib import Path

import pytest

from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.read import frames
from tests.kit.film.made import film, form
from tests.kit.media import made


def test_a_span_has_its_frames_and_no_other(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", range(40), form(key_every=10))
    whole = list(frames(path))
    span = list(frames(path, begin=0.5, end=1.0))
    assert [len(whole), len(span)] == [40, 15]
    assert all((one == other).all() for one, other in zip(span, whole[15:30], strict=True))


def test_reading_can_stop_at_any_frame(tmp_path: Path) -> None:
    coming = frames(film(tmp_path / "film.mp4", range(10)))
    assert next(coming).shape == (64, 96, 3)
    coming.close()  # type: ignore[attr-defined]


def test_a_film_that_breaks_off_says_where(tmp_path: Path) -> None:
    whole = bytearray(film(tmp_path / "film.mp4", range(40), form(key_every=5)).read_bytes())
    place = whole.index(b"mdat")
    whole[place + 1_200 : place + 2_600] = bytes(1_400)
    (tmp_path / "broken").write_bytes(whole)
    with pytest.raises(FilmFault, match=r"it breaks off after \d+ of 40 frames|it is damaged"):
        list(frames(tmp_path / "broken"))


def test_a_film_without_its_end_is_damaged(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", range(10))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FilmFault, match=r"breaks off after 0 of 10 frames|damaged"):
        list(frames(path))


def test_a_sound_has_no_frames(tmp_path: Path) -> None:
    (tmp_path / "sound").write_bytes(made.sound())
    with pytest.raises(FilmFault, match="it holds no pictures that are read here"):
        list(frames(tmp_path / "sound"))
