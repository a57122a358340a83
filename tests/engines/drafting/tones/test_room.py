"""A room: what comes back, and that seconds hang together."""

import numpy as np

from seedbed.engines.drafting.tones.instruments import RATE
from seedbed.engines.drafting.tones.room import Room


def clap(count: int = RATE) -> np.ndarray:
    block = np.zeros((2, count), np.float32)
    block[:, 0] = 1
    return block


def test_a_clap_comes_back_later_and_dies_away() -> None:
    room = Room(0.5)
    first = room.heard(clap())
    second = room.heard(np.zeros((2, RATE), np.float32))
    assert (first[:, 0] >= 0.99).all()
    assert not np.abs(first[:, 1 : round(0.017 * RATE)]).max() > 1e-5
    loud = [np.abs(part).mean() for part in np.array_split(first[:, RATE // 50 :], 5, axis=1)]
    assert loud == sorted(loud, reverse=True)
    assert 0 < np.abs(second).mean() < loud[-1]
    assert not np.allclose(first[0], first[1])


def test_blocks_of_any_length_are_one_sound() -> None:
    chance = np.random.default_rng(1)
    given = chance.normal(0, 0.1, (2, RATE)).astype(np.float32)
    whole = Room(0.4).heard(given)
    room = Room(0.4)
    parts = [room.heard(given[:, begin:end]) for begin, end in ((0, 9_000), (9_000, RATE))]
    assert np.allclose(np.concatenate(parts, axis=1), whole, atol=1e-5)
