"""What a tile carries is heard as it was said, and through noise; and nothing is heard in noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from seedbed.kit.film import code

PAYLOADS = st.integers(0, (1 << 64) - 1)


def waves(tile: NDArray[np.float32], places: NDArray[np.intp]) -> code.Waves:
    heard = np.fft.fft2(tile)[places[:, 0], places[:, 1]]
    return (heard / np.abs(heard)).astype(np.complex64)


@given(PAYLOADS)
def test_what_is_said_is_heard(payload: int) -> None:
    tile = code.tile(payload)
    heard = code.said(waves(tile, code.SAYING), 0, 0)
    assert heard is not None
    assert heard[0] == payload
    assert heard[1] > 0.99


@given(PAYLOADS, st.integers(0, 127), st.integers(0, 127))
def test_a_tile_that_was_moved_is_found_where_it_is(payload: int, down: int, across: int) -> None:
    moved = np.roll(code.tile(payload), (down, across), (0, 1))
    clear, row, column = code.begins(waves(moved, code.KNOWN), 256)
    assert (row, column) == (down, across)
    assert clear > 20
    heard = code.said(waves(moved, code.SAYING), row, column)
    assert heard is not None
    assert heard[0] == payload


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_noise_that_is_louder_than_the_tile_is_borne(noise: float) -> None:
    chance = np.random.default_rng(3)
    heard = code.tile(77) + chance.normal(0, noise, (128, 128)).astype(np.float32)
    found = code.said(waves(heard, code.SAYING), 0, 0)
    assert found is not None
    assert found[0] == 77


@pytest.mark.slow
def test_nothing_is_heard_in_noise() -> None:
    chance = np.random.default_rng(4)
    for _ in range(300):
        rough = chance.normal(0, 1, (128, 128)).astype(np.float32)
        assert code.said(waves(rough, code.SAYING), 0, 0) is None
        assert code.begins(waves(rough, code.KNOWN), 64)[0] < 6


@pytest.mark.slow
def test_words_of_the_code_differ_in_eight_places_at_least() -> None:
    book = code.words()
    alike = book @ book.T
    np.fill_diagonal(alike, 0)
    assert alike.max() == 24 - 2 * 8
