"""The doors are asked what their description allows and what it does not; they keep to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi import checks

from seedbed.api.schema import describe
from seedbed.core.access import Scope
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from tests.api.running import WINDOW, build, make_key, served

pytestmark = pytest.mark.slow

KEPT = [
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
    batches = doors["components"]["schemas"]["BatchBody"]["properties"]
    batches["endpoint"] = {"enum": ["/v1/messages", "/v1/nothing"]}
    return doors


DOORS: dict[str, Any] = {
    door.label: door
    for made in schemathesis.openapi.from_dict(described()).get_all_operations()
    if (door := cast(Any, made).ok())
}


CHAT = {"model": "scripted", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
UPLOAD = {"bytes": 2, "filename": "a", "mime_type": "text/plain", "purpose": "user_data"}
VERSION = "anthropic-version"
MADE: dict[str, dict[str, Any]] = {
    "/v1/responses": {"json": {"model": "scripted", "input": "hi"}},
    "/v1/conversations": {"json": {}},
    "/v1/files": {"files": {"file": b"hi"}, "data": {"purpose": "user_data"}},
    "/v1/uploads": {"json": UPLOAD},
    "/v1/messages/batches": {"json": {"requests": [{"custom_id": "a", "params": CHAT}]}},
    "/api/v3/files": {"files": {"file": b"hi"}, "data": {"purpose": "user_data"}},
}
"""How something is made that a door names by its id."""


AGAIN = ("POST /api/v3/batch", "POST /api/v3/bots")
"""Doors that read their bodies as their sisters do."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A house with the fake model that ships: its address, and a key to everything."""
    home: Path = tmp_path_factory.mktemp("described")
    fake = Scripted("scripted", window=WINDOW)
    app = build({"scripted": fake}, home=home, clock=SystemClock(), judge="scripted")
    with served(app) as url:
        yield url, make_key(home, Scope.ADMIN)


def ways() -> Iterator[tuple[str, GenerationMode]]:
    """Every door as its description allows, and where something can be wrong, as it does not."""
    for label, door in DOORS.items():
        if label.startswith(AGAIN):
            continue
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
    headers = {"authorization": f"Bearer {key}"}
    told = {one.name for one in DOORS[door].headers}
    place, found, _ = door.partition(" ")[2].partition("/{id}")
    ids: dict[str, str] = {}
    if mode is GenerationMode.POSITIVE and found and place in MADE:
        made = httpx2.post(url + place, headers=headers, timeout=30, **MADE[place])
        ids["id"] = made.json()["id"]

    @examples(15)
    @given(case=DOORS[door].as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        case.path_parameters.update(ids)
        if VERSION not in told:
            case.headers.pop(VERSION, None)  # an error would be told in another vendor's words
        answer = case.call(base_url=url, headers=headers, timeout=30)
        case.validate_response(answer, checks=KEPT)
        assert answer.status_code < 500 or "The answer of 'scripted' is" in answer.text, (
            "only the fake may fail, which knows no form"
        )

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
