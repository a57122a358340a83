"""What a bare HTTP client meets: both generations of keys, whose manner, who may leave."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from seedbed.core.access import Scope
from seedbed.core.ask import Ask
from seedbed.core.event import Event, ReasoningDelta, TextDelta
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from tests.api.running import WINDOW, Caller, House, alive, build, make_key

pytestmark = pytest.mark.anyio

MESSAGES = "/v1/messages"
SAY: dict[str, object] = {
    "model": "scripted",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "one two three"}],
}
VERSION = {"anthropic-version": "2023-06-01"}


async def test_the_first_generation_shows_its_key_in_a_header_of_its_own(house: House) -> None:
    first = VERSION | {"x-api-key": house.key}
    first |= {"anthropic-beta": "computer-use-2025-01-24,unknown-2030-01-01"}
    async with house.client() as client:
        del client.headers["authorization"]
        answer = await client.post(f"{MESSAGES}?beta=true", json=SAY, headers=first)
        listed = await client.get("/v1/models", headers=first)
    assert answer.json()["content"] == [{"type": "text", "text": "one two three"}]
    assert answer.headers["request-id"] == answer.headers["x-request-id"]
    assert listed.json()["last_id"] == "scripted"


async def test_a_version_need_not_be_told_where_only_this_vendor_answers(house: House) -> None:
    async with house.client() as client:
        answer = await client.post(MESSAGES, json=SAY)
        refused = await client.post(MESSAGES, json={})
    assert answer.json()["type"] == "message"
    assert refused.json()["error"]["type"] == "invalid_request_error"


async def test_a_shared_path_is_told_apart_by_the_version(house: House) -> None:
    async with house.client() as client:
        theirs = await client.get("/v1/models", headers=VERSION)
        others = await client.get("/v1/models")
        one = await client.get("/v1/models/scripted", headers=VERSION)
        other = await client.get("/v1/models/scripted")
    assert (theirs.json()["has_more"], others.json()["object"]) == (False, "list")
    assert (one.json()["type"], other.json()["object"]) == ("model", "model")
    assert "request-id" in theirs.headers
    assert "request-id" not in others.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1/models/nope", 404),
        ("PUT", "/v1/models", 405),
        ("GET", MESSAGES, 405),
        ("GET", f"{MESSAGES}/nope", 404),
    ],
)
async def test_what_is_not_served_is_told_in_its_manner(
    house: House, method: str, path: str, status: int
) -> None:
    async with house.client(**VERSION) as client:
        answer = await client.request(method, path)
    told = answer.json()
    assert (answer.status_code, told["type"]) == (status, "error")
    assert told["request_id"] == answer.headers["request-id"]


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/scripted", MESSAGES])
async def test_nobody_is_let_in_without_a_key(house: House, path: str) -> None:
    method = "POST" if path == MESSAGES else "GET"
    async with house.client(**VERSION) as client:
        del client.headers["authorization"]
        answer = await client.request(method, path, json=SAY)
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")


async def test_a_client_may_look_whether_anything_answers(house: House) -> None:
    async with house.client() as client:
        looked, got = await client.head("/"), await client.get("/")
    assert (looked.status_code, got.status_code) == (200, 404)


@pytest.mark.parametrize("block", [{"type": "text", "text": "\ud800"}, {"type": "thinking"}])
async def test_letters_that_are_none_and_blocks_in_part_are_refused(
    house: House, block: dict[str, str]
) -> None:
    said = [{"role": "user", "content": [block]}]
    async with house.client() as client:
        answer = await client.post(MESSAGES, content=json.dumps(SAY | {"messages": said}))
    assert answer.status_code == 400


async def test_an_answer_is_given_again_with_its_seals(home: Path, clock: FakeClock) -> None:
    app = build({"m": Sealed("m", window=WINDOW)}, home=home, clock=clock)
    async with alive(app):
        house = House(app, make_key(home, Scope.MODELS), home, clock)
        async with house.client(**{"idempotency-key": "k"}) as client:
            said = SAY | {"model": "m"}
            first, second = [(await client.post(MESSAGES, json=said)).json() for _ in range(2)]
    assert first["content"] == second["content"]
    assert first["content"][0]["signature"] == "EqQB"


class Sealed(Scripted):
    """An engine whose thoughts somebody else has sealed."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                if isinstance(event, TextDelta) and event.text == "one":
                    yield ReasoningDelta("Hm.", seal=b"EqQB")
                yield event


async def test_who_leaves_stops_the_work(home: Path, clock: FakeClock) -> None:
    engine = Scripted("scripted", window=WINDOW)
    app = build({"scripted": engine}, home=home, clock=clock)
    async with alive(app):
        key = make_key(home, Scope.MODELS)
        body = json.dumps(SAY | {"stream": True}).encode()
        caller = Caller(body, key=key, path=MESSAGES, leaves_after=2)
        await caller.ask(app)
    assert engine.steps < 3
    assert "message_stop" not in caller.text
