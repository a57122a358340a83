import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.form import Verifier
from seedbed.kit.grammar.lark import lark
from seedbed.kit.grammar.nodes import EMPTY, Choice, Node, One, Ref, Row, Times, row, write
from seedbed.kit.grammar.read import read, refuse, rewritten
from seedbed.kit.grammar.rules import BadGrammar, Chars, TooLarge
from tests.kit.grammar.sampling import sample

LETTERS = st.sampled_from([One(Chars.of(one)) for one in ("a", "b", "az", "é", "\u4e00\u9fff")])
NODES: st.SearchStrategy[Node] = st.recursive(
    LETTERS,
    lambda inner: (
        st.lists(inner, max_size=3).map(row)
        | st.lists(inner, min_size=1, max_size=3).map(lambda nodes: Choice(tuple(nodes)))
        | st.builds(Times, inner, st.integers(0, 2), st.integers(2, 3))
    ),
    max_leaves=8,
)


@given(NODES, st.integers(0, 1 << 32).map(random.Random))
def test_what_is_written_is_read_back_with_the_same_meaning(
    node: Node, draw: random.Random
) -> None:
    text = f"root ::= {write(node)}\n"
    drawn = sample(text, draw)
    again = rewritten(text)
    assert rewritten(again) == again
    assert Verifier("grammar", pattern=again).verdict(drawn) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the grammar is empty"),
        ('"a"', "line 1: a rule begins with its name"),
        ('root "a"', "line 1: a rule begins with its name"),
        ('x ::= "a"', "no rule `root`"),
        ('root ::= "a"\nroot ::= "b"', "line 2: rule 'root' is there twice"),
        ("root ::= x", "names a rule 'x', which there is not"),
        ("root ::= ('a')", "line 1: .* cannot be read"),
        ('root ::= ("a"', r"line 1: a '\)' is missing"),
        ('root ::=\n"a")', r"line 2: a '\)' too many"),
        ('root ::= *"a"', r"line 1: '\*' repeats nothing"),
        ('root ::= "a"{257}', r"line 1: \{257\} repeats too often"),
        ('root ::= "a"{3,2}', r"line 1: \{3,2\} asks for more than it allows"),
        ('root ::= "\\q"', r"'\\\\q' is no character"),
        ('root ::= "\\uD800"', "is no character"),
        ('root ::= "\\UFFFFFFFF"', "is no character"),
        ("root ::= [z-a]", "the range z-a is the wrong way round"),
        ("root ::= []", "a class has no character"),
        ("root ::= " + "(" * 70 + '"a"' + ")" * 70, "nested more than 64 deep"),
        ('root ::= "a" root', "rule 'root' never ends"),
        ('root ::= x | "a"\nx ::= y "b"\ny ::= root', "begins with itself"),
        ('root ::= "a"? root "b" | "c"', "begins with itself"),
        ('root ::= ("a"?)*', "repeats without end what can be empty"),
        ('root ::= x+\nx ::= "a"*', "repeats without end what can be empty"),
    ],
)
def test_a_grammar_that_no_engine_could_follow_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadGrammar, match=why):
        rewritten(text)


def test_a_grammar_that_is_too_long_is_not_read() -> None:
    with pytest.raises(TooLarge, match=r"400,010 characters"):
        read("root ::= " + "a" * 400_001)


def test_rules_that_lead_through_one_another_without_order_are_refused() -> None:
    order = [at for pair in zip(range(0, 200), range(200, 400), strict=True) for at in pair]
    chain = {at: f'r{later} "x"' for at, later in pairwise(order)}
    chain[order[-1]] = '"x"'
    random.Random(1).shuffle(names := list(chain))
    text = "root ::= r0\n" + "".join(f"r{at} ::= {chain[at]}\n" for at in names)
    with pytest.raises(TooLarge, match="too often"):
        refuse(read(text))


def test_every_sign_of_the_syntax_is_read() -> None:
    rules = read(
        'root ::= [\\x41\\u0042-\\U00000043\\n^a-] "\\t\\"" .? (x | ){2,} # end\n\nx ::= "" {4}'
    )
    assert rules["x"] == EMPTY
    assert rules["root"] == Row(
        (
            One(Chars.of("AC", "\n", "^", "a", "-")),
            One(Chars.of("\t")),
            One(Chars.of('"')),
            Times(One(Chars(()).rest()), 0, 1),
            Times(Choice((Ref("x"), EMPTY)), 2, None),
        )
    )


def test_each_character_is_a_word_of_its_own_to_the_verifier() -> None:
    """With `end` as one word, `entend` would be refused after `en`."""
    grammar = 'root ::= "(" root ")" | [a-z]* "end" | ""'
    verdict = Verifier("grammar", pattern=grammar).verdict
    assert [verdict(text) for text in ("(entend)", "endend", "()", "")] == [None] * 4
    assert verdict("(enten)") is not None
    assert lark(read('root ::= "a"{2} | x\nx ::= [b-cé]')) == (
        "%llguidance {}\nstart: r0\n"
        "r0: g0 | r1\n"
        "r1: /[\\u{62}-\\u{63}\\u{E9}-\\u{E9}]/\n"
        "g0: /[\\u{61}-\\u{61}]/{2,2}\n"
    )
