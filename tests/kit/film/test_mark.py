"""A mark is not seen, is found again after what happens to pictures, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from seedbed.kit.film.encode import Encoder
from seedbed.kit.film.errors import FilmFault
from seedbed.kit.film.form import Form
from seedbed.kit.film.mark import put, read
from seedbed.kit.film.pictures import Frame
from seedbed.kit.film.read import frames
from tests.kit.film.moving import alike, ground, poster, sky

PAYLOAD = 0xDEAD_BEEF_1234_5678
SIZE = (960, 540)
PICTURES = {"poster": poster(*SIZE), "rough": ground(*SIZE), "sky": sky(*SIZE)}


def jpeg(frame: Frame, quality: int = 80) -> Frame:
    told = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.array(cv2.imdecode(told, cv2.IMREAD_COLOR), np.uint8)


def sized(frame: Frame, share: float) -> Frame:
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_LANCZOS4
    return cv2.resize(frame, None, fx=share, fy=share, interpolation=way).astype(np.uint8)


def cut(frame: Frame, left: float, right: float, top: float, bottom: float) -> Frame:
    height, width = frame.shape[:2]
    rows = slice(round(top * height), round(height - bottom * height))
    return np.ascontiguousarray(frame[rows, round(left * width) : round(width - right * width)])


CHANGES: dict[str, Callable[[Frame], Frame]] = {
    "as it was": lambda frame: frame,
    "JPEG": jpeg,
    "half as large": lambda frame: sized(frame, 0.5),
    "larger by half": lambda frame: sized(frame, 1.5),
    "half as large, as JPEG": lambda frame: jpeg(sized(frame, 0.5)),
    "cut at all sides": lambda frame: cut(frame, 0.05, 0.05, 0.05, 0.05),
    "cut unevenly": lambda frame: cut(frame, 0.05, 0.013, 0.0, 0.037),
    "cut, as JPEG": lambda frame: jpeg(cut(frame, 0.02, 0.05, 0.04, 0.01)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("change", CHANGES)
def test_a_mark_is_found_again(name: str, change: str) -> None:
    found = read(CHANGES[change](put(PICTURES[name], PAYLOAD)))
    assert found is not None
    assert found.payload == PAYLOAD
    assert 0 < found.sure <= 1


@pytest.mark.parametrize("name", PICTURES)
def test_a_mark_is_not_seen(name: str) -> None:
    assert alike(put(PICTURES[name], PAYLOAD), PICTURES[name]) >= 42


def test_plain_areas_are_changed_less() -> None:
    marked = {name: alike(put(PICTURES[name], PAYLOAD), PICTURES[name]) for name in PICTURES}
    assert marked["sky"] > marked["rough"] + 1


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_a_mark_outlives_a_film(name: str, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with Encoder(path, Form(*SIZE, quality=23)) as encoder:
        for _ in range(4):
            encoder.write(put(PICTURES[name], PAYLOAD))
    for frame in frames(path):
        found = read(frame)
        assert found is not None
        assert found.payload == PAYLOAD


@pytest.mark.slow
def test_no_mark_is_found_where_there_is_none() -> None:
    for seed in range(200):
        kind = (poster, ground)[seed % 2]
        assert read(kind(384, 216, seed=seed)) is None


@pytest.mark.slow
def test_plain_pictures_have_no_mark() -> None:
    for level in (0, 128, 255):
        assert read(np.full((120, 160, 3), level, np.uint8)) is None
    assert read(PICTURES["poster"], is_cut=False) is None


def test_a_payload_may_be_bytes() -> None:
    found = read(put(PICTURES["sky"], PAYLOAD.to_bytes(8)), is_cut=False)
    assert found is not None
    assert found.payload == PAYLOAD


@pytest.mark.parametrize("payload", [1 << 64, -1, b"nine byte"])
def test_what_does_not_fit_is_refused(payload: int | bytes) -> None:
    with pytest.raises(FilmFault, match="a mark has 64 bits"):
        put(PICTURES["sky"], payload)
