"""BERT's own rules for words, each with what it does to one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.engines.workers.wordpiece import WordPiece

PIECES = [
    *("[UNK]", "[CLS]", "[SEP]", "un", "##want", "##ed", "runn", "##ing", "café", "cafe"),
    *("天", "气", ",", "$", "H", "##x", "x"),
]
WORDS = WordPiece(PIECES, lower=True)


def pieces(text: str, words: WordPiece = WORDS) -> list[str]:
    ids = words.encode(text, question=True)
    assert not ids or (PIECES[ids[0]], PIECES[ids[-1]]) == ("[CLS]", "[SEP]")
    return [PIECES[id_] for id_ in ids[1:-1]]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("unwanted running", ["un", "##want", "##ed", "runn", "##ing"]),
        ("UNWANTED", ["un", "##want", "##ed"]),
        ("unwantedX!", ["un", "##want", "##ed", "##x", "[UNK]"]),
        ("Café", ["cafe"]),
        ("天气", ["天", "气"]),
        ("un,un$", ["un", ",", "un", "$"]),
        ("u\u200bn\x07\0 \t\n\u3000un", ["un", "un"]),
        ("\ufffd", []),
        ("unknown", ["[UNK]"]),
        ("x" * 100, ["x", *["##x"] * 99]),
        ("x" * 101, ["[UNK]"]),
        (" \r\n", []),
    ],
)
def test_a_text_is_cut_into_the_longest_pieces(text: str, cut: list[str]) -> None:
    assert pieces(text) == cut


def test_case_and_accents_are_kept_where_the_model_knows_them() -> None:
    assert pieces("H café", WordPiece(PIECES, lower=False)) == ["H", "café"]


def test_a_vocabulary_without_its_signs_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no \[SEP\]"):
        WordPiece(["[UNK]", "[CLS]"], lower=True)


@given(st.text(max_size=30))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(0 <= id_ < len(PIECES) for id_ in WORDS.encode(text, question=False))
