import copy
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from seedbed.core.value import changed, value


@value
class Point:
    """A value of every kind of field."""

    x: int
    y: int = 0
    names: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Model:
    """What a `Point` is to be like."""

    x: int
    y: int = 0
    names: Mapping[str, str] = field(default_factory=dict[str, str])


def test_it_is_made_as_a_dataclass_is() -> None:
    for made, model in ((Point(1), Model(1)), (Point(1, y=2), Model(1, y=2))):
        assert repr(made) == repr(model).replace("Model", "Point")
        assert (made.x, made.y, made.names) == (model.x, model.y, model.names)
    assert type(Point(1)) is Point
    assert Point(x=1, names={"a": "b"}).names == {"a": "b"}


def test_it_is_changed_as_a_dataclass_is_replaced() -> None:
    point = Point(1, names={"a": "b"})
    assert changed(point, y=2) == replace(point, y=2) == Point(1, 2, {"a": "b"})
    assert point.y == 0
    with pytest.raises(TypeError, match="'z'"):
        changed(point, z=3)


def test_each_has_defaults_of_its_own() -> None:
    assert Point(1).names is not Point(1).names


@pytest.mark.parametrize("given", [{}, {"x": 1, "z": 2}])
def test_a_field_that_is_missing_or_unknown_is_an_error(given: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        Point(**given)  # pyright: ignore[reportCallIssue, reportArgumentType]


@pytest.mark.parametrize("name", ["x", "z", "__class__"])
def test_it_never_changes(name: str) -> None:
    point = Point(1)
    with pytest.raises((FrozenInstanceError, TypeError)):
        setattr(point, name, 2)
    with pytest.raises((FrozenInstanceError, TypeError)):
        delattr(point, name)
    assert point == Point(1)


def test_it_is_compared_hashed_replaced_and_matched_as_a_dataclass_is() -> None:
    @value
    class Pair:
        first: int
        second: int

    assert Pair(1, 2) == Pair(1, 2) != Pair(2, 1)
    assert len({Pair(1, 2), Pair(1, 2), Pair(2, 1)}) == 2
    assert replace(Point(1, 2), y=3) == Point(1, 3)
    assert [field.name for field in fields(Point)] == ["x", "y", "names"]
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_it_is_pickled_and_copied() -> None:
    point = Point(1, 2, {"a": "b"})
    assert pickle.loads(pickle.dumps(point)) == point
    assert copy.copy(point) == copy.deepcopy(point) == point
    assert not hasattr(point, "__dict__")
