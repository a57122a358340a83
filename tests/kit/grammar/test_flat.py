import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.kit.grammar.gbnf import BadGrammar, BadSchema, Impossible, TooLarge
from tests.kit.grammar.sampling import fits, grammar, sample, verdict

SEEDS = st.integers(0, 1 << 32).map(random.Random)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"oneOf": [{"type": "null"}, {"const": 1}]}, ["null", "1"], ["2"]),
        ({"anyOf": [False, {"const": 1}]}, ["1"], ["2"]),
        ({"type": "string", "nullable": True, "maxLength": 1}, ["null", '"a"'], ['"ab"']),
        ({"type": ["integer", "number"], "maximum": 2}, ["1", "1.5"], ["3"]),
        ({"type": ["string", "integer"], "minimum": 3, "maximum": 2}, ['"a"'], ["3"]),
        ({"allOf": [{"type": "integer"}, {"type": "number", "minimum": 3}]}, ["3"], ["2", "3.5"]),
        ({"type": "number", "allOf": [{"type": "integer"}]}, ["3"], ["3.5"]),
        ({"allOf": [{"minimum": 1}, {"type": "integer"}, {"minimum": 5}]}, ["5"], ["4"]),
        ({"allOf": [{"type": "string", "maxLength": 4}, {"maxLength": 2}]}, ['"ab"'], ['"abc"']),
        ({"enum": [1, 2], "allOf": [{"enum": [2, 3]}]}, ["2"], ["1", "3"]),
        ({"enum": [1, True], "const": True}, ["true"], ["1"]),
        (
            {
                "properties": {"a": {"type": "integer"}},
                "required": ["a"],
                "allOf": [{"properties": {"a": {"minimum": 5}, "b": {}}, "required": ["b"]}],
            },
            ['{"a":5,"b":1}'],
            ['{"a":4,"b":1}', '{"a":5}'],
        ),
        (
            {
                "allOf": [
                    {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}},
                    {"properties": {"b": {"enum": ["x", 1]}}, "required": ["b"]},
                ]
            },
            ['{"b":1}', '{"a":"z","b":1}'],
            ['{"b":"x"}'],
        ),
        (
            {
                "allOf": [
                    {"properties": {"a": {}}, "additionalProperties": False},
                    {"properties": {"b": {}}},
                ]
            },
            ["{}", '{"a":1}'],
            ['{"b":1}'],
        ),
        (
            {"allOf": [{"items": {"type": "integer"}}, {"items": {"minimum": 3}, "minItems": 1}]},
            ["[3]"],
            ["[]", "[2]"],
        ),
        (
            {"allOf": [{"additionalProperties": {"minimum": 1}}, {"additionalProperties": False}]},
            ["{}"],
            ['{"a":1}'],
        ),
        (
            {"allOf": [{"items": [{"const": 1}]}, {"items": {"const": 1}}]},
            ["[1]"],
            ["[1,1]"],
        ),
        ({"allOf": [{"pattern": "^a"}, {"pattern": "^b"}]}, ['"ax"'], ['"bx"']),
        ({"allOf": [{"minLength": "x"}, {"minLength": 1}]}, ['"x"'], ['""']),
        ({"allOf": [{"minLength": "x"}, {"minLength": "y"}]}, ['""'], []),
        (
            {
                "type": "object",
                "properties": {"a": {"const": 1}, "b": {"const": 2}},
                "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
            },
            ['{"a":1}', '{"b":2}'],
            ["{}"],
        ),
        (
            {"anyOf": [{"const": 1}, {"const": 2}], "oneOf": [{"const": 2}, {"const": 3}]},
            ["2"],
            ["1", "3"],
        ),
        (
            {"$defs": {"a/b~c": {"const": 1}}, "$ref": "#/$defs/a~1b~0c"},
            ["1"],
            ["2"],
        ),
        (
            {
                "definitions": {"x y": {"type": "integer"}},
                "$ref": "#/definitions/x%20y",
                "minimum": 2,
            },
            ["2"],
            ["1"],
        ),
        ({"anyOf": [{"const": 1}, {"$ref": "#/anyOf/0"}]}, ["1"], ["2"]),
        ({"not": {"const": 1}}, ["1", "2"], []),
        (True, ["1", "[]"], []),
    ],
)  # fmt: skip
def test_schemas_are_put_together(schema: object, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert fits(schema, text), text
    for text in bad:
        assert not fits(schema, text), text


TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "left": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                "more": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["value"],
        }
    },
}


@given(SEEDS)
def test_a_schema_may_speak_of_itself(draw: random.Random) -> None:
    text = sample(grammar(TREE), draw)
    assert verdict(TREE, text) is None
    assert fits(TREE, '{"value":1,"left":{"value":2,"left":null},"more":[{"value":3}]}')


def test_what_is_impossible_is_left_out_with_all_that_leads_to_it() -> None:
    schema = {
        "$defs": {
            "a": {"properties": {"b": {"$ref": "#/$defs/b"}, "x": False}, "required": ["b", "x"]},
            "b": {"properties": {"a": {"$ref": "#/$defs/a"}, "c": {"const": 1}}},
        },
        "anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}],
    }
    assert fits(schema, '{"c":1}')
    assert not fits(schema, '{"a":{}}')


@pytest.mark.parametrize(
    ("schema", "error", "why"),
    [
        (False, Impossible, "#: no value is allowed here"),
        ({"enum": []}, Impossible, "#/enum: none of its values"),
        ({"enum": ["a"], "type": "integer"}, Impossible, "#/enum: none of its values"),
        ({"type": []}, Impossible, "#/type: it is empty"),
        ({"anyOf": []}, Impossible, "#/anyOf: it is empty"),
        ({"anyOf": [False, {"enum": []}]}, Impossible, "#/anyOf/1/enum"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, Impossible, "#: no integer lies"),
        ({"type": "number", "minimum": 3, "maximum": 2}, Impossible, "#: no number lies"),
        ({"type": "number", "minimum": 3, "exclusiveMaximum": 3}, Impossible, "#: no number lies"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, Impossible, "#/minLength: it is more"),
        ({"minItems": 3, "maxItems": 2}, Impossible, "#/minItems: it is more"),
        ({"items": False, "minItems": 1}, Impossible, "#/items: no value"),
        ({"prefixItems": [True, False], "minItems": 2}, Impossible, "#/prefixItems/1: no value"),
        (
            {
                "properties": {"a~/": {"properties": {"b": False}, "required": ["b"]}},
                "required": ["a~/"],
            },
            Impossible,
            "#/properties/a~0~1/properties/b: no value",
        ),
        ({"required": ["a"], "additionalProperties": False}, Impossible, "#/properties/a"),
        ({"type": "string", "allOf": [{"type": "integer"}]}, Impossible, "#/type: .* contradicts"),
        ({"const": 1, "enum": [2]}, Impossible, "#/enum: .* contradicts"),
        ({"type": "what"}, BadSchema, "#/type: there is no type 'what'"),
        ({"properties": {"a": 5}}, BadSchema, "#/properties/a: a schema is an object or a boolean"),
        ({"anyOf": 5}, BadSchema, "#/anyOf: a list must stand here"),
        ({"$ref": "other.json"}, BadSchema, "#/\\$ref: 'other.json' is not within this schema"),
        ({"$ref": "#/a"}, BadSchema, "#/\\$ref: there is nothing at '#/a'"),
        ({"anyOf": [{"$ref": "#/anyOf/7"}]}, BadSchema, "there is nothing at"),
        ({"$ref": "#"}, BadSchema, "lead to one another"),
        ({"$ref": "#", "minimum": 1}, BadSchema, "leads back to itself"),
        ({"allOf": [{"$ref": "#"}]}, BadGrammar, "nested too deep|leads back to itself"),
        (
            {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"const": 1}]}}, "$ref": "#/$defs/a"},
            BadGrammar,
            "rule 'a' begins with itself",
        ),
        ({"properties": {"a": {"$ref": "#"}}, "required": ["a"]}, BadGrammar, "never ends"),
        ({"prefixItems": [True] * 201}, TooLarge, "more than 200 places"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_is_refused_by_its_place(
    schema: object, error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        grammar(schema)


def doubled(word: str, times: int = 25) -> object:
    defs = {f"d{at}": {word: [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(times)}
    return {"$defs": {**defs, f"d{times}": {"type": "string"}}, "$ref": "#/$defs/d0"}


def nested(word: str, depth: int) -> object:
    schema: object = {"type": "string"}
    for _ in range(depth):
        schema = {word: [schema] if word == "allOf" else schema}
    return schema


@pytest.mark.slow
@pytest.mark.parametrize(
    "schema",
    [
        doubled("allOf"),
        {"allOf": [{"anyOf": [{"required": [f"{a}{b}"]} for b in range(4)]} for a in range(12)]},
        nested("items", 80),
        nested("allOf", 80),
        {"allOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"items": True}}}]},
        {"const": json.loads("[" * 80 + "]" * 80)},
        {"enum": [str(at) * 40 for at in range(10_000)]},
        {"properties": {f"p{at}": {"items": {"const": at}} for at in range(4_001)}},
    ],
)
def test_a_schema_that_unfolds_into_too_much_is_refused(schema: object) -> None:
    with pytest.raises(TooLarge):
        grammar(schema)


def test_the_same_choice_twice_costs_nothing() -> None:
    assert len(grammar(doubled("anyOf")).splitlines()) < 50
