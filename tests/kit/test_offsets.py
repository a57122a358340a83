"""Pieces of a text, and where they begin and end."""

from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.offsets import offsets


def test_each_piece_goes_on_where_the_last_one_ended() -> None:
    assert offsets("one two", [b"one", b" tw", b"o"]) == ((0, 3), (3, 6), (6, 7))


def test_parts_of_a_letter_go_over_the_whole_of_it() -> None:
    assert offsets("aöb", [b"a\xc3", b"\xb6b"]) == ((0, 2), (1, 3))


def test_a_piece_of_nothing_stands_at_one_place() -> None:
    assert offsets("ab", [b"a", b"", b"b"]) == ((0, 1), (1, 1), (1, 2))


def test_nothing_is_told_of_pieces_that_are_not_the_text() -> None:
    assert offsets("One", [b"one"]) == ()
    assert offsets("One", []) == ()
    assert offsets("", []) == ()


@given(st.lists(st.text(min_size=1)))
def test_whole_letters_are_found_again_by_where_they_are(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = offsets(text, [piece.encode() for piece in pieces])
    assert [text[begin:end] for begin, end in found] == pieces
