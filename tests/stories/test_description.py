"""The doors are asked what their description allows and what it does not; they keep to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from seedbed.api.schema import describe
from seedbed.core.access import Scope
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.running import WINDOW, build, make_key, served

pytestmark = pytest.mark.slow

KEPT = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def described() -> dict[str, Any]:
    """The description, with the names of models that are there, and one that is not."""
    doors: dict[str, Any] = cast(dict[str, Any], describe())
    for schema in doors["components"]["schemas"].values():
        if "model" in schema.get("properties", {}) and schema.get("title", "").endswith("Body"):
            schema["properties"]["model"] = {"enum": ["scripted", "nobody"]}
    jobs = doors["components"]["schemas"]["JobBody"]["properties"]
    jobs["kind"] = {"enum": ["work", "nothing"]}
    return doors


DOORS: dict[str, Any] = {
    door.label: door
    for made in schemathesis.openapi.from_dict(described()).get_all_operations()
    if (door := cast(Any, made).ok())
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A house with the fake model that ships: its address, and a key to everything."""
    home: Path = tmp_path_factory.mktemp("described")
    app = build({"scripted": Scripted("scripted", window=WINDOW)}, home=home, clock=SystemClock())
    with served(app) as url:
        yield url, make_key(home, Scope.ADMIN)


def ways() -> Iterator[tuple[str, GenerationMode]]:
    """Every door as its description allows, and where something can be wrong, as it does not."""
    for label, door in DOORS.items():
        yield label, GenerationMode.POSITIVE
        if door.body or door.path_parameters:
            yield label, GenerationMode.NEGATIVE


def examples(most: int) -> settings:
    return settings(
        max_examples=most,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
        ],
    )


@pytest.mark.parametrize(("door", "mode"), list(ways()))
def test_every_answer_is_one_that_the_description_has(
    asked: tuple[str, str], door: str, mode: GenerationMode
) -> None:
    url, key = asked

    @examples(40)
    @given(case=DOORS[door].as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        answer = case.call(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=30)
        case.validate_response(answer, checks=KEPT)

    ask()


@pytest.mark.parametrize("door", DOORS)
def test_nobody_is_answered_without_a_key_but_who_asks_for_health(
    asked: tuple[str, str], door: str
) -> None:
    url, _ = asked
    wanted = 200 if door in {"GET /healthz", "GET /readyz"} else 401

    @examples(1)
    @given(case=DOORS[door].as_strategy())
    def ask(case: Case[Any]) -> None:
        assert case.call(base_url=url, timeout=30).status_code == wanted

    ask()
