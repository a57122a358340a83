"""Frozen dataclasses as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest

from seedbed.core import record
from seedbed.core.record import BadRecord, Like, Most, Range


@dataclass(frozen=True)
class Round:
    """A round one."""

    radius: Annotated[float, Range(0, 10)]
    kind: Literal["round"] = "round"


@dataclass(frozen=True)
class Square:
    """A square one."""

    side: Annotated[int, Range(1, 9)] = 1
    kind: Literal["square"] = "square"


@dataclass(frozen=True)
class Drawer:
    """What holds all kinds of fields."""

    name: Annotated[str, Most(5)]
    code: Annotated[str, Like("[a-z]+", "small letters")] = "a"
    size: Literal["s", "m", 3] = "s"
    shapes: Annotated[tuple[Round | Square, ...], Most(2)] = ()
    pair: tuple[int, str] = (1, "a")
    best: Round | None = None
    either: Round | Square | None = None
    inner: "Drawer | None" = None
    counts: Mapping[str, int] = field(default_factory=dict[str, int])
    open: bool = False
    tags: tuple[str, ...] = ()


GOOD: list[dict[str, Any]] = [
    {"name": "a"},
    {"name": "a", "shapes": [{"kind": "round", "radius": 1}, {"kind": "square", "side": 2}]},
    {"name": "a", "pair": [2, "b"], "best": {"radius": 0.5, "kind": "round"}, "open": True},
    {"name": "a", "either": None, "inner": {"name": "b", "inner": {"name": "c"}}},
    {"name": "a", "counts": {"x": 1}, "size": 3, "tags": ["p", "q"]},
]
BAD: list[tuple[str, Any, str, str]] = [
    ("no object", [], "", "it is an object"),
    ("what is needed", {}, "name", "it is needed"),
    ("an unknown field", {"name": "a", "nome": 1}, "nome", "nothing has that name"),
    ("a long text", {"name": "abcdef"}, "name", "5 characters at most"),
    ("a wrong pattern", {"name": "a", "code": "A"}, "code", "it is small letters"),
    ("no member", {"name": "a", "size": "l"}, "size", 'one of "s", "m", 3'),
    ("a truth as a number", {"name": "a", "size": True}, "size", "one of"),
    ("no list", {"name": "a", "shapes": {}}, "shapes", "it is a list"),
    ("too many", {"name": "a", "shapes": [{"kind": "square"}] * 3}, "shapes", "2 members at most"),
    ("a short pair", {"name": "a", "pair": [1]}, "pair", "a list of 2"),
    ("a wrong member", {"name": "a", "pair": [1, 2]}, "pair[1]", "it is a string"),
    ("an unknown kind", {"name": "a", "shapes": [{"kind": "oval"}]}, "shapes[0].kind", "one of"),
    ("no kind", {"name": "a", "shapes": [3]}, "shapes[0].kind", "one of round, square"),
    ("out of range", {"name": "a", "best": {"kind": "round", "radius": 11}}, "best.radius", "0 a"),
    ("no whole number", {"name": "a", "either": {"kind": "square", "side": 1.5}}, "either.side",
     "it is an integer"),
    ("no mapping", {"name": "a", "counts": []}, "counts", "it is an object"),
    ("a wrong count", {"name": "a", "counts": {"x": "1"}}, "counts.x", "it is an integer"),
    ("a number as truth", {"name": "a", "open": 1}, "open", "it is a boolean"),
]  # fmt: skip


@pytest.mark.parametrize("data", GOOD)
def test_what_is_read_is_written_again_and_its_schema_takes_it(data: dict[str, Any]) -> None:
    value = record.read(Drawer, data)
    written = record.write(value)
    assert record.read(Drawer, written) == value
    schema = jsonschema_rs.validator_for(record.schema(Drawer))
    assert schema.is_valid(data)
    assert schema.is_valid(written)


@pytest.mark.parametrize(
    ("data", "at", "why"), [one[1:] for one in BAD], ids=[one[0] for one in BAD]
)
def test_what_cannot_stand_there_is_told_with_its_place(data: Any, at: str, why: str) -> None:
    with pytest.raises(BadRecord, match="is") as told:
        record.read(Drawer, data)
    assert told.value.at == at
    assert why in str(told.value)
    assert str(told.value).startswith(at or "it is")
    assert not jsonschema_rs.validator_for(record.schema(Drawer)).is_valid(data)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_a_number_is_finite(number: float) -> None:
    with pytest.raises(BadRecord, match="radius is"):
        record.read(Round, {"radius": number, "kind": "round"})


def test_a_whole_number_may_be_written_as_a_float_as_its_schema_has_it() -> None:
    data = {"name": "a", "counts": {"x": 1e3}}
    (count,) = record.read(Drawer, data).counts.values()
    assert (count, type(count)) == (1000, int)
    assert jsonschema_rs.validator_for(record.schema(Drawer)).is_valid(data)
    with pytest.raises(BadRecord, match="it is an integer"):  # others share that float
        record.read(Drawer, {"name": "a", "counts": {"x": 1e300}})


def test_half_a_character_is_refused_and_told_without_it() -> None:
    with pytest.raises(BadRecord, match="whole characters") as told:
        record.read(Drawer, {"name": "a\ud800"})
    told.value.args[0].encode()


def test_what_is_long_or_no_json_is_told_in_short() -> None:
    with pytest.raises(BadRecord, match="…"):
        record.read(Drawer, {"name": "a" * 500})
    with pytest.raises(BadRecord, match="object at"):
        record.read(Drawer, object())


def test_what_is_as_usual_is_left_out_but_the_kind() -> None:
    assert record.write(Drawer("a")) == {"name": "a"}
    assert record.write(Square()) == {"kind": "square"}
    assert record.write(Drawer("a", shapes=(Round(1.0),), counts={"x": 1})) == {
        "name": "a",
        "shapes": [{"radius": 1.0, "kind": "round"}],
        "counts": {"x": 1},
    }
    assert record.write([Square, 3]) == [Square, 3]


def test_the_same_value_has_the_same_bytes() -> None:
    assert record.canonical(Drawer("é", tags=("x",))) == '{"name":"é","tags":["x"]}'.encode()


def test_the_schema_tells_what_a_record_is() -> None:
    told = record.schema(Drawer)
    shapes: Any = told["$defs"]
    assert shapes["Round"]["description"] == "A round one."
    assert shapes["Drawer"]["required"] == ["name"]
    assert shapes["Drawer"]["properties"]["code"]["pattern"] == "^(?:[a-z]+)$"
    assert shapes["Drawer"]["properties"]["pair"]["minItems"] == 2
