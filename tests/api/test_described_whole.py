"""Every route that answers is described, and whatever is described has a route that answers."""

import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import cast

import pytest

from seedbed.api import schema
from seedbed.store.database import Database
from tests.api.every_route import Whole, whole

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

BESIDE = ("/api/coding", "/api/plan", "/api/compatible")
"""Where what is described answers, too, as the description says in a sentence."""
OTHERWISE = {("POST", "/mcp"), ("GET", "/metrics"), ("GET", "/openapi.json")}
"""What is told of in other words: by its own protocol, for Prometheus, and the description."""
ENCRYPTED = ("POST", "/api/v3/e2e/get/certificate")
"""What Ark's clients ask before they send what a house could not read: it is refused."""
ALWAYS = {("GET", "/healthz"), ("GET", "/readyz")}
"""What the site itself has, beside its doors."""
_METHODS = ("get", "post", "put", "patch", "delete")
Ask = tuple[str, str]


@pytest.fixture
async def house(home: Path, database: Database) -> AsyncGenerator[Whole]:
    async with whole(home, database) as opened:
        yield opened


def plain(path: str) -> str:
    """A path, whatever its names are called."""
    return re.sub(r"{[^}]*}", "{}", path)


def described() -> Iterator[Ask]:
    paths = cast("dict[str, dict[str, object]]", schema.describe()["paths"])
    for path, told in paths.items():
        yield from ((method.upper(), plain(path)) for method in told if method in _METHODS)


async def test_what_is_not_described_answers_501_and_what_is_described_has_a_route(
    house: Whole,
) -> None:
    """A route that refuses all that is asked of it is none of ours."""
    served = {(method, plain(path)) for method, path in house.routes}
    served |= {(method, plain(path)) for method, path in house.doors.calls}
    told = set(described())
    assert told - served == ALWAYS
    beside = {(method, path) for method, path in served if path.startswith(BESIDE)}
    answers: dict[Ask, int] = {}
    async with house.client("ours") as client:
        for method, path in served - told - beside - OTHERWISE:
            asked = await client.request(method, path.replace("{}", "a"), json={})
            answers[method, path] = asked.status_code
    assert answers.pop(ENCRYPTED) == 400
    assert set(answers.values()) == {501}, answers


async def test_what_answers_elsewhere_too_is_described_where_it_is_at_home(house: Whole) -> None:
    served = {(method, plain(path)) for method, path in house.routes}
    served |= {(method, plain(path)) for method, path in house.doors.calls}
    homes = {"/api/coding/v3": "/api/v3", "/api/plan/v3": "/api/v3"}
    homes |= {"/api/coding/v1": "/v1", "/api/compatible/v1": "/v1"}
    beside = [(method, path) for method, path in served if path.startswith(BESIDE)]
    assert beside
    for method, path in beside:
        there = next(one for one in homes if path.startswith(one))
        assert (method, homes[there] + path.removeprefix(there)) in served
