"""What made a file is signed into it, and read from it; and what was changed since is seen."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from seedbed.kit.film.claims import Claims
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.probing import probe
from seedbed.kit.film.provenance import Signer, read
from tests.kit.film.made import film, form

CLAIMS = Claims("海边的猫", "Seedbed draft", ("drawn", "interpolated", "upscaled"))
KINDS = ("png", "jpg", "webp", "mp4", "gif")


def file(folder: Path, kind: str) -> Path:
    path = folder / f"it.{kind}"
    if kind == "mp4":
        return film(path, range(3))
    if kind == "gif":
        return film(path, range(3), form("gif", "gif", fps=25))
    chance = np.random.default_rng(1)
    assert cv2.imwrite(str(path), chance.integers(0, 255, (48, 64, 3), np.uint8))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_signed_is_read(kind: str, tmp_path: Path) -> None:
    path = file(tmp_path, kind)
    assert read(path) is None
    Signer.local(tmp_path / "signer").sign(path, CLAIMS)
    told = read(path)
    assert told is not None
    assert told.title == "海边的猫"
    assert told.made_by == "Seedbed draft"
    assert told.actions == ("c2pa.created", "c2pa.edited", "c2pa.resized")
    assert told.origin == "algorithmicMedia"
    assert told.signed_by == "Seedbed"
    assert told.is_whole
    assert sorted(one.name for one in tmp_path.iterdir()) == [path.name, "signer"]


def test_a_film_that_is_signed_is_still_a_film(tmp_path: Path) -> None:
    path = file(tmp_path, "mp4")
    before = probe(path)
    Signer.local(tmp_path).sign(path, CLAIMS)
    assert probe(path) == before


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_changed_since_is_seen(kind: str, tmp_path: Path) -> None:
    path = file(tmp_path, kind)
    Signer.local(tmp_path).sign(path, CLAIMS)
    data = bytearray(path.read_bytes())
    data[-40] ^= 0xFF
    path.write_bytes(data)
    told = read(path)
    assert told is not None
    assert not told.is_whole


def test_kinds_that_hold_no_claims_are_refused(tmp_path: Path) -> None:
    signer = Signer.local(tmp_path)
    for name in ("film.webm", "film"):
        with pytest.raises(FilmFault, match="holds no claims"):
            signer.sign(tmp_path / name, CLAIMS)
    with pytest.raises(FilmFault, match=r"a file of \.webm holds no claims"):
        read(tmp_path / "film.webm")


def test_a_file_that_is_none_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "it.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"no picture" * 9)
    before = path.read_bytes()
    with pytest.raises(FilmFault, match="it cannot be signed"):
        Signer.local(tmp_path / "signer").sign(path, CLAIMS)
    assert path.read_bytes() == before
    with pytest.raises(FilmFault, match="what it says of itself is damaged"):
        read(path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["it.png", "signer"]
