"""Quotes are there to be found, word for word."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.check import Misquoted, Program, Quote, check_quotes, folded
from seedbed.core.message import Call, Media, MediaKind, Message, Result, Role, Text

SOURCE = "The cat sat\non the  mat, and caf\N{LATIN SMALL LETTER E WITH ACUTE} was served."
MESSAGES = (
    Message(Role.SYSTEM, (Text("Quote the source."),)),
    Message(Role.USER, (Text("Source: "), Text(SOURCE), Media(MediaKind.IMAGE, b"x"))),
    Message(Role.ASSISTANT, (Text("A dog barked."), Call("c", "look", "{}"))),
    Message(Role.TOOL, (Result("c", (Text("It was "), Text("raining."))),)),
)


def passes(quote: Quote, answer: object) -> None:
    said = answer if isinstance(answer, str) else json.dumps(answer)
    check_quotes(quote, said, MESSAGES)


def why_not(quote: Quote, answer: object) -> str:
    with pytest.raises(Misquoted) as caught:
        passes(quote, answer)
    return str(caught.value)


CLAIMS = Quote(("/claims/*/quote",))


def claims(*quotes: object) -> object:
    return {"claims": [{"quote": quote} for quote in quotes]}


@pytest.mark.parametrize(
    "quote",
    [
        "The cat sat on the mat",
        "cat\n sat",
        "cafe\N{COMBINING ACUTE ACCENT} was served.",
        "It was raining.",
        "Source: The cat",
        "Quote the source.",
    ],
)
def test_what_was_sent_may_be_quoted_with_other_spaces_and_letters_that_look_alike(
    quote: str,
) -> None:
    passes(CLAIMS, claims(quote))


@pytest.mark.parametrize(
    "quote",
    [
        "The dog sat on the mat",
        "the cat sat",
        "A dog barked.",
        "source. Source:",
        "The cat sat \N{HORIZONTAL ELLIPSIS} was served",
    ],
)
def test_what_was_not_sent_or_was_said_by_the_model_itself_may_not(quote: str) -> None:
    why = why_not(CLAIMS, claims("The cat", quote))
    assert why == f"{folded(quote)!r} does not occur in what was sent"


def test_a_long_quote_is_told_by_its_beginning() -> None:
    assert len(why_not(CLAIMS, claims("x" * 5_000))) < 200


def test_paths_lead_by_name_by_number_and_to_each() -> None:
    answer = {"a/b": {"~": ["The cat", "nonsense"]}, "": "It was"}
    passes(Quote(("/a~1b/~0/0",)), answer)
    passes(Quote(("/",)), answer)
    passes(Quote(("",)), '"The cat"')
    passes(Quote(("/*",), least=2), {"x": "cat", "y": "sat"})
    assert "'nonsense'" in why_not(Quote(("/a~1b/*/*",)), answer)


@pytest.mark.parametrize("path", ["/b", "/a/1", "/a/-1", "/a/x", "/a/0/c", "/a/0/*"])
def test_a_path_to_nothing_is_no_quote(path: str) -> None:
    assert why_not(Quote((path,)), {"a": ["The cat"]}) == f"nothing is at {path}"


def test_a_quote_is_a_text_and_says_something() -> None:
    assert why_not(CLAIMS, claims("The cat", 7)) == "at /claims/*/quote is 7, and no text"
    assert why_not(CLAIMS, claims(" \n")) == "a quote is empty"
    passes(CLAIMS, claims("The cat", None))


@pytest.mark.parametrize("answer", ["{", "[" * 100_000, "The cat"])
def test_paths_want_json(answer: str) -> None:
    assert why_not(CLAIMS, answer).startswith("it is no JSON")


def test_an_answer_that_quotes_too_little_does_not_pass_for_want_of_quotes() -> None:
    assert why_not(CLAIMS, claims()) == "it has 0 quotes, and 1 is the least"
    assert why_not(CLAIMS, claims(None)) == "it has 0 quotes, and 1 is the least"
    assert why_not(Quote(), "It says that the cat sat.") == "it has 0 quotes, and 1 is the least"
    passes(Quote(least=0), "Nothing is said of that.")
    passes(Quote(("/claims/*/quote",), least=0), claims())


@pytest.mark.parametrize(
    "marks",
    ['""', "\u201c\u201d", "\u201e\u201c", "\u00ab\u00bb", "\u300c\u300d", "\u300e\u300f"],
)
def test_passages_in_quotation_marks_are_quotes(marks: str) -> None:
    opens, closes = marks
    passes(Quote(least=2), f"It says {opens}The cat{closes}, then {opens}sat\non{closes}.")
    assert "'The dog'" in why_not(Quote(), f"{opens}The cat{closes} {opens}The dog{closes}")


def test_quoted_blocks_are_quotes_and_each_paragraph_is_read_by_itself() -> None:
    passes(Quote(least=2), "It says:\n> The cat sat on\n> the mat\n\nand\n\n  > It was raining.")
    assert "'The dog sat'" in why_not(Quote(), "> The dog\n> sat\n")
    passes(Quote(), 'A 5" disk.\n\nIt says "The cat".')


def test_checks_are_told_in_words() -> None:
    assert (Quote().words, Program("lint").words) == ("quote", "program 'lint'")


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_any_part_of_a_source_may_be_quoted(text: str, start: int, end: int) -> None:
    part = folded(text)[start:end]
    messages = (Message(Role.USER, (Text(text),)),)
    if folded(part) and folded(part) in folded(text):
        check_quotes(Quote(("",)), json.dumps(part), messages)
    else:
        with pytest.raises(Misquoted):
            check_quotes(Quote(("",)), json.dumps(part), messages)


@given(st.text(alphabet='">\n \u201c\u201d\u201ea*/', max_size=200))
def test_whatever_is_answered_passes_or_does_not(answer: str) -> None:
    for quote in (Quote(), CLAIMS, Quote(("/*",), least=0)):
        try:
            check_quotes(quote, answer, MESSAGES)
        except Misquoted:
            continue
