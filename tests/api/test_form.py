"""The form of an answer, whichever vendor's words ask for it."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llguidance import LLMatcher

from seedbed.api.openai.completions import read_completion
from seedbed.api.openai.read import read_chat
from seedbed.core.ask import Feature, Format
from seedbed.core.errors import RequestMalformed

CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
GBNF = 'root ::= "yes" | "no"'


def form(**fields: object) -> Format:
    messages = [{"role": "user", "content": "hi"}]
    return read_chat(json.dumps({"model": "m", "messages": messages, **fields}).encode())[0].format


def refusal(**fields: object) -> RequestMalformed:
    with pytest.raises(RequestMalformed) as refused:
        form(**fields)
    return refused.value


def wanted(**spec: object) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "city", **spec}}


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({"response_format": {"type": "text"}}, Format()),
        ({"response_format": {"type": "json_object"}}, Format("json")),
        ({"response_format": wanted()}, Format("schema", "city")),
        (
            {"response_format": wanted(schema=CITY, strict=True)},
            Format("schema", "city", CITY, strict=True),
        ),
        ({"structured_outputs": {"json": CITY}}, Format("schema", "answer", CITY, strict=True)),
        ({"structured_outputs": {"json": {}}}, Format("schema", "answer", {}, strict=True)),
        (
            {"structured_outputs": {"json": json.dumps(CITY), "regex": None}},
            Format("schema", "answer", CITY, strict=True),
        ),
        ({"structured_outputs": {"json_object": True}}, Format("json")),
        ({"structured_outputs": {"regex": "[a-z]+"}}, Format("regex", pattern="[a-z]+")),
        ({"structured_outputs": {"choice": ["a", "b c"]}}, Format("regex", pattern="(a|b c)")),
        ({"structured_outputs": {"grammar": GBNF}}, Format("grammar", pattern=GBNF)),
        ({"grammar": GBNF}, Format("grammar", pattern=GBNF)),
        ({"grammar": ""}, Format()),
        ({"grammar": GBNF, "response_format": {"type": "text"}}, Format("grammar", pattern=GBNF)),
    ],
)
def test_each_way_to_tell_a_form_is_understood(fields: dict[str, object], meant: Format) -> None:
    assert form(**fields) == meant


def test_one_form_that_is_told_in_the_words_of_several_servers_is_one_form() -> None:
    told = form(grammar=GBNF, structured_outputs={"grammar": GBNF})
    assert told == Format("grammar", pattern=GBNF)


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        (
            {"response_format": {"type": "json_schema"}},
            "response_format.json_schema",
            "is missing",
        ),
        ({"structured_outputs": {}}, "structured_outputs.json", "one of json, json_object, regex"),
        ({"structured_outputs": {"json_object": False}}, "structured_outputs.json", "is missing"),
        ({"structured_outputs": {"json": "{"}}, "structured_outputs.json", "is not JSON"),
        ({"structured_outputs": {"json": "[1]"}}, "structured_outputs.json", "is [1], and no JSON"),
        (
            {"structured_outputs": {"json": "[" * 300 + "]" * 300}},
            "structured_outputs.json",
            "nests deeper than 200 levels",
        ),
        (
            {"structured_outputs": {"json": "[" * 100_000}},
            "structured_outputs.json",
            "deeper than 200 levels",
        ),
        (
            {"structured_outputs": {"regex": "a", "choice": ["a"]}},
            "structured_outputs.choice",
            "tell different forms",
        ),
        (
            {"structured_outputs": {"grammar": GBNF}, "grammar": GBNF + "\n"},
            "grammar",
            "'structured_outputs' and 'grammar' tell different",
        ),
        (
            {"grammar": GBNF, "response_format": {"type": "json_object"}},
            "grammar",
            "'response_format' and 'grammar' tell different",
        ),
    ],
)
def test_a_form_that_is_told_twice_or_by_half_is_refused(
    fields: dict[str, object], field: str, said: str
) -> None:
    error = refusal(**fields)
    assert error.facts["field"] == field
    assert said in error.what


def test_a_completion_may_have_a_form_as_a_chat_may() -> None:
    body = {"model": "m", "prompt": "Once", "structured_outputs": {"choice": ["a", "b"]}}
    ask = read_completion(json.dumps(body).encode())[0]
    assert ask.format == Format("regex", pattern="(a|b)")
    assert ask.needs == {Feature.COMPLETION, Feature.REGEX}


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(st.lists(words, min_size=1, max_size=5), words)
def test_a_choice_is_a_pattern_of_exactly_those_texts(choices: list[str], other: str) -> None:
    pattern = form(structured_outputs={"choice": choices}).pattern
    assert all(re.fullmatch(pattern, text) for text in choices)
    assert bool(re.fullmatch(pattern, other)) == (other in choices)


@given(st.lists(words, min_size=1, max_size=5))
def test_a_choice_is_a_pattern_that_a_matcher_of_tokens_takes(choices: list[str]) -> None:
    pattern = form(structured_outputs={"choice": choices}).pattern
    grammar = LLMatcher.grammar_from_regex(pattern)
    assert not LLMatcher.validate_grammar(grammar)
