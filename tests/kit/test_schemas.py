import pytest

from seedbed.kit.grammar.gbnf import BadSchema, TooLarge
from seedbed.kit.schemas import DEEPEST, deepest, unserved, with_null


def test_null_is_written_as_a_union_wherever_a_schema_stands() -> None:
    null = {"nullable": True, "type": "string"}
    either = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert with_null(
        {
            "properties": {"nullable": null, "b": True},
            "anyOf": [null],
            "items": null,
            "$defs": {"a": null},
            "enum": [null],
            "nullable": False,
        }
    ) == {
        "properties": {"nullable": either, "b": True},
        "anyOf": [either],
        "items": either,
        "$defs": {"a": either},
        "enum": [null],
    }
    assert with_null({"items": [null]}) == {"items": [either]}
    assert with_null(5) == 5
    assert with_null({"properties": 5, "anyOf": 5}) == {"properties": 5, "anyOf": 5}


def test_definitions_stay_where_references_look_for_them() -> None:
    defs = {"a": {"type": "string"}}
    assert with_null({"nullable": True, "$ref": "#/$defs/a", "$defs": defs}) == {
        "anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}],
        "$defs": defs,
    }


def branching(ways: int) -> object:
    """A schema of itself, in so many ways that a validator must all look at."""
    again = {"properties": {"a": {"$ref": "#"}}}
    return {"anyOf": [{**again, "required": [str(way)]} for way in range(ways)]}


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": "string"},
        {"properties": {"a": {"$ref": "#"}}, "patternProperties": {"b": {}}},
        {"items": {"anyOf": [{"type": "string"}] * 100}},
        {"prefixItems": [{"$ref": "#"}] * 50},
        {"$defs": {"unused": {"allOf": [{"$ref": "#/$defs/unused"}]}}},
    ],
)
def test_a_schema_without_many_ways_lets_a_value_be_deep(schema: object) -> None:
    assert deepest(schema) == DEEPEST


def test_the_more_ways_there_are_the_less_deep_a_value_may_be() -> None:
    depths = [deepest(branching(ways)) for ways in (1, 2, 4, 10)]
    assert depths == sorted(depths, reverse=True)
    assert depths[0] == DEEPEST
    assert 5 <= depths[-1] <= 7
    assert 18 <= depths[1] <= 22


@pytest.mark.parametrize("word", ["allOf", "anyOf", "oneOf"])
def test_a_schema_whose_ways_multiply_is_refused(word: str) -> None:
    defs = {f"d{at}": {word: [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(30)}
    with pytest.raises(TooLarge, match="too many ways"):
        deepest({"$defs": {**defs, "d30": {}}, "not": {"$ref": "#/$defs/d0"}})


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"not": {"$ref": "#"}}, "it leads back to itself"),
        ({"if": {"$ref": "#/nothing"}}, "#/if/\\$ref: there is nothing at"),
        ({"contains": {"$ref": "http://127.0.0.1/x"}}, "is not within this schema"),
        ({"items": {"$dynamicRef": "#a"}}, "#/items: \\$dynamicRef is not served"),
        ({"dependentSchemas": {"a": {"$anchor": "x"}}}, "#/dependentSchemas/a: \\$anchor"),
    ],
)
def test_a_reference_that_cannot_be_followed_is_refused(schema: object, why: str) -> None:
    with pytest.raises(BadSchema, match=why):
        deepest(schema)


def test_words_that_no_grammar_holds_a_model_to_are_named() -> None:
    unserved({"properties": {"not": {"minimum": 1}}, "enum": [{"not": 1}]})
    with pytest.raises(BadSchema, match="#/properties/a/items: uniqueItems is not served"):
        unserved({"properties": {"a": {"items": {"uniqueItems": True}}}})
