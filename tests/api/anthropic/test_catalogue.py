"""Lists of models, page by page, in Anthropic's shape."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from anthropic.types import ModelInfo
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.anthropic.catalogue import model, page
from seedbed.core.ask import Feature
from seedbed.core.errors import RequestMalformed
from seedbed.serving.deployment import LiveDeployment


def live(*serves: Feature) -> LiveDeployment:
    card = SimpleNamespace(title="A model", window=4096)
    engine = SimpleNamespace(features=frozenset(serves))
    found = SimpleNamespace(deployment=SimpleNamespace(model=card), engine=engine)
    return cast(LiveDeployment, found)


FIVE = dict.fromkeys("abcde", live())


def names(query: dict[str, str]) -> tuple[str, bool]:
    told = cast(dict[str, Any], page(FIVE, query))
    shown = "".join(one["id"] for one in told["data"])
    assert (told["first_id"], told["last_id"]) == (shown[:1] or None, shown[-1:] or None)
    return shown, told["has_more"]


@pytest.mark.parametrize(
    ("query", "shown", "has_more"),
    [
        ({}, "abcde", False),
        ({"limit": "2"}, "ab", True),
        ({"limit": "2", "after_id": "b"}, "cd", True),
        ({"limit": "2", "after_id": "c"}, "de", False),
        ({"after_id": "e"}, "", False),
        ({"limit": "2", "before_id": "d"}, "bc", True),
        ({"limit": "2", "before_id": "c"}, "ab", False),
        ({"before_id": "a"}, "", False),
    ],
)
def test_a_page_is_what_was_asked_for(query: dict[str, str], shown: str, has_more: bool) -> None:
    assert names(query) == (shown, has_more)


@given(st.integers(1, 7))
def test_pages_one_after_another_are_the_whole_list(limit: int) -> None:
    seen, has_more, query = "", True, {"limit": str(limit)}
    while has_more:
        shown, has_more = names(query)
        seen, query = seen + shown, query | {"after_id": shown[-1]}
    assert seen == "abcde"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "9" * 5000}, "limit"),
        ({"limit": "\u00b2"}, "limit"),
        ({"after_id": "z"}, "after_id"),
        ({"before_id": "z"}, "before_id"),
    ],
)
def test_a_page_that_cannot_be_is_refused(query: dict[str, str], field: str) -> None:
    with pytest.raises(RequestMalformed, match=field):
        page(FIVE, query)


@pytest.mark.parametrize("serves", [(), (Feature.REASONING, Feature.MEDIA, Feature.SCHEMA)])
def test_a_model_tells_what_it_serves(serves: tuple[Feature, ...]) -> None:
    told = ModelInfo.model_validate(model("m", live(*serves)))
    assert (told.id, told.display_name, told.max_tokens) == ("m", "A model", 4096)
    assert told.capabilities
    found = (
        told.capabilities.thinking,
        told.capabilities.effort,
        told.capabilities.image_input,
        told.capabilities.structured_outputs,
    )
    assert {one.supported for one in found} == {bool(serves)}
