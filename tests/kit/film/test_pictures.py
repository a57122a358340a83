"""What a codec is given is the frame, to within a level of the exact value in BT.709."""

import numpy as np
import pytest
from av.video.frame import VideoFrame

from seedbed.kit.film.form import Form
from seedbed.kit.film.pictures import taking
from tests.kit.film.made import form

LUMA = np.array([0.2126, 0.7152, 0.0722])


def exact(frame: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Brightness and the two colours by the book, the colours of four pixels taken together."""
    plain = frame / 255
    bright = plain @ LUMA
    blue, red = (plain[..., 2] - bright) / 1.8556, (plain[..., 0] - bright) / 1.5748
    height, width = bright.shape
    halved = [
        (colour * 224 + 128).reshape(height // 2, 2, width // 2, 2).mean((1, 3))
        for colour in (blue, red)
    ]
    return bright * 219 + 16, halved[0], halved[1]


def planes(picture: VideoFrame) -> list[np.ndarray]:
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : plane.width]  # type: ignore[call-overload]
        for plane in picture.planes
    ]


@pytest.mark.parametrize("size", [(96, 64), (94, 66), (2, 2)])
def test_any_frame_is_within_a_level_of_the_exact_value(size: tuple[int, int]) -> None:
    width, height = size
    frame = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    picture = taking(Form(width, height))(frame)
    for got, wanted in zip(planes(picture), exact(frame), strict=True):
        assert got.shape == wanted.shape
        assert np.abs(got - wanted).max() < 1


def test_a_frame_that_lies_scattered_in_memory_is_the_same_frame() -> None:
    frame = np.random.default_rng(7).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    for depth in (8, 10):
        take = taking(form(depth=depth))
        turned = [bytes(plane) for plane in take(frame[:, ::-1][::-1]).planes]
        copied = [bytes(plane) for plane in take(frame[:, ::-1][::-1].copy()).planes]
        assert turned == copied


@pytest.mark.parametrize("depth", [8, 10])
def test_a_picture_says_which_colours_it_is_in(depth: int) -> None:
    picture = taking(form(depth=depth))(np.zeros((64, 96, 3), np.uint8))
    tags = (picture.colorspace, picture.color_primaries, picture.color_trc, picture.color_range)
    assert tags == (1, 1, 1, 1)
