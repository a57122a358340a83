"""Words where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.engines.drafting.lexicon import Lexicon, Vocabulary, cut

KNOWN = Lexicon(
    Vocabulary(
        nouns={"cat": "cat", "cat food": "tin", "猫": "cat", "orange": "tangerine"},
        plurals={"cats": "cat"},
        colours={"orange": "#ff8a00", "dark blue": "#004590", "红": "#e53935"},
        verbs=("cat",),
        other=("熊猫",),
    )
)


def told(sentence: str) -> list[tuple[str, str]]:
    return [(sentence[item.start : item.end], item.sense.role) for item in KNOWN.read(sentence)]


def test_the_longest_term_is_taken() -> None:
    assert told("cat food, cat") == [("cat food", "noun"), (",", "stop"), ("cat", "noun")]


def test_chinese_is_read_without_spaces_and_beside_english() -> None:
    assert told("三只红cat") == [
        ("三", "number"),
        ("只", "measure"),
        ("红", "colour"),
        ("cat", "noun"),
    ]


def test_a_chinese_word_hides_the_names_in_it() -> None:
    assert told("熊猫") == [("熊猫", "other")]


def test_case_hyphens_and_line_breaks_do_not_matter() -> None:
    assert cut("Dark-\nBLUE") == cut("dark blue")
    assert cut("cat’s") == cut("cat's") == ("cat", "'s")  # noqa: RUF001 - as printers write


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("three", 3), ("twenty-five", 25), ("7", 7), ("a pair of", 2), ("no", 0)),
        *(("十", 10), ("二十三", 23), ("两", 2), ("没有", 0)),
    ],
)
def test_numbers_are_read_in_both(text: str, number: int) -> None:
    [item] = KNOWN.read(text)
    assert item.sense.number == number


def test_endless_digits_are_no_number() -> None:
    assert told("9" * 5000) == [("9" * 5000, "stop")]


@pytest.mark.parametrize(("text", "colour"), [("#FA0", "#ffaa00"), ("#12abEF", "#12abef")])
def test_colours_are_read_in_hexadecimal(text: str, colour: str) -> None:
    [item] = KNOWN.read(text)
    assert item.sense.colour == colour


def test_a_word_may_be_noun_and_colour_and_verb() -> None:
    orange, cat = KNOWN.sense("orange"), KNOWN.sense("cat")
    assert orange is not None
    assert (orange.concept, orange.colour) == ("tangerine", "#ff8a00")
    assert cat is not None
    assert cat.verb
    assert KNOWN.sense("dog") is None


@given(st.text())
def test_items_stand_in_order_within_the_sentence(sentence: str) -> None:
    end = 0
    for item in KNOWN.read(sentence):
        assert end <= item.start < item.end <= len(sentence)
        end = item.end
