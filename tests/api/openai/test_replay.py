"""A response that is kept, as a stream: its events, its end, and what is told until it is there."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from openai import AsyncOpenAI

from seedbed.api.following import LOOK_SECONDS
from seedbed.api.openai.responses.events import Events, replayed
from seedbed.api.openai.responses.items import Kept
from seedbed.kit.clock import FakeClock
from tests.api.openai.asking import decoded
from tests.api.running import Caller, House

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]

PATH = "/v1/responses"
SIGN = ": the answer is not there yet\n\n"
ASKED: dict[str, Any] = {"model": "scripted", "input": "a", "background": True}
KINDS = ["response.created", "response.in_progress"]


class Piece(bytes):
    """Bytes that count what is copied where they are put behind others."""

    copied = 0

    def __radd__(self, before: bytes) -> bytes:
        Piece.copied += len(before) + len(self)
        return b"".join((before, self))


def said(text: str, status: str = "completed") -> Kept:
    """A response as it is kept, with an answer of those words."""
    part = {"type": "output_text", "text": text, "annotations": list[str](), "logprobs": []}
    item = {"id": "msg_1", "type": "message", "status": "completed", "content": [part]}
    return {"id": "resp_1", "status": status, "output": [item], "usage": None}


def test_a_long_answer_is_put_together_once(monkeypatch: pytest.MonkeyPatch) -> None:
    grown = Events.grown

    def counted(events: Events, at: int, text: str, likely: Sequence[object] = ()) -> bytes:
        return Piece(grown(events, at, text, likely))

    monkeypatch.setattr(Events, "grown", counted)
    monkeypatch.setattr(Piece, "copied", 0)
    sent = replayed(said("word " * 2_000), after=-1)
    words = [one for one in decoded(sent) if one["type"] == "response.output_text.delta"]
    assert len(words) == 2_000
    assert Piece.copied <= len(sent)


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_what_has_no_end_yet_is_told_without_one(status: str) -> None:
    sent = decoded(replayed(said("", status) | {"output": []}, after=-1))
    assert [one["type"] for one in sent] == KINDS


async def test_one_that_was_cancelled_ends_for_the_vendors_client(house: House) -> None:
    async with AsyncOpenAI(
        base_url="http://house/v1", api_key=house.key, http_client=house.client()
    ) as client:
        asked = await client.responses.create(**ASKED)
        assert (await client.responses.cancel(asked.id)).status == "cancelled"
        events = [one async for one in await client.responses.retrieve(asked.id, stream=True)]
    assert [one.type for one in events] == [*KINDS, "response.incomplete"]
    assert type(events[-1]).__name__ == "ResponseIncompleteEvent"
    assert events[-1].type == "response.incomplete"
    assert events[-1].response.status == "cancelled"


class Waiting:
    """A caller who waits for the stream of a response, over ASGI's own two ends."""

    def __init__(self, house: House, caller: Caller) -> None:
        self.house, self.caller = house, caller
        self.is_over = anyio.Event()

    async def run(self) -> None:
        await self.caller.ask(self.house.app)
        self.is_over.set()

    async def until(self, done: Callable[[], bool]) -> None:
        """Let time pass until something is done."""
        assert isinstance(self.house.clock, FakeClock)
        with anyio.fail_after(60):
            while not done():
                await self.house.clock.advance(LOOK_SECONDS)
                await anyio.sleep(0.001)

    @property
    def kinds(self) -> list[object]:
        """The events that came so far."""
        body = b"".join(message.get("body", b"") for message in self.caller.sent)
        return [one["type"] for one in decoded(body)]


def coming_back(house: House, id_: str, query: bytes = b"", **how: Any) -> Caller:
    caller = Caller(b"", key=house.key, path=f"{PATH}/{id_}", **how)
    caller.scope.update(method="GET", query_string=b"stream=true" + query)
    return caller


def asking(house: House, id_: str) -> Caller:
    del id_  # it asks for a response of its own
    body = b'{"model":"scripted","input":"a","background":true,"stream":true}'
    return Caller(body, key=house.key, path=PATH)


@asynccontextmanager
async def waiting(house: House, make: Callable[[House, str], Caller]) -> AsyncGenerator[Waiting]:
    """A caller who waits while the block lasts, and has been given a sign of life."""
    async with house.client() as client:
        id_ = (await client.post(PATH, json=ASKED)).json()["id"]
    waits = Waiting(house, make(house, id_))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(waits.run)
        await waits.until(lambda: bool(waits.kinds) and SIGN in waits.caller.text)
        yield waits
        await waits.until(waits.is_over.is_set)


def told_of(waits: Waiting) -> str:
    """The id of the response that a stream is of."""
    body = b"".join(message.get("body", b"") for message in waits.caller.sent)
    response: Any = decoded(body)[0]["response"]
    return str(response["id"])


@pytest.mark.parametrize("make", [asking, coming_back])
async def test_whoever_waits_is_told_the_beginning_at_once_then_signs_then_the_end(
    house: House, make: Callable[[House, str], Caller]
) -> None:
    async with waiting(house, make) as waits:
        assert waits.kinds == KINDS
        async with house.client() as client:
            await client.post(f"{PATH}/{told_of(waits)}/cancel")
    assert waits.kinds == [*KINDS, "response.incomplete"]


@pytest.mark.parametrize("make", [asking, coming_back])
async def test_whoever_waits_for_one_that_is_deleted_is_told(
    house: House, make: Callable[[House, str], Caller]
) -> None:
    async with waiting(house, make) as waits, house.client() as client:
        await client.delete(f"{PATH}/{told_of(waits)}")
    assert waits.kinds == [*KINDS, "error"]
    assert f"There is no response '{told_of(waits)}'" in waits.caller.text


async def test_whoever_leaves_waits_no_longer(house: House) -> None:
    async with waiting(house, coming_back) as waits:
        waits.caller.left.set()
    assert waits.kinds == KINDS


async def test_what_was_seen_is_not_told_again(house: House) -> None:
    async with house.client() as client:
        id_ = (await client.post(PATH, json=ASKED)).json()["id"]
        with anyio.fail_after(60):
            head = await client.head(f"{PATH}/{id_}?stream=true")
        assert (head.status_code, head.text) == (200, "")
        await client.post(f"{PATH}/{id_}/cancel")
        late = await client.get(f"{PATH}/{id_}?stream=true&starting_after=0")
        unknown = await client.get(f"{PATH}/resp_9?stream=true")
    assert [one["sequence_number"] for one in decoded(late.content)] == [1, 2]
    assert unknown.status_code == 404
