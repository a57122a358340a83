import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.form import (
    MOST_SCHEMA,
    BadForm,
    Kind,
    Verifier,
    check_grammar,
    check_regex,
    check_schema,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)  # fmt: skip


def why_not(text: str, schema: Mapping[str, object] | None = None) -> str | None:
    return Verifier("json" if schema is None else "schema", schema=schema).verdict(text)


# -- what can be asked for


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (5, "#: 5 is not of type"),
        ({"type": "what"}, "#/type: \"what\" is not"),
        ({"minLength": -1}, "#/minLength: -1 is less than the minimum"),
        ({"properties": 5}, "#/properties: 5 is not of type \"object\""),
        ({"pattern": "(a"}, '#/pattern: "\\(a" is not a "regex"'),
        ({"pattern": "(?=a)"}, '#/pattern: .* is not a "regex"'),
        ({"patternProperties": {"(a)\\1": {}}}, "is not a \"regex\""),
        ({"pattern": "(a{1000}){1000}"}, 'is not a "regex"'),
        ({"$schema": "http://127.0.0.1/mine"}, "Unknown meta-schema"),
        ({"$ref": "http://127.0.0.1/x"}, "Retrieval is disabled"),
        ({"$id": "http://127.0.0.1/x", "$ref": "y"}, "Retrieval is disabled"),
        ({"not": {"$ref": "file:///etc/passwd"}}, "Retrieval is disabled"),
        ({"not": {"$ref": "#/x"}}, "Pointer '/x' does not exist"),
        ({"const": float("nan")}, "#: the schema is no JSON"),
        ({"const": {1, 2}}, "#: the schema is no JSON"),
        ({"enum": ["\ud800"]}, "#: the schema is no JSON"),
        ({"enum": ["x" * MOST_SCHEMA]}, "#: the schema has 256,014 bytes; 256,000 is the most"),
        ({"enum": []}, "#/enum: none of its values"),
        ({"properties": {"a": {"$ref": "#"}}, "required": ["a"]}, "never ends"),
        ({"not": {"$dynamicRef": "#"}}, "\\$dynamicRef is not served"),
    ],
)  # fmt: skip
def test_a_schema_that_no_engine_should_see_is_refused(schema: object, why: str) -> None:
    with pytest.raises(BadForm, match=why):
        check_schema(schema, strict=False)


def test_a_schema_nested_without_end_is_refused() -> None:
    schema: object = {}
    for _ in range(20_000):
        schema = {"items": schema}
    with pytest.raises(BadForm, match="nested too deep"):
        check_schema(schema, strict=False)


def test_a_schema_whose_verification_would_stall_everyone_is_refused() -> None:
    """A validator takes most of a minute over 40 of these lines."""
    defs = {f"d{at}": {"anyOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(31)}
    schema = {"$defs": {**defs, "d31": {"type": "string"}}, "$ref": "#/$defs/d0"}
    with pytest.raises(BadForm, match="too many ways"):
        check_schema(schema, strict=False)
    with pytest.raises(BadForm, match="too many ways"):
        Verifier("schema", schema=schema)


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]},
        {"properties": {"a": {"type": "string", "nullable": True, "format": "unheard-of"}}},
        {"enum": [{"$ref": "http://127.0.0.1/a-value-and-no-reference"}]},
        {"definitions": {"a": {"type": "integer"}}, "$ref": "#/definitions/a", "title": "A"},
    ],
)
def test_a_schema_in_use_is_served_strictly(schema: object) -> None:
    check_schema(schema, strict=True)


def test_what_is_verified_only_is_refused_where_strict_is_asked() -> None:
    schema = {"properties": {"a": {"type": "integer", "multipleOf": 3}}}
    check_schema(schema, strict=False)
    with pytest.raises(BadForm, match="#/properties/a: multipleOf is not served where strict"):
        check_schema(schema, strict=True)
    assert why_not('{"a":4}', schema) == "at #/a: 4 is not a multiple of 3"


def test_no_reference_is_ever_fetched() -> None:
    asked: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Listening) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/schema"
        for schema in ({"$ref": url}, {"not": {"$ref": url}}, {"$schema": url}):
            with pytest.raises(BadForm):
                check_schema(schema, strict=False)
            with pytest.raises(BadForm):
                Verifier("schema", schema=schema)
        server.shutdown()
        thread.join()
    assert asked == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", "cannot be read"),
        ("(?=a)", "lookaround"),
        (r"a\Z", "in linear time"),
    ],
)
def test_a_pattern_that_no_engine_should_see_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(BadForm, match=why):
        check_regex(pattern)


def test_a_pattern_or_grammar_in_use_is_served() -> None:
    check_regex(r"^(?P<year>\d{4})-[^a-c\]]+?|x$")
    check_grammar('root ::= [a-z]+ ("," " "? root)?')


@pytest.mark.parametrize(
    ("grammar", "why"),
    [
        ("root ::= missing", "names a rule 'missing'"),
        ('root ::= root "a" | "b"', "begins with itself"),
        ("root ::= " + "a" * 64_000, "64,009 characters; 64,000 is the most"),
    ],
)  # fmt: skip
def test_a_grammar_that_no_engine_should_see_is_refused(grammar: str, why: str) -> None:
    with pytest.raises(BadForm, match=why):
        check_grammar(grammar)


# -- JSON

TWICE = '{"%s":1,"%s":2}'


@given(VALUES)
def test_json_is_told_from_what_is_none(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        verdict = why_not(text)
        assert verdict == (None if isinstance(value, dict) else "it is JSON, and no object")
        assert why_not(text[:-1] + "}]") is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no JSON: Expecting value"),
        ("{'a': 1}", "it is no JSON"),
        ('{"a":1}}', "it is no JSON: Extra data"),
        ('{"a":01}', "it is no JSON"),
        ('{"a":"\n"}', "it is no JSON: Invalid control character"),
        ('{"a":NaN}', "it is no JSON: NaN is none"),
        ('{"a":-Infinity}', "it is no JSON: -Infinity is none"),
        ('{"a":{"b":1,"c":2,"b":3}}', "the key 'b' is there twice"),
        (TWICE % ("k" * 500, "k" * 500), r"the key 'k{200}\.\.\.' is there twice"),
        ('{"a":%s}' % ("9" * 401), "401 digits; 400 is the most"),
        ('{"a":%s}' % ("9" * 9000), "9,000 digits"),
        ('{"a":1e999}', "the number 1e999 is too great"),
        ('{"a":"\\ud83d"}', "half of a character"),
        ('{"\\udc00":1}', "half of a character"),
        ("[" * 100_000, "nested more than 128 levels"),
        ('{"a":' * 129 + "1" + "}" * 129, "nested more than 128 levels"),
        ("}" * 300, "it is no JSON"),
    ],
)
def test_what_readers_disagree_about_has_one_verdict(text: str, why: str) -> None:
    for schema in (None, {"type": "object"}):
        verdict = why_not(text, schema)
        assert verdict is not None
        with pytest.raises(BadForm, match=why):
            raise BadForm(verdict)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\ud83d\\ude00 \\u00e9"}',
        '{"a":"[[[[{{{{\\"[[["}' + "\n ",
        '{"a":%s}' % ("9" * 400),
        '{"a":' * 128 + "1" + "}" * 128,
        '{"a":' + ",".join(["[[]"] * 1).replace("[[]", "[[],[]]") + "}",
    ],
)
def test_what_readers_agree_about_is_json(text: str) -> None:
    assert why_not(text) is None


# -- schemas


def test_a_fault_is_told_by_its_place_and_cut_short() -> None:
    schema = {"properties": {"a": {"items": {"maxLength": 3}}}}
    assert why_not('{"a":["b",{}]}', schema) is None
    verdict = why_not(json.dumps({"a": ["b", "c" * 9000]}), schema)
    assert verdict is not None
    assert verdict.startswith('at #/a/1: "ccc')
    assert len(verdict) < 250


def test_formats_and_null_are_verified() -> None:
    schema = {"properties": {"a": {"type": "string", "format": "date", "nullable": True}}}
    assert why_not('{"a":null}', schema) is None
    assert why_not('{"a":"2024-02-29"}', schema) is None
    assert why_not('{"a":"2023-02-29"}', schema) is not None


def test_an_answer_too_deep_for_its_schema_is_not_verified_for_ever() -> None:
    ways = [{"properties": {"a": {"$ref": "#"}}, "required": [str(at)]} for at in range(10)]
    schema = {"anyOf": ways}
    check_schema(schema, strict=False)
    assert why_not('{"0":1}', schema) is None
    verdict = why_not('{"a":' * 60 + "1" + "}" * 60, schema)
    assert verdict is not None
    assert "nested more than" in verdict


def test_a_pattern_in_a_schema_takes_no_more_time_than_there_is_text() -> None:
    schema = {"pattern": "^(a+)+$"}
    assert why_not(json.dumps("a" * 100_000), schema) is None
    assert why_not(json.dumps("a" * 100_000 + "b"), schema) is not None


# -- patterns and grammars


def test_a_pattern_matches_the_whole_text() -> None:
    for pattern, text, fits in [
        ("a|bc", "bc", True),
        ("a|bc", "abc", False),
        ("^a|bc$", "abc", False),
        ("a", "a\n", False),
        ("(a+)+", "a" * 100_000 + "b", False),
        ("", "", True),
        (r"\d+", "٣", False),
    ]:
        verdict = Verifier("regex", pattern=pattern).verdict(text)
        assert (verdict is None) == fits
        assert fits or "does not match" in str(verdict)


def test_a_text_is_followed_through_a_grammar() -> None:
    verdict = Verifier("grammar", pattern='root ::= "é" [a-c]+ "." | "\\x00"').verdict
    assert verdict("éab.") is None
    assert verdict("\0") is None
    assert verdict("éab") == "the grammar goes on where the text ends"
    assert verdict("éaxb.") == "the grammar does not go on like that after 2 characters"
    assert verdict("éab..") == "the grammar does not go on like that after 4 characters"
    assert verdict("\ud800") == "the grammar does not go on like that after 0 characters"


@pytest.mark.slow
def test_what_takes_too_long_to_follow_is_believed() -> None:
    """An engine was held to the grammar, so only what is seen to be wrong is called so."""
    ways = 'root ::= "x" t\nt ::= ("x" t t)?'
    check_grammar(ways)
    assert Verifier("grammar", pattern=ways).verdict("x" * 3000 + "y") is None
    seconds = iter(range(100))
    slow = Verifier("grammar", pattern="root ::= [a-z]*", clock=lambda: next(seconds))
    assert slow.verdict("a" * 24 + "!") is None
    assert next(seconds) == 3, "it was given up after the second slice"
    assert slow.verdict("a!") is not None


def test_a_list_of_which_each_rest_is_a_list_is_followed() -> None:
    pattern = 'root ::= item ("," root)?\nitem ::= [a-z]+'
    text = ",".join(["ab"] * 200)
    verdict = Verifier("grammar", pattern=pattern).verdict
    assert verdict(text) is None
    assert verdict(text + "!") is not None


def test_a_bad_form_has_no_verifier() -> None:
    cases: list[tuple[Kind, Mapping[str, object], str]] = [
        ("schema", {"type": "what"}, ""),
        ("schema", {"$ref": "#/x"}, ""),
        ("regex", {}, "(a"),
        ("regex", {}, "a)(b"),
        ("grammar", {}, "root ::= x"),
    ]
    for kind, schema, pattern in cases:
        with pytest.raises(BadForm):
            Verifier(kind, schema=schema, pattern=pattern)


@pytest.mark.slow
def test_a_grammar_too_large_to_be_followed_has_no_verifier() -> None:
    classes = " ".join(f"[{chr(at)}-{chr(at + 512)}]" for at in range(0x4E00, 0x9C20))
    with pytest.raises(BadForm, match="the grammar is too large"):
        Verifier("grammar", pattern=f"root ::= {classes}")


def test_one_verifier_serves_many_threads() -> None:
    grammar = Verifier("grammar", pattern='root ::= "a"* "b"')
    schema = Verifier("schema", schema={"maxLength": 50})
    texts = ["a" * (at % 90) + "b" * (at % 3 > 0) for at in range(300)]
    with ThreadPoolExecutor(8) as threads:
        followed = [*threads.map(grammar.verdict, texts)]
        obeyed = [*threads.map(schema.verdict, map(json.dumps, texts))]
    assert [why is None for why in followed] == [text.endswith("b") for text in texts]
    assert [why is None for why in obeyed] == [len(text) <= 50 for text in texts]


def test_the_libraries_are_imported_when_they_are_needed() -> None:
    code = (
        "import sys, seedbed.kit.form as form\n"
        "names = {'jsonschema_rs', 'llguidance'}\n"
        "print(sorted(names & sys.modules.keys()))\n"
        "form.check_grammar('root ::= [a]')\n"
        "form.Verifier('json').verdict('{}')\n"
        "print(sorted(names & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n['llguidance']\n"
