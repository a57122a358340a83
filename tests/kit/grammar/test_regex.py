import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.form import Verifier
from seedbed.kit.grammar.gbnf import BadPattern, Grammar, TooLarge
from seedbed.kit.grammar.regex import in_string, pattern_string
from seedbed.kit.grammar.rules import Chars
from tests.kit.grammar.sampling import sample

LETTERS = ["a", "b", "é", ".", "[a-c]", "[^a]", r"[\]\-^]", r"\.", r"\\"]
CLASSES = [r"\d", r"\w", r"\s", r"[\D]", r"\S", r"\W", r"[^\s]", r"[^\S]", r"[^\W\d]"]
ATOMS = st.sampled_from([*LETTERS, *CLASSES])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map("".join)
        | st.lists(inner, max_size=3).map(lambda ways: f"({'|'.join(ways)})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "{2}", "{1,2}", "{2,}"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        )
    ),
    max_leaves=8,
)
SEEDS = st.integers(0, 1 << 32).map(random.Random)


def grammar(expression: str) -> str:
    made = Grammar()
    made.rule("root", expression)
    return made.text()


@given(PATTERNS, SEEDS)
def test_what_is_drawn_from_a_pattern_is_matched_by_it(pattern: str, draw: random.Random) -> None:
    text = sample(grammar(Grammar().regex(pattern)), draw)
    assert re.fullmatch(pattern, text, re.ASCII), (pattern, text)
    assert Verifier("regex", pattern=pattern).verdict(text) is None


@given(PATTERNS, st.text("ab1_ é\n.", max_size=6))
def test_a_text_that_a_pattern_matches_is_one_of_the_grammar(pattern: str, text: str) -> None:
    matched = re.fullmatch(pattern, text, re.ASCII) is not None
    accepted = Verifier("grammar", pattern=grammar(Grammar().regex(pattern))).verdict(text) is None
    assert accepted == matched, (pattern, text)


@given(PATTERNS, SEEDS)
def test_a_pattern_within_json_is_of_the_value_and_not_of_its_spelling(
    pattern: str, draw: random.Random
) -> None:
    anchored = f"^(?:{pattern})$"
    text = sample(grammar(pattern_string(anchored)), draw)
    value = json.loads(text)
    assert re.fullmatch(pattern, value, re.ASCII), (pattern, value)
    schema = {"type": "string", "pattern": anchored}
    assert Verifier("schema", schema=schema).verdict(text) is None


@pytest.mark.parametrize(
    ("pattern", "fits", "unfit"),
    [
        ("b", ["abc", "b"], ["ac"]),
        ("^b", ["bc"], ["ab"]),
        ("b$", ["ab"], ["bc"]),
        ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
        ("^(a|b)$", ["a"], ["ab"]),
        ("(^a|b)c", ["acx", "xbc"], ["xac"]),
        ("^a$|^b$", ["a", "b"], ["ab", "xa"]),
        ("^", ["", "x"], []),
        ("^$", [""], ["x"]),
    ],
)
def test_in_a_schema_a_pattern_is_looked_for_unless_it_is_anchored(
    pattern: str, fits: list[str], unfit: list[str]
) -> None:
    verdict = Verifier("grammar", pattern=grammar(pattern_string(pattern))).verdict
    for text in [*fits, *unfit]:
        assert (re.search(pattern, text) is not None) == (text in fits)
        assert (verdict(json.dumps(text)) is None) == (text in fits), text


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=a)", "lookaround"),
        ("(?<!a)b", "lookaround"),
        (r"(a)\1", "a backreference"),
        ("(a)(?(1)b|c)", "a condition"),
        ("(?>a)", "an atomic group"),
        ("a++", "a possessive repetition"),
        (r"a\b", "a word boundary"),
        ("a^b", "an anchor within"),
        ("(a$)*", "an anchor within"),
        ("(?i)a", "flags or a comment"),
        ("(?i:a)", "flags or a comment"),
        ("a(?#b)", "flags or a comment"),
        ("[[:alpha:]]", r"'\[' in a class at 1"),
        ("[a&&b]", "'&' in a class at 2"),
        ("[a--b]", "'-' in a class at 2"),
        ("(a", "cannot be read: missing"),
        ("a{2,1}", "cannot be read"),
        ("a{257}", "up to 257 times; 256 is the most"),
        ("(a{100}){3}", "up to 300 times"),
        ("(" * 49 + ")" * 49, "nests more than 48 groups"),
        ("a" * 4097, "4,097 letters"),
        (r"[^\s\S]", "a class without a character"),
        ("\ud800", "a class without a character"),
    ],
)
def test_what_no_grammar_has_is_refused_by_name(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        Grammar().regex(pattern)


def test_a_bracket_may_begin_a_class() -> None:
    assert Grammar().regex("[]-a]b[^]]") == '([\\u005D-a] "b" [^\\u005D])'


def test_a_pattern_that_becomes_too_long_is_refused() -> None:
    with pytest.raises(TooLarge, match="100,000 characters"):
        Grammar().regex(r"\S" * 2000)


def test_an_endless_repetition_is_never_of_what_can_be_empty() -> None:
    for pattern, written in [
        ("(a?)*", '"a"*'),
        ("(a*|b{0,3}c?)+", '("a" | "b" | "c")*'),
        ("((a?b?){2,3}|cd)*", '("a" | "b" | ("cd"))*'),
        ("(|())*", '""'),
        ("(a?){2}", '("a"?){2}'),
        ("(a|b?){3,}", '("a" | "b")*'),
        ("(){3}", '""'),
        ("a{0}b", '"b"'),
    ]:
        assert Grammar().regex(pattern) == written


def test_control_characters_are_escaped_in_strings() -> None:
    assert in_string(Chars.of("a", "\n")) == '([a] | "\\\\n")'
    assert in_string(Chars.of("a", "\x01\x02")) == '([a] | "\\\\u0001" | "\\\\u0002")'
    assert in_string(Chars.of("a", "\x0e\x1f")) == "[a]", "so many are not worth their place"
    assert in_string(Chars.of("\x0e\x1f")).count("\\\\u00") == 18
    spelled = in_string(Chars(()).rest())
    assert '"\\\\u000" [0123456789abcdef] | "\\\\u001" [0123456789abcdef]' in spelled
    assert '"\\\\u000" [0123456789bcdef]' in in_string(Chars.of("\n").rest())
