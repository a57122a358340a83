"""Everything over HTTP that is no model call, and what every response has."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send
from structlog.typing import EventDict

from seedbed import __version__
from seedbed.api.edge import Edge
from seedbed.api.manner import Manners
from seedbed.api.openai.manner import OpenAi
from seedbed.api.site import build_site
from seedbed.engines.scripted import Scripted
from tests.api.running import CHAT, WINDOW, House

pytestmark = pytest.mark.anyio

REQUEST_ID = re.compile("req_[0-9a-f]{24}")


async def test_a_house_says_that_it_lives_and_which_start_of_it_this_is(house: House) -> None:
    async with house.client(authorization="") as client:
        first, second = [(await client.get("/healthz")).json() for _ in range(2)]
    assert first == second
    assert (first["status"], first["version"]) == ("ok", __version__)
    assert first["instance"].startswith("instance_")


async def test_a_house_is_ready_when_nothing_keeps_it(house: House) -> None:
    async with house.client(authorization="") as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@asynccontextmanager
async def nothing(_: object) -> AsyncGenerator[None]:
    yield


def site(*routes: Route, trouble: dict[str, str] | None = None) -> Edge:
    built = build_site(
        routes,
        manners=Manners(OpenAi()),
        trouble=lambda: trouble or {},
        instance="instance_of_a_test",
        lifespan=nothing,
    )
    return Edge(built, manners=Manners(OpenAi()))


def client_of(app: Edge) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://house")


async def test_a_house_that_is_not_ready_says_what_keeps_it() -> None:
    async with client_of(site(trouble={"m@here": "loading"})) as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "waiting", "for": {"m@here": "loading"}}


async def test_the_models_that_are_served_are_listed_and_shown(house: House) -> None:
    async with house.client() as client:
        listed = (await client.get("/v1/models")).json()
        shown = (await client.get("/v1/models/scripted")).json()
    assert listed == {"object": "list", "data": [shown]}
    created = int(house.clock.wall())
    assert shown == {
        "id": "scripted",
        "object": "model",
        "created": created,
        "owned_by": "seedbed",
        "seedbed": {
            "features": sorted(Scripted.features),
            "window": WINDOW,
            "engine": "scripted",
            "state": "ready",
        },
    }


@pytest.mark.parametrize("name", ["nope", "with/a/slash", "scripted/", "ümlaut"])
async def test_a_model_that_is_not_served_is_not_found_and_the_served_ones_are_named(
    house: House, name: str
) -> None:
    async with house.client() as client:
        answer = await client.get(f"/v1/models/{name}")
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert f"'{name}'" in error["message"]
    assert "scripted" in error["message"]


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/scripted"])
async def test_models_are_shown_to_nobody_without_a_key(house: House, path: str) -> None:
    async with house.client(authorization="Bearer wrong") as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/completions/", "/v1/evals", "/%00"])
async def test_an_unknown_path_is_not_found_and_the_hint_tells_the_right_base(
    house: House, path: str
) -> None:
    async with house.client() as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "path_unknown"
    assert "base URL ends in /v1" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/healthz", "/v1/models", "/v1/models/scripted"])
async def test_another_method_is_refused_with_those_that_are_taken(house: House, path: str) -> None:
    async with house.client() as client:
        answer = await client.delete(path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert "This path takes GET, HEAD." in answer.json()["error"]["message"]


async def test_every_response_has_a_name_of_its_own_errors_included(house: House) -> None:
    async with house.client() as client:
        answers = [
            await client.get("/healthz"),
            await client.get("/v1/models"),
            await client.get("/nowhere"),
            await client.delete("/v1/models"),
            await client.get(CHAT),
            await client.post(CHAT, content=b"{"),
            await client.post(CHAT, content=b"{}", headers={"authorization": ""}),
            await client.post(CHAT, content=echo()),
            await client.post(CHAT, content=echo(stream=True)),
        ]
    names = [answer.headers["x-request-id"] for answer in answers]
    assert all(REQUEST_ID.fullmatch(name) for name in names)
    assert len(set(names)) == len(names)


def echo(**fields: object) -> bytes:
    messages = [{"role": "user", "content": "hi"}]
    return json.dumps({"model": "scripted", "messages": messages, **fields}).encode()


async def test_a_fault_that_nobody_foresaw_is_a_500_and_one_event_in_the_log(
    logged: list[EventDict],
) -> None:
    async def breaks(_: Request) -> Response:
        raise ZeroDivisionError

    async with client_of(site(Route("/breaks", breaks))) as client:
        answer = await client.get("/breaks")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"]["code"] == "internal_error"
    assert "x-request-id" in answer.json()["error"]["message"]
    (broke,) = [line for line in logged if line["event"] == "request.broke"]
    assert (broke["request"], broke["path"]) == (answer.headers["x-request-id"], "/breaks")
    assert broke["log_level"] == "error"


async def test_a_fault_of_whatever_stands_behind_the_edge_is_still_answered() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    async with client_of(Edge(app, manners=Manners(OpenAi()))) as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert REQUEST_ID.fullmatch(answer.headers["x-request-id"])


async def test_other_connections_than_requests_are_passed_on_untouched() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        seen.append(scope)

    async def never() -> Message:
        raise AssertionError

    async def nobody(_: Message) -> None:
        raise AssertionError

    scope = {"type": "websocket", "path": "/"}
    await Edge(app, manners=Manners(OpenAi()))(scope, never, nobody)
    assert seen == [{"type": "websocket", "path": "/"}]
