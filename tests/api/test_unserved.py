"""What the vendors have and this house has not."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from seedbed.api import unserved
from seedbed.api.anthropic.manner import Anthropic, wants
from seedbed.api.ark.manner import MANNERS
from seedbed.api.edge import Edge
from seedbed.api.manner import Manners
from seedbed.api.openai.manner import OpenAi
from seedbed.api.site import build_site
from seedbed.api.unserved import UNSERVED

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def nothing(_: object) -> AsyncGenerator[None]:
    yield


async def door(_: Request) -> Response:
    return PlainTextResponse("a door")


def client() -> httpx2.AsyncClient:
    manners = Manners(OpenAi(), [(wants, Anthropic()), *MANNERS])
    served = Route("/v1/audio/voices", door, methods=["POST"])
    site = build_site(
        [served, *unserved.routes()],
        manners=manners,
        trouble=dict,
        instance="instance_of_a_test",
        lifespan=nothing,
    )
    app = Edge(site, manners=manners)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://house")


async def asked(
    method: str, path: str, headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    async with client() as one:
        return await one.request(method, path, headers=headers)


@pytest.mark.parametrize("branch", UNSERVED)
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("POST", "/x"), ("DELETE", "/x/y/z")])
async def test_all_of_a_branch_is_refused_with_why(method: str, rest: str, branch: str) -> None:
    answer = await asked(method, branch + rest)
    assert answer.status_code == 501
    said = answer.json()["error"]["message"]
    assert said.startswith(f"{branch}{rest} is not served here: {UNSERVED[branch]}")


@pytest.mark.parametrize("because", sorted(set(UNSERVED.values())))
def test_a_reason_is_the_end_of_a_sentence(because: str) -> None:
    assert because[0].islower() or because[0] == "/"
    assert because.endswith(".")


async def test_an_openai_client_is_told_in_its_words() -> None:
    error = (await asked("POST", "/v1/evals")).json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "path_unserved")


async def test_an_anthropic_client_is_told_in_its_words() -> None:
    answer = await asked("GET", "/v1/skills", {"anthropic-version": "2026-10-21"})
    told = answer.json()
    assert (answer.status_code, told["type"]) == (501, "error")
    assert told["request_id"] == answer.headers["request-id"]


async def test_an_ark_client_is_told_in_its_words() -> None:
    answer = await asked("GET", "/api/v3/classification/x")
    assert answer.json()["error"]["code"] == "OperationDenied.NotImplemented"


async def test_a_door_is_asked_before_its_branch_is_refused() -> None:
    assert (await asked("POST", "/v1/audio/voices")).text == "a door"
    assert (await asked("POST", "/v1/audio/voices/x")).status_code == 501


async def test_what_only_begins_alike_is_not_known() -> None:
    assert (await asked("GET", "/v1/audiobooks")).status_code == 404
