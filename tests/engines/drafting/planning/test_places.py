"""Where and when it is, found in long texts as in short ones."""

from collections.abc import Callable

import pytest

from seedbed.engines.drafting.planning import places
from seedbed.engines.drafting.planning.places import setting
from seedbed.engines.drafting.words import Noun, Words, read_words

WORDS = read_words()


class Counted:
    """The rule of whether a phrase is a part of a thing's name, with how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._rule: Callable[[object, Noun, str], bool] = getattr(places, "_is_thing")  # noqa: B009 - it is not ours

    def __call__(self, found: object, noun: Noun, text: str) -> bool:
        self.asked += 1
        return self._rule(found, noun, text)


def test_a_phrase_is_held_against_the_things_that_share_letters_with_it_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = Counted()
    monkeypatch.setattr(places, "_is_thing", counted)
    for times in (10, 1_000):
        counted.asked = 0
        assert len(Words.nouns(WORDS, "猫在海边跑步" * times)) == times
        assert setting("猫在海边跑步" * times, WORDS)[1].ground == "beach"
        assert counted.asked <= times


def test_a_place_in_the_name_of_a_thing_is_none() -> None:
    assert setting("a snowman", WORDS)[1].weather is None
    assert setting("a sea lion", WORDS)[1].ground is None
