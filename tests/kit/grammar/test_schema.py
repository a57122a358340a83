import json
import random
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seedbed.kit.form import Verifier
from seedbed.kit.grammar.gbnf import TooLarge
from seedbed.kit.grammar.numbers import integer_text, number_text
from tests.kit.grammar.sampling import fits, grammar, sample, verdict

SEEDS = st.integers(0, 1 << 32).map(random.Random)


# -- schemas and values that obey them, drawn together

BOUNDS = st.integers(-1200, 1200)
NAMES = st.sampled_from(["a", "b", "ab", "a b", 'q"q', "é", ""])
Pair = tuple[Mapping[str, object], object]


@st.composite
def numbers(draw: st.DrawFn, whole: bool) -> Pair:
    low, value, high = sorted(draw(st.lists(BOUNDS, min_size=3, max_size=3)))
    schema: dict[str, object] = {"type": "integer" if whole else "number"}
    if draw(st.booleans()):
        schema["minimum"] = low
    if draw(st.booleans()):
        schema["maximum"] = high
    return schema, value


@st.composite
def texts(draw: st.DrawFn) -> Pair:
    value = draw(st.text(st.characters(codec="utf-8"), max_size=6))
    schema: dict[str, object] = {"type": "string"}
    if draw(st.booleans()):
        schema["minLength"] = draw(st.integers(0, len(value)))
    if draw(st.booleans()):
        schema["maxLength"] = draw(st.integers(len(value), 9))
    return schema, value


LEAVES: st.SearchStrategy[Pair] = st.one_of(
    numbers(whole=True),
    numbers(whole=False),
    texts(),
    st.just(({"type": "boolean"}, True)),
    st.just(({"type": ["null", "integer"]}, None)),
    st.sampled_from([1, "x", None, True, [1, {"a": 2}]]).map(lambda one: ({"const": one}, one)),
    st.sampled_from([1, "x", None, False]).map(lambda one: ({"enum": ["y", one, 7]}, one)),
)


@st.composite
def lists(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    item, value = draw(inner)
    count = draw(st.integers(0, 3))
    schema: dict[str, object] = {"type": "array", "items": item}
    first: list[object] = []
    if draw(st.booleans()):
        places = draw(st.lists(inner, min_size=1, max_size=2))
        schema["prefixItems"] = [place for place, _ in places]
        first = [one for _, one in places][: len(places) if count else None]
    values = [*first, *[value] * count]
    if draw(st.booleans()):
        schema["minItems"] = draw(st.integers(0, len(values)))
    if draw(st.booleans()):
        schema["maxItems"] = draw(st.integers(len(values), 6))
    return schema, values


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    members = draw(st.dictionaries(NAMES, inner, max_size=4))
    schema: dict[str, object] = {
        "type": "object",
        "properties": {name: one for name, (one, _) in members.items()},
        "additionalProperties": False,
    }
    there = draw(st.sets(st.sampled_from(list(members)))) if members else set[str]()
    value = {name: one for name, (_, one) in members.items() if name in there}
    schema["required"] = (
        draw(st.lists(st.sampled_from(sorted(there)), unique=True)) if there else []
    )
    if draw(st.booleans()):
        further, one = draw(inner)
        schema["additionalProperties"] = further
        value["zz"] = one
    return schema, value


@st.composite
def unions(draw: st.DrawFn, inner: st.SearchStrategy[Pair]) -> Pair:
    ways = draw(st.lists(inner, min_size=1, max_size=3))
    return {"anyOf": [schema for schema, _ in ways]}, draw(st.sampled_from(ways))[1]


PAIRS = st.recursive(
    LEAVES, lambda inner: lists(inner) | objects(inner) | unions(inner), max_leaves=6
)


@given(PAIRS, SEEDS)
def test_what_is_drawn_from_the_grammar_of_a_schema_obeys_the_schema(
    pair: Pair, draw: random.Random
) -> None:
    schema, _ = pair
    text = sample(grammar(schema), draw)
    why = verdict(schema, text)
    assume(why is None or "is there twice" not in why)  # further keys are free, and may meet
    assert why is None, (text, why)


@given(PAIRS)
def test_a_value_that_obeys_a_schema_is_one_of_its_grammar(pair: Pair) -> None:
    schema, value = pair
    assert verdict(schema, json.dumps(value)) is None
    assert fits(schema, json.dumps(value, ensure_ascii=False)), (schema, value)
    assert fits(schema, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


# -- numbers


@given(st.none() | BOUNDS, st.none() | BOUNDS, BOUNDS)
def test_an_integer_is_of_the_grammar_if_it_lies_between_the_bounds(
    low: int | None, high: int | None, value: int
) -> None:
    assume(low is None or high is None or low <= high)
    inside = (low is None or low <= value) and (high is None or value <= high)
    text = f"root ::= {integer_text(low, high)}\n"
    assert (Verifier("grammar", pattern=text).verdict(str(value)) is None) == inside


@given(st.none() | BOUNDS, st.none() | BOUNDS, BOUNDS, st.integers(0, 999))
def test_a_number_is_of_the_grammar_if_it_lies_between_whole_bounds(
    low: int | None, high: int | None, whole: int, rest: int
) -> None:
    assume(low is None or high is None or low <= high)
    value = float(f"{whole}.{rest:03d}")
    inside = (low is None or low <= value) and (high is None or value <= high)
    text = f"root ::= {number_text(low, high)}\n"
    assert (Verifier("grammar", pattern=text).verdict(str(value)) is None) == inside


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, ["0", "-12", "9" * 16], ["01", "1.0", "9" * 17, "+1", "-"]),
        ({"type": "number"}, ["-0.5", "1e5", "2E-07", "3.0"], [".5", "1.", "1e", "1e100", "NaN"]),
        ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3}, ["2"], ["1", "3"]),
        ({"type": "integer", "minimum": 0.5, "maximum": 2.5}, ["1", "2"], ["0", "3"]),
        ({"type": "integer", "minimum": 10**17}, [str(10**17)], [str(10**17 - 1), "9" * 19]),
        ({"type": "integer", "minimum": 19, "maximum": 20}, ["19", "20"], ["18", "21", "2"]),
        ({"type": "integer", "minimum": True, "maximum": 1e40}, ["-5"], []),
        ({"type": "number", "minimum": 0}, ["0", "1e9", "0.25"], ["-1"]),
        ({"type": "number", "minimum": 0.2, "maximum": 0.8}, ["0.5"], ["1", "-0.5"]),
        ({"type": "number", "maximum": -1}, ["-1", "-1.5", "-1.0"], ["-0.5", "0", "1"]),
        ({"type": "number", "minimum": 2, "maximum": 2}, ["2", "2.0"], ["2.1", "1"]),
    ],
)
def test_numbers_are_held_to_their_bounds(schema: object, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert fits(schema, text), text
    for text in bad:
        assert not fits(schema, text), text


# -- text

FORMATS = {
    "date": (["2024-02-29", "1999-12-31"], ["2024-13-01", "2024-04-31", "24-01-01"]),
    "time": (["23:59:59Z", "00:00:00.5+01:00"], ["24:00:00Z", "12:00:00", "12:60:00Z"]),
    "date-time": (["2024-01-31T10:20:30.123-05:30"], ["2024-01-31 10:20:30Z"]),
    "uuid": (["123e4567-e89b-12d3-a456-426614174000"], ["123e4567e89b12d3a456426614174000"]),
    "ipv4": (["0.0.0.0", "255.199.20.1"], ["256.1.1.1", "01.2.3.4", "1.2.3"]),
    "email": (["a.b+c@x-y.example.org"], ["a@b", "@x.org", "a..b@x.org", "a@-x.org"]),
}


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_is_held_to(form: str) -> None:
    schema = {"type": "string", "format": form}
    good, bad = FORMATS[form]
    for text in [*good, *bad]:
        assert fits(schema, json.dumps(text)) == (text in good), text
    for text in good:
        assert verdict(schema, json.dumps(text)) is None


@given(st.sampled_from(sorted(FORMATS)), SEEDS)
def test_what_is_drawn_from_a_format_has_it(form: str, draw: random.Random) -> None:
    schema = {"type": "string", "format": form}
    drawn = sample(grammar(schema), draw)
    assert verdict(schema, drawn) is None or "-02-29" in drawn, drawn


def test_text_is_counted_in_characters() -> None:
    schema = {"type": "string", "minLength": 2, "maxLength": 3}
    for text in ['"ab"', '"\\n\\u00e9"', '"\\"\\\\\\/"', '"😀é"']:
        assert fits(schema, text), text
        assert verdict(schema, text) is None
    for text in ['"a"', '"abcd"', '"a\nb"', '"\\x41"', '"\\ud800a"', '"\\u00"']:
        assert not fits(schema, text), text


def test_bounds_that_no_grammar_should_count_are_left_to_verification() -> None:
    assert fits({"type": "string", "maxLength": 5000}, json.dumps("x" * 6000))
    assert "character{100,}" in grammar({"type": "string", "minLength": 5000})
    assert fits({"type": "array", "items": {"const": 1}, "maxItems": 5000}, "[1]")


@pytest.mark.slow
def test_a_pattern_goes_before_a_format_and_what_it_has_may_be_too_much() -> None:
    schema = {"type": "string", "pattern": "^x+$", "format": "date"}
    assert fits(schema, '"xx"')
    assert not fits(schema, '"2024-01-01"')
    assert fits({"pattern": "(?=a)"}, '"b"'), "left to verification"
    with pytest.raises(TooLarge):
        grammar({"pattern": r"\S" * 2000})


# -- objects and lists


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (
            {
                "properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}},
                "required": ["b"],
            },
            ['{"b":2}', '{"a":1,"b":2}', '{"b": 2, "c": 3}', '{"a":1,"b":2,"c":3}'],
            ["{}", '{"a":1}', '{"b":2,"a":1}', '{,"b":2}', '{"b":2,}', '{"b":2,"d":4}'],
        ),
        (
            {"properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}},
            ["{}", '{"a":1}', '{"c":3}', '{"a":1,"c":3}', '{"b":2,"c":3}'],
            ['{"c":3,"a":1}', '{"a":1,"a":1}', '{"x":1}'],
        ),
        (
            {"properties": {"ab": {}, "b": {}}, "additionalProperties": {"const": 0}},
            ["{}", '{"ab":5}', '{"z":0}', '{"ab":1,"b":[2],"a":0,"abc":0}', '{"":0}'],
            ['{"z":1}', '{"z":0,"ab":0}', '{"b":1,"b":0}', '{"b":1,"\\u0062":0}'],
        ),
        (
            {"properties": {"": {}}, "additionalProperties": True},
            ['{"":1}', '{"x":1}'],
            ['{"x":1,"":1}'],
        ),
        ({"required": ["x"]}, ['{"x":[]}'], ["{}", '{"y":1}']),
        ({"required": ["x"], "additionalProperties": {"const": 1}}, ['{"x":1,"y":1}'], ['{"x":2}']),
        (
            {"properties": {"a": False, "b": {}}},
            ["{}", '{"b":1}'],
            ['{"a":1}'],
        ),
        (
            {"patternProperties": {"^x": {}}, "additionalProperties": False, "required": ["xy"]},
            ['{"xy":1}', '{"xy":1,"z":2}'],
            ["{}"],
        ),
        ({"type": "object", "additionalProperties": False}, ["{}"], ['{"a":1}']),
        ({"type": "array"}, ["[]", '[1, "a", [], {}, null, true]'], ["{}", "[,]"]),
        (
            {"items": {"const": 1}, "minItems": 2, "maxItems": 3},
            ["[1,1]", "[1,1, 1]"],
            ["[1]", "[1,1,1,1]"],
        ),
        ({"items": {"const": 1}, "maxItems": 0}, ["[]"], ["[1]"]),
        ({"items": False}, ["[]"], ["[1]"]),
        (
            {"prefixItems": [{"const": 1}, {"const": 2}], "items": {"const": 3}},
            ["[]", "[1]", "[1,2]", "[1,2,3,3]"],
            ["[2]", "[1,3]", "[,1]"],
        ),
        (
            {"prefixItems": [{"const": 1}, {"const": 2}], "minItems": 1},
            ["[1]", "[1,2]"],
            ["[]", "[1,2,3]"],
        ),
        ({"prefixItems": [{"const": 1}], "minItems": 3}, ["[1,2,3]", "[1,2,3,4]"], ["[1,2]"]),
        ({"prefixItems": [{"const": 1}, False, {}]}, ["[]", "[1]"], ["[1,2]"]),
        ({"prefixItems": [{"const": 1}, {}], "maxItems": 1}, ["[]", "[1]"], ["[1,2]"]),
        (
            {"items": [{"const": 1}], "additionalItems": {"const": 2}, "maxItems": 2},
            ["[1]", "[1,2]"],
            ["[2]", "[1,2,2]"],
        ),
    ],
)  # fmt: skip
def test_members_are_held_to(schema: object, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert fits(schema, text), text
    for text in bad:
        assert not fits(schema, text), text


def test_long_names_are_kept_from_further_keys_as_far_as_it_is_worth() -> None:
    schema = {"properties": {"x" * 30: {}, 'q"': {}, "y": {}}, "additionalProperties": {"const": 0}}
    assert fits(schema, json.dumps({"x" * 23: 0, "q": 0, "y" * 2: 0}))
    assert not fits(schema, json.dumps({"z": 0, "y": 0}))
    assert fits(schema, json.dumps({"z": 0, "x" * 30: 0})), (
        "found by the verifier, if it is doubled"
    )


@pytest.mark.slow
def test_a_list_may_have_many_places() -> None:
    schema = {"prefixItems": [{"const": at} for at in range(200)], "items": False}
    for count in (0, 1, 2, 199, 200):
        assert fits(schema, json.dumps([*range(count)]))
    assert not fits(schema, json.dumps([*range(201)]))
    assert not fits(schema, "[1]")


def test_values_are_written_as_they_are() -> None:
    value = {"a": [1, 2.5, "é\n", {}], "b": []}
    for text in (json.dumps(value, ensure_ascii=False), json.dumps(value, separators=(",", ":"))):
        assert fits({"const": value}, text) == ("\\u" not in text)
    assert fits({"enum": [1.0, 2], "type": "integer"}, "1.0")
    assert not fits({"enum": ["a", 2], "type": ["string", "null"]}, "2")
    assert fits(
        {"enum": [None, True, [], {}], "type": ["object", "array", "boolean", "null"]}, "{}"
    )
