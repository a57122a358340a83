"""What notes sound like: at their height, without a jump, on their side."""

import numpy as np
import pytest

from seedbed.engines.drafting.tones.instruments import INSTRUMENTS, RATE
from seedbed.engines.drafting.tones.score import Note

TUNED = sorted(set(INSTRUMENTS) - {"kick", "drum", "shaker", "brush"})


@pytest.mark.parametrize("voice", INSTRUMENTS)
@pytest.mark.parametrize("seconds", [0.01, 0.4, 2.0])
def test_a_note_begins_and_ends_softly(voice: str, seconds: float) -> None:
    heard = INSTRUMENTS[voice](Note(voice, 1.25, seconds, 60, 0.3))
    assert heard.shape[0] == 2
    assert np.abs(heard[:, [0, -1]]).max() < 0.003
    assert np.abs(heard).max() < 0.5


@pytest.mark.parametrize("voice", TUNED)
def test_a_note_is_at_its_height(voice: str) -> None:
    heard = INSTRUMENTS[voice](Note(voice, 0, 2, 69, 0.3)).mean(axis=0)
    spectrum = np.abs(np.fft.rfft(heard[: 2 * RATE]))
    assert spectrum.argmax() / 2 == pytest.approx(440, abs=2)


@pytest.mark.parametrize("place", [-0.8, 0.0, 0.8])
def test_a_note_is_heard_where_it_is(place: float) -> None:
    left, right = np.abs(INSTRUMENTS["harp"](Note("harp", 0, 1, 60, 0.3, place))).sum(axis=1)
    assert np.sign(np.round(right - left, 3)) == np.sign(place)
