"""What JSON can hold is written, and anything else refused before it is stored."""

import json
import math

import pytest

from seedbed.kit.as_json import DEEPEST, NotJson, as_json


def _nested(levels: int) -> list[object]:
    value: list[object] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def _circle() -> list[object]:
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize("value", [None, 1, "ä\0", [], {"a": [{"b": (1.5, True)}]}, 2**70])
def test_what_json_holds_comes_back(value: object) -> None:
    assert json.dumps(json.loads(as_json(value))) == json.dumps(value)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({1, 2}, "set"),
        (math.nan, "not JSON compliant"),
        ([math.inf], "not JSON compliant"),
        ("\ud800", "surrogates"),
        (_circle(), "Circular"),
        (_nested(100_000), "within each other"),
        (_nested(DEEPEST + 1), "within each other"),
    ],
)
def test_what_it_cannot_is_refused(value: object, why: str) -> None:
    with pytest.raises(NotJson, match=why):
        as_json(value)


def test_as_deep_as_may_be_is_not_too_deep() -> None:
    assert as_json(_nested(DEEPEST)) == "[" * DEEPEST + "]" * DEEPEST
