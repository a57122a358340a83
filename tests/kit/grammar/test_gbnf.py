import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.form import Verifier
from seedbed.kit.grammar.gbnf import BadGrammar, Grammar, TooLarge, literal, rewritten
from seedbed.kit.grammar.rules import Chars, Rules, either, times
from tests.kit.grammar.sampling import sample

SEEDS = st.integers(0, 1 << 32).map(random.Random)
CODES = st.integers(0, 0x10FFFF).filter(lambda code: not 0xD800 <= code <= 0xDFFF)
RANGES = st.lists(st.tuples(CODES, CODES).map(lambda two: (min(two), max(two))), max_size=5)


def whole(body: str) -> str:
    return f"root ::= {body}\n"


def accepts(grammar: str, text: str) -> bool:
    return Verifier("grammar", pattern=grammar).verdict(text) is None


@given(RANGES, CODES)
def test_a_set_of_characters_and_its_rest_are_all_there_are(
    ranges: list[tuple[int, int]], code: int
) -> None:
    chars, letter = Chars.spanning(ranges), chr(code)
    assert (letter in chars) == any(low <= code <= high for low, high in ranges)
    assert (letter in chars.rest()) != (letter in chars)
    assert chars.rest().rest() == chars
    assert (chars - chars).ranges == ()
    assert chars | chars.rest() == Chars(()).rest()


@given(RANGES.filter(bool), CODES)
def test_a_class_holds_exactly_its_characters(ranges: list[tuple[int, int]], code: int) -> None:
    chars = Chars.spanning(ranges)
    if chars.ranges:
        assert accepts(whole(chars.write()), chr(code)) == (chr(code) in chars)


def test_only_ascii_is_written_by_what_is_not_in_a_class() -> None:
    """One engine ends over a negated class with more, or takes it for another."""
    assert Chars.of("a").rest().write() == "[^a]"
    assert Chars.of("é").rest().write() == "[ê-\\uD7FF\\uE000-\\U0010FFFF\\u0000-è]"


def test_signs_of_the_syntax_are_numbers_in_a_class() -> None:
    chars = Chars.of('"', "\\", "[", "]", "^", "-")
    assert chars.write() == "[\\u0022\\u002D\\u005B-\\u005E]"
    for letter in '"\\[]^-':
        assert accepts(whole(chars.write()), letter)


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_a_quoted_text_stands_for_itself_alone(text: str) -> None:
    assert accepts(whole(literal(text)), text)
    assert not accepts(whole(literal(text)), text + "x")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("größer", '"größ" "er"'),
        ("éÉ0", '"éÉ" "0"'),
        ("é, 0", '"é, 0"'),
        ("日e", '"日e"'),
        ("\n1", '"\\n1"'),
        ("\x1fA\x7fa", '"\\u001F" "A\\u007F" "a"'),
    ],
)
def test_no_digit_stands_behind_a_letter_that_xgrammar_writes_as_a_number(
    text: str, written: str
) -> None:
    """It keeps these letters as `\\x` and their number, and would read the digit as part of it."""
    assert literal(text) == written
    assert written in rewritten(whole(written))


def test_in_a_class_what_cannot_be_seen_comes_last() -> None:
    """There, too, a digit behind it would be read as part of its number."""
    chars = Chars.of("\x00\x01", "az", "é")
    assert chars.write() == "[a-zé\\u0000\\u0001]"


def test_names_are_made_plain_and_kept_apart() -> None:
    rules = Rules()
    names = [rules.rule("A b_C", '"1"'), rules.rule("a-b-c", '"2"'), rules.rule("9é", '"3"')]
    assert names == ["a-b-c", "a-b-c-2", "r-9"]
    assert rules.rule("a b c", '"2"') == "a-b-c-2", "a body that is there is not put there twice"
    assert rules.rule("", '"4"') == "r"
    assert rules.rule("x" * 99, '"5"') == "x" * 40


def test_the_start_comes_first_wherever_it_was_put() -> None:
    grammar = Grammar()
    grammar.rule("root", grammar.rule("word", "[a-z]+"))
    assert grammar.text() == "root ::= word\nword ::= [a-z]+\n"


def test_without_a_start_there_is_no_grammar() -> None:
    grammar = Grammar()
    grammar.rule("rest", '"a"')
    with pytest.raises(BadGrammar, match="no rule `root`"):
        grammar.text()


def test_a_grammar_has_bounds_on_its_rules_and_their_length() -> None:
    with pytest.raises(TooLarge, match="characters"):
        Rules().rule("long", '"' + "x" * 400_000 + '"')
    rules = Rules()
    for at in range(4_000):
        rules.rule("more", f'"{at}"')
    with pytest.raises(TooLarge, match="rules"):
        rules.rule("more", '"x"')


def test_rules_of_what_fails_are_taken_back() -> None:
    grammar = Grammar()
    with pytest.raises(BadGrammar):
        grammar.schema({"properties": {"a": {"type": "object"}, "b": {"type": "what"}}})
    grammar.rule("root", grammar.schema({"enum": [1]}))
    assert grammar.text() == 'root ::= "1"\n'


def test_expressions_are_joined_without_doubles() -> None:
    assert either(["a", "b", "a"]) == "(a | b)"
    assert either(["a"]) == "a"
    assert [times(2, 5), times(3, 3), times(3, None)] == ["{2,5}", "{3}", "{3,}"]


def test_schemas_patterns_and_rules_by_hand_make_one_grammar() -> None:
    grammar = Grammar()
    call = f"{literal('<call>')} {grammar.schema({'type': 'integer'})} {literal('</call>')}"
    grammar.rule("root", f"({call} | {grammar.regex('[a-c]+!?')})")
    for text, fits in [("<call>12</call>", True), ("abc!", True), ("abc!!", False), ("12", False)]:
        assert accepts(grammar.text(), text) == fits


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=8)
    | st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
))  # fmt: skip
def test_any_object_is_json(value: object) -> None:
    grammar = Grammar()
    grammar.rule("root", grammar.json())
    text = json.dumps({"": value}, ensure_ascii=False)
    assert accepts(grammar.text(), text)
    assert accepts(grammar.text(), text.replace(", ", ",").replace(": ", ":"))
    assert not accepts(grammar.text(), f"[{text}]")


@given(SEEDS)
def test_what_is_drawn_from_any_object_is_one(draw: random.Random) -> None:
    grammar = Grammar()
    grammar.rule("root", grammar.json())
    assert isinstance(json.loads(sample(grammar.text(), draw)), dict)


def test_no_model_can_run_off_into_blanks() -> None:
    grammar = Grammar()
    grammar.rule("root", grammar.json())
    assert accepts(grammar.text(), '{"a": [1, 2]}')
    for text in ['{"a":  1}', '{ "a":1}', '{"a":1 }', '{"a":1}\n', '{"a":[1,  2]}', '{"a" :1}']:
        assert not accepts(grammar.text(), text), text


def test_a_grammar_is_rewritten_to_one_meaning() -> None:
    text = rewritten('Root_2 ::= .\nroot ::= Root_2 | [^é]"a"{2} # and a remark\n  | ("b"\n)')
    assert text == rewritten(text)
    assert re.findall(r"(?m)^\S+", text) == ["root", "root-2"]
    assert "." not in text
    for letter in ("x", "é", "b", "xaa"):
        assert accepts(text, letter)
    assert not accepts(text, "éaa")
