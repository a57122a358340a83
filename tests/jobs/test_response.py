"""Responses in the background: asked at the door, put where they wait, refused as they were."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import anyio
import httpx2
import pytest

from seedbed.core.errors import ObjectUnknown
from seedbed.core.job import Job, State
from seedbed.core.object import Object
from seedbed.jobs.door import Door
from seedbed.jobs.response import KIND, Response, failure
from seedbed.kit.clock import SystemClock
from seedbed.store.objects import Objects
from tests.jobs.houses import JobHouse, now

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

Answer = Callable[[httpx2.Request], httpx2.Response]
QUEUED = {"id": "resp_1a", "created_at": 1, "status": "queued", "background": True, "store": True}
OUTPUT = [{"id": "msg_2b0001", "type": "message"}]


def _answer(_: httpx2.Request) -> httpx2.Response:
    said = {"id": "resp_2b", "created_at": 2, "status": "completed", "store": False}
    return httpx2.Response(200, json=said | {"output": OUTPUT, "background": False})


class _Play:
    """A response that waits, in a house whose door answers as a test wants it."""

    def __init__(self, house: JobHouse, answer: Answer) -> None:
        self.house, self.asked = house, list[httpx2.Request]()
        self._answer = answer
        self.objects = Objects(house.database, clock=SystemClock())

    async def _take(self, request: httpx2.Request) -> httpx2.Response:
        await anyio.lowlevel.checkpoint()
        self.asked.append(request)
        return self._answer(request)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        transport = httpx2.MockTransport(self._take)
        async with httpx2.AsyncClient(transport=transport) as client:
            door = Door(lambda: "http://here", client, clock=SystemClock())
            async with self.house.worker(Response(self.objects, door).kind):
                yield

    async def ended(self) -> Job:
        body = {"response": QUEUED, "input": [], "asked": {"input": "a"}, "job": "job_1"}
        await self.objects.put(Object("resp_1a", KIND, "web", now(), body))
        asked = {"response": "resp_1a", "path": "/v1/responses"}
        async with self.running():
            return await self.house.ended(await self.house.submit(KIND, input=asked))

    async def kept(self) -> Object:
        return await self.objects.find(KIND, "resp_1a", "web")


async def test_an_answer_is_kept_under_the_id_that_was_told(house: JobHouse) -> None:
    play = _Play(house, _answer)
    job = await play.ended()
    assert (job.state, job.result) == (State.SUCCEEDED, {"response": "resp_1a"})
    (asked,) = play.asked
    assert (asked.url.path, json.loads(asked.content)) == ("/v1/responses", {"input": "a"})
    told = QUEUED | {"status": "completed", "output": [{"id": "msg_1a0001", "type": "message"}]}
    assert (await play.kept()).body == {"response": told, "input": [], "job": "job_1"}


async def test_a_refusal_is_told_by_the_response(house: JobHouse) -> None:
    def refuse(_: httpx2.Request) -> httpx2.Response:
        said = {"code": "model_not_found", "message": "no", "type": "a", "param": None}
        return httpx2.Response(404, json={"error": said})

    play = _Play(house, refuse)
    assert (await play.ended()).state is State.SUCCEEDED
    error = {"code": "server_error", "message": "no"}
    told = QUEUED | {"status": "failed", "error": error}
    assert (await play.kept()).body["response"] == told


async def test_what_fails_on_our_side_is_asked_three_times(house: JobHouse) -> None:
    def fail(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            502, json={"error": {"code": "engine_failed", "message": "no", "type": "server_error"}}
        )

    play = _Play(house, fail)
    assert (await play.ended()).state is State.SUCCEEDED
    assert len(play.asked) == 3
    assert len({request.headers["idempotency-key"] for request in play.asked}) == 1


async def test_one_that_was_deleted_is_not_asked_for(house: JobHouse) -> None:
    play = _Play(house, _answer)
    async with play.running():
        job = await house.ended(await house.submit(KIND, input={"response": "resp_9", "path": "/"}))
    assert job.state is State.FAILED
    assert job.fault
    assert (job.fault.code, play.asked) == (ObjectUnknown.code, [])


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("engine_failed", "server_error", "server_error"),
        ("rate_limit_exceeded", "rate_limit_error", "rate_limit_exceeded"),
        ("field_unserved", "invalid_request_error", "invalid_prompt"),
    ],
)
async def test_why_a_response_failed_is_told_in_the_words_that_there_are(
    code: str, kind: str, told: str
) -> None:
    error = {"code": code, "type": kind, "message": "no", "param": None}
    assert failure(error) == {"code": told, "message": "no"}


async def test_one_whose_worker_ends_is_answered_by_the_next(house: JobHouse) -> None:
    hung = anyio.Event()

    class Hanging(_Play):
        async def _take(self, request: httpx2.Request) -> httpx2.Response:
            self.asked.append(request)
            hung.set()
            await anyio.sleep_forever()
            raise AssertionError

    body = {"response": QUEUED, "input": [], "asked": {"input": "a"}}
    first, second = Hanging(house, _answer), _Play(house, _answer)
    await first.objects.put(Object("resp_1a", KIND, "web", now(), body))
    async with first.running():
        asked = {"response": "resp_1a", "path": "/v1/responses"}
        job = await house.submit(KIND, input=asked)
        await hung.wait()
    async with second.running():
        assert (await house.ended(job)).state is State.SUCCEEDED
    keys = {one.headers["idempotency-key"] for one in (*first.asked, *second.asked)}
    assert len(keys) == 1, "so that the door answers it once"
    response = (await second.kept()).body["response"]
    assert isinstance(response, dict)
    assert response["status"] == "completed"
