"""Grammars, read by the library itself: what they let pass, and what is refused by name."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer

from seedbed.core.ask import Format, Tool
from seedbed.core.errors import RequestMalformed
from seedbed.engines.llama.grammar import (
    AFTER,
    BEFORE_ARGUMENTS,
    BEFORE_NAME,
    OPEN,
    calls_grammar,
    check_schemas,
    form_grammar,
    own_grammar,
)

TEXT = Format()
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool("weather", "of a city", CITY)
CLOCK = Tool("clock")
CALL = f'{OPEN}{BEFORE_NAME}weather{BEFORE_ARGUMENTS}{{"city":"Ulm"}}{AFTER}'


def passes(grammar: str, text: str) -> bool:
    """Whether the whole text may be an answer."""
    matcher = LLMatcher(LLTokenizer("byte"), grammar, log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    consumed = matcher.consume_tokens(list(text.encode()))
    return consumed and matcher.is_accepting()


def of_schema(schema: Mapping[str, object]) -> str:
    return form_grammar(Format("schema", schema=schema), (), thought=False)


def of_calls(*, required: bool = False, parallel: bool = True, form: Format = TEXT) -> str:
    return calls_grammar(
        (WEATHER, CLOCK), (), required=required, parallel=parallel, format_=form, thought=False
    )


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ('{"city":"Ulm"}', True),
        ('{"city": "Ulm"}', False),
        ('{"city":"Ulm"}\n', False),
        ('{"city":"Ulm","more":1}', False),
        ("{}", False),
    ],
)
def test_json_of_a_schema_has_no_blanks_and_no_properties_that_were_not_named(
    text: str, passed: bool
) -> None:
    assert passes(of_schema(CITY), text) is passed


def test_other_properties_may_be_let_pass_at_any_depth() -> None:
    open_ = {**CITY, "additionalProperties": True}
    assert passes(of_schema(open_), '{"city":"Ulm","more":1}')
    nested = {"type": "array", "items": {"anyOf": [CITY, open_]}}
    assert passes(of_schema(nested), '[{"city":"Ulm","more":1}]')
    closed = {"type": "array", "items": {"anyOf": [CITY]}, "default": [{"properties": 1}]}
    assert not passes(of_schema(closed), '[{"city":"Ulm","more":1}]')


def test_any_json_is_an_object() -> None:
    any_ = form_grammar(Format("json"), (), thought=False)
    assert passes(any_, '{"a":[1,{"b":null}]}')
    assert not passes(any_, "[1]")


@pytest.mark.parametrize(
    ("pattern", "text"), [("a/b", "a/b"), ("a\\/b", "a/b"), ('"\n', '"\n'), ("[0-9]+|no", "123")]
)
def test_a_pattern_is_met_whole(pattern: str, text: str) -> None:
    grammar = form_grammar(Format("regex", pattern=pattern), (), thought=False)
    assert passes(grammar, text)
    assert not passes(grammar, text + "?")


def test_thought_comes_before_the_form_where_the_model_thinks() -> None:
    grammar = form_grammar(Format("regex", pattern="yes|no"), (), thought=True)
    assert passes(grammar, "hm, 1 < 2</think>\n\nyes")
    assert not passes(grammar, "yes")


def test_the_tokens_that_end_an_answer_are_named_last() -> None:
    assert "start: form (<[2]> | <[7]>)?\n" in form_grammar(Format("json"), (2, 7), thought=False)


@pytest.mark.parametrize(
    ("format_", "why"),
    [
        (Format("schema", schema={"$ref": "#"}), "no text at all obeys it"),
        (Format("schema", schema={"type": "string", "minLength": 2, "maxLength": 1}), "minLength"),
        (Format("schema", schema={"enum": []}), "empty"),
        (Format("schema", schema={"$ref": "http://127.0.0.1/a"}), "does not fetch"),
        (Format("regex", pattern="(a"), "invalid regex"),
        (Format("regex", pattern="(?=a)b"), "invalid regex"),
        (Format("regex", pattern="[^\\s\\S]"), "no text at all obeys it"),
        (Format("regex", pattern="a\\"), "lexer error"),
        (Format("regex", pattern="a" * (1 << 19)), "524,288 are the most"),
    ],
)
def test_what_no_answer_can_obey_is_refused_in_one_line(format_: Format, why: str) -> None:
    with pytest.raises(RequestMalformed) as caught:
        form_grammar(format_, (), thought=False)
    assert why in caught.value.what
    assert "\n" not in caught.value.what
    assert caught.value.facts["field"] == "format"


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("", True),
        ("Just words, with < and <tool", True),
        (CALL, True),
        ("Let me see." + CALL, True),
        (CALL + CALL, True),
        (CALL + " and words", False),
        (f"{OPEN} is a mark", False),
        (CALL.replace("weather", "wheather"), False),
        (CALL.replace("city", "town"), False),
        (CALL.removesuffix(AFTER), False),
        (f"{OPEN}{BEFORE_NAME}clock{BEFORE_ARGUMENTS}{{}}{AFTER}", True),
    ],
)
def test_an_answer_that_may_call_is_words_or_whole_calls(text: str, passed: bool) -> None:
    assert passes(of_calls(), text) is passed


def test_one_that_must_call_begins_with_the_call() -> None:
    assert passes(of_calls(required=True), CALL)
    assert not passes(of_calls(required=True), "")
    assert not passes(of_calls(required=True), "Let me see." + CALL)


def test_one_call_is_made_where_they_may_not_be_parallel() -> None:
    assert passes(of_calls(parallel=False), CALL)
    assert not passes(of_calls(parallel=False), CALL + CALL)


def test_beside_calls_an_answer_may_have_a_form() -> None:
    grammar = of_calls(form=Format("json"))
    assert passes(grammar, CALL)
    assert passes(grammar, '{"a":1}')
    assert not passes(grammar, "words")


@pytest.mark.parametrize("required", [True, False])
def test_thought_comes_before_a_call_that_must_be_made_and_is_words_otherwise(
    required: bool,
) -> None:
    grammar = calls_grammar(
        (WEATHER,), (), required=required, parallel=True, format_=TEXT, thought=True
    )
    assert passes(grammar, f"hm</think>\n\n{CALL}")
    assert passes(grammar, CALL) is not required


@given(st.text(st.characters(codec="utf-8")).filter(lambda text: OPEN not in text))
def test_words_without_the_mark_are_always_an_answer(text: str) -> None:
    assert passes(of_calls(), text)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=20))
def test_any_text_may_be_an_argument(text: str) -> None:
    arguments = json.dumps({"city": text}, ensure_ascii=False, separators=(",", ":"))
    call = f"{OPEN}{BEFORE_NAME}weather{BEFORE_ARGUMENTS}{arguments}{AFTER}"
    assert passes(of_calls(required=True), call)


@pytest.mark.slow
def test_too_many_tools_are_refused() -> None:
    many = [Tool(f"tool{at}", schema=CITY) for at in range(2_000)]
    with pytest.raises(RequestMalformed, match="Current row has 2001 items"):
        calls_grammar(many, (), required=False, parallel=True, format_=TEXT, thought=False)


def test_schemas_are_checked_for_the_server() -> None:
    check_schemas([CITY, {}], field="tools")
    with pytest.raises(RequestMalformed, match="anyOf is empty") as caught:
        check_schemas([CITY, {"enum": []}], field="tools")
    assert caught.value.facts["field"] == "tools"


@pytest.mark.parametrize("pattern", ["", " ", "%llguidance {}\nstart: /a/", "root ::= root"])
def test_what_is_not_in_gbnf_is_not_sent(pattern: str) -> None:
    assert own_grammar('root ::= "a"').strip() == 'root ::= "a"'
    with pytest.raises(RequestMalformed, match="cannot be held to that") as caught:
        own_grammar(pattern)
    assert caught.value.facts["field"] == "format"
