"""What is asked of voices and listeners is bounded before it is made."""

from dataclasses import replace

from seedbed.core.feature import Feature
from seedbed.core.sound import LONGEST_HEARD, ListenAsk, SpeechAsk, milliseconds

SPEECH = SpeechAsk("m", "a barn", "ann")
HEARING = ListenAsk("m", b"RIFF", prompt="a tale")


def test_each_ask_needs_what_it_is_about() -> None:
    assert SPEECH.needs == {Feature.SPEECH}
    assert HEARING.needs == {Feature.LISTENING}


def test_speech_is_bounded_by_its_letters_and_how_fast_they_are_said() -> None:
    assert SPEECH.most_sound == 7_000
    assert replace(SPEECH, speed=0.5).most_sound == 2 * SPEECH.most_sound
    assert SPEECH.most_output == 0
    assert replace(SPEECH, instructions="softly").most_input == SPEECH.most_input + 6


def test_what_is_heard_is_bounded_by_its_length_once_that_is_known() -> None:
    assert HEARING.most_sound == 1_000 * LONGEST_HEARD
    known = replace(HEARING, length=1_001)
    assert (known.most_sound, known.most_output) == (1_001, 2 * 16 + 64)
    assert known.most_input == len("a tale") + 64


def test_a_length_is_told_in_milliseconds() -> None:
    assert milliseconds(32_000, 16_000) == 1_000
