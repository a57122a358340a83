"""Requests with an `Idempotency-Key`, and with `X-Seedbed-Priority`."""

import json
from collections.abc import AsyncGenerator

import pytest

from seedbed.core.ask import Ask, Priority
from seedbed.core.event import Event
from seedbed.engines.scripted import Scripted
from tests.api.running import CHAT, EMBEDDINGS, House

pytestmark = pytest.mark.anyio

ASK: dict[str, object] = {
    "model": "scripted",
    "messages": [{"role": "user", "content": "one two three"}],
}


def _pieces(streamed: str) -> list[object]:
    lines = [line[6:] for line in streamed.splitlines() if line.startswith("data: {")]
    return [json.loads(line)["choices"] for line in lines]


async def test_the_same_request_is_answered_once(house: House) -> None:
    async with house.client(**{"idempotency-key": "k"}) as client:
        first, second = [(await client.post(CHAT, json=ASK)).json() for _ in range(2)]
    assert first["choices"] == second["choices"]
    assert first["seedbed"] == second["seedbed"]  # one entry, with one request's id
    assert len(house.ledger.entries(last=9)) == 1


async def test_a_stream_is_given_again_as_one(house: House) -> None:
    async with house.client(**{"idempotency-key": "k"}) as client:
        first, second = [
            (await client.post(CHAT, json=ASK | {"stream": True})).text for _ in range(2)
        ]
    assert _pieces(first) == _pieces(second)
    assert len(house.ledger.entries(last=9)) == 1


async def test_another_request_under_the_key_is_refused(house: House) -> None:
    async with house.client(**{"idempotency-key": "k"}) as client:
        await client.post(CHAT, json=ASK)
        other = await client.post(CHAT, json=ASK | {"max_tokens": 1})
        elsewhere = await client.post(EMBEDDINGS, json={"model": "scripted", "input": "a"})
    assert (other.status_code, elsewhere.status_code) == (422, 422)
    assert other.json()["error"]["code"] == "once_differs"


@pytest.mark.parametrize("key", ["", "k" * 201, "ke\xff"])
async def test_a_key_that_is_none_is_refused(house: House, key: str) -> None:
    async with house.client() as client:
        refused = await client.post(
            CHAT, json=ASK, headers={b"idempotency-key": key.encode("latin-1")}
        )
    assert refused.status_code == 400
    assert f"has {len(key)}" in refused.json()["error"]["message"]


@pytest.mark.parametrize("said", list(Priority))
async def test_an_ask_says_how_urgent_it_is(
    house: House, said: Priority, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Priority] = []
    generate = Scripted.generate

    def look(engine: Scripted, ask: Ask) -> AsyncGenerator[Event]:
        seen.append(ask.priority)
        return generate(engine, ask)

    monkeypatch.setattr(Scripted, "generate", look)
    async with house.client(**{"x-seedbed-priority": said.value}) as client:
        assert (await client.post(CHAT, json=ASK)).status_code == 200
    assert seen == [said]


async def test_an_urgency_that_is_none_is_refused(house: House) -> None:
    async with house.client(**{"x-seedbed-priority": "now"}) as client:
        refused = await client.post(CHAT, json=ASK)
    assert refused.status_code == 400
    assert "'now'" in refused.json()["error"]["message"]
