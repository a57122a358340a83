"""The likeliest way to cut a word, whatever the word."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from seedbed.engines.workers.unigram import Unigram

PIECES = ["<s>", "<unk>", "▁", "a", "b", "ab", "▁a", "▁ab", "ba", "▁aba"]
SCORES = [0.0, 0.0, -2.0, -3.0, -3.5, -4.0, -2.5, -5.0, -4.5, -9.0]
UNKNOWN = 1
WIDE = "\N{FULLWIDTH LATIN CAPITAL LETTER A}"
UNIGRAM = Unigram(PIECES, SCORES, plain={ord("\n"): " ", ord(WIDE): "a"}, unknown=UNKNOWN)


def best_by_trying(word: str) -> float:
    """The best score of any way to cut, found by trying them all."""
    scores = dict(zip(PIECES, SCORES, strict=True))
    best = float("-inf")
    for cuts in itertools.product([False, True], repeat=len(word) - 1):
        ends = [0, *(at + 1 for at, cut in enumerate(cuts) if cut), len(word)]
        parts = [word[a:b] for a, b in itertools.pairwise(ends)]
        if all(scores.get(part, 0.0) for part in parts):
            best = max(best, sum(scores[part] for part in parts))
    return best


@given(st.text("ab", min_size=1, max_size=8))
def test_a_word_is_cut_in_the_likeliest_way(word: str) -> None:
    ids = UNIGRAM.encode(word)
    assert "".join(PIECES[id_] for id_ in ids) == f"▁{word}"
    assert abs(sum(SCORES[id_] for id_ in ids) - best_by_trying(f"▁{word}")) < 1e-9


def test_blanks_and_letters_are_made_plain() -> None:
    assert UNIGRAM.encode(f"  ab \n {WIDE}\0 ") == UNIGRAM.encode("ab a")


def test_a_run_of_letters_without_a_piece_is_one_unknown() -> None:
    assert UNIGRAM.encode("xyz") == [2, UNKNOWN]
    assert UNIGRAM.encode("xax") == [2, UNKNOWN, 3, UNKNOWN]


def test_what_looks_like_a_sign_is_only_text() -> None:
    assert 0 not in UNIGRAM.encode("<s>")


def test_a_long_word_is_cut_as_a_short_one() -> None:
    assert UNIGRAM.encode("ab" * 40) == [PIECES.index("▁ab"), *[PIECES.index("ab")] * 39]


def test_nothing_is_nothing() -> None:
    assert UNIGRAM.encode(" \n ") == []


@given(st.text(max_size=30))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(0 <= id_ < len(PIECES) for id_ in UNIGRAM.encode(text))
