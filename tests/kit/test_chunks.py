"""A text is cut where something ends, and nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.chunks import cut


def test_a_short_text_is_one_piece() -> None:
    assert cut("  One.  ", 100, 50) == ["One."]


def test_nothing_is_no_piece() -> None:
    assert cut(" \n ", 100) == []


def test_a_paragraph_goes_before_a_sentence_and_a_sentence_before_a_word() -> None:
    first = "a" * 76
    assert cut(f"{first}\n\nb. c d e f g h i j k l m n o p", 100)[0] == first
    assert cut(f"{first}. b c d e f g h i j k l m n o p", 100)[0] == f"{first}."
    assert cut(f"{first} bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 100)[0] == first


def test_chinese_is_cut_at_its_own_full_stops() -> None:
    assert cut("很好。" * 20, 100) == ["很好。" * 11, "很好。" * 9]


@pytest.mark.parametrize("letter", ["x", "语", "😀"])
def test_no_letter_is_cut_through(letter: str) -> None:
    pieces = cut(letter * 100, 50)
    assert "".join(pieces) == letter * 100
    assert all(len(piece.encode()) <= 50 for piece in pieces)


def test_pieces_overlap_from_a_sentence_on() -> None:
    pieces = cut("One is one. Two is two. Three is three. Four is four.", 30, 15)
    assert pieces[0].endswith("Two is two.")
    assert pieces[1].startswith("Two is two.")


@pytest.mark.parametrize("letter", ["x", "语", "😀"])
def test_what_has_no_ends_overlaps_all_the_same(letter: str) -> None:
    size = len(letter.encode())
    first, second, *_ = cut(letter * 100, 40, 20)
    assert len(first) + len(second) > 60 // size
    assert len(first) == 40 // size


@given(st.text(max_size=2_000), st.integers(16, 300), st.floats(0, 0.5))
def test_every_word_is_in_a_piece_and_there_are_not_many_more(
    text: str, most: int, share: float
) -> None:
    pieces = cut(text, most, int(most * share))
    assert all(0 < len(piece.encode()) <= most for piece in pieces)
    assert len(pieces) <= 1 + 4 * len(text.encode()) / (most - 12)
    assert set("".join(pieces).split()) or not text.split()
