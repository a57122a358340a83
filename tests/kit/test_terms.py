"""Texts with the same words have the same terms."""

import pytest

from seedbed.kit.terms import terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The house, THE House", ["the", "house", "the", "house"]),
        ("snake_case v1.2", ["snake", "case", "v1", "2"]),
        ("\uff37\uff49\uff44\uff45 straße", ["wide", "strasse"]),
        ("图", ["图"]),
        ("用GPU训练", ["用", "gpu", "训练"]),
        ("...", []),
    ],
)
def test_a_term_is_a_word_or_a_pair_of_letters(text: str, found: list[str]) -> None:
    assert list(terms(text)) == found
