"""Pictures fit, and films are spread over what they may cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.media.sizes import PIXELS_PER_TOKEN, Frame, Sampling, fitted

LENGTH = st.integers(1, 100_000)


@given(LENGTH, LENGTH, st.integers(1, 5_000), st.integers(1, 10_000_000), st.integers(0, 10_000))
def test_whatever_size_fits(width: int, height: int, side: int, pixels: int, fewest: int) -> None:
    wide, high = fitted(width, height, Frame(side, pixels, fewest))
    assert 1 <= wide <= side
    assert 1 <= high <= side
    assert wide * high <= max(pixels, side)  # a line is never less than a pixel wide


@pytest.mark.parametrize(
    ("frame", "size"),
    [
        (Frame(2048, 10_000_000), (400, 300)),
        (Frame(200, 10_000_000), (200, 150)),
        (Frame(2048, 30_000), (200, 150)),
        (Frame(2048, 10_000_000, 480_000), (800, 600)),
        (Frame(600, 10_000_000, 480_000), (600, 450)),
    ],
)
def test_proportions_are_kept(frame: Frame, size: tuple[int, int]) -> None:
    assert fitted(400, 300, frame) == size


def test_a_short_film_gives_as_many_frames_as_were_asked_for() -> None:
    assert Sampling(fps=2).step(4) == 0.5
    assert Sampling(fps=2).step(0) == 0.5


def test_a_long_film_gives_fewer_frames_a_second() -> None:
    assert Sampling(fps=2, frames=10).step(100) == 10


def test_frames_are_as_large_as_their_tokens_allow() -> None:
    sampling = Sampling(frames=100, tokens=1_000, least_tokens=100, most_tokens=300)
    assert sampling.most == 10
    counts = [sampling.pixels(count) // PIXELS_PER_TOKEN for count in (1, 5, 10)]
    assert counts == [300, 200, 100]


def test_one_frame_may_cost_more_than_there_is() -> None:
    assert Sampling(tokens=1).most == 1
