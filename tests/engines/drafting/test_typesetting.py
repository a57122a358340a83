"""What typst is told of a text."""

import pytest

from seedbed.core.scene.layers import Type
from seedbed.engines.drafting.typesetting import OUTLINE, PLATE, is_backwards, ordered


def test_nothing_of_a_text_is_left_out_and_its_ends_are_no_lines() -> None:
    order = ordered("\na\tb\n\n#c *d*\n", Type(), ("Noto Sans",), {})
    assert order["lines"] == [["a    b"], [""], ["#c *d*"]]


def test_words_are_what_is_not_broken() -> None:
    order = ordered("well-known 你好 x", Type(), (), {})
    assert order["words"] == ["known", "well-", "x"]


def test_pictures_stand_where_their_characters_were() -> None:
    order = ordered("a🦊\ufe0fb", Type(), (), {"🦊": "<svg/>"})
    assert order["lines"] == [["a", {"picture": "<svg/>"}, "b"]]


def test_a_plate_and_an_outline_have_their_room() -> None:
    order = ordered("a", Type(plate="#000000", outline="#ffffff"), (), {})
    assert order["pad"] == [PLATE[0] + OUTLINE, PLATE[1] + OUTLINE]


@pytest.mark.parametrize(
    ("text", "is_tall"), [("Abc, 你好", False), ("é", False), ("É", True), ("नम", True)]
)
def test_what_reaches_far_has_its_room(text: str, *, is_tall: bool) -> None:
    assert (ordered(text, Type(), (), {})["top"] == 1.07) is is_tall


def test_a_text_is_read_as_its_first_letter_is() -> None:
    assert is_backwards("1: שלום world")
    assert not is_backwards("world שלום")
    assert not is_backwards("123")
