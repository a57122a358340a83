"""How far a response in the background is, by its job; and all the way through a worker."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from openai import AsyncOpenAI
from starlette.types import ASGIApp

from seedbed.api.following import Following
from seedbed.api.openai.responses.background import Background
from seedbed.core.access import Scope
from seedbed.core.errors import JobUnknown, ObjectUnknown
from seedbed.core.event import Failed, Finished, Started
from seedbed.core.job import Draft, Fault, Job, Owner, State
from seedbed.core.object import Object
from seedbed.engines.scripted import Scripted
from seedbed.jobs.door import Door
from seedbed.jobs.response import KIND, Response
from seedbed.jobs.schedule import following
from seedbed.jobs.worker import Books, Worker
from seedbed.kit.clock import SystemClock
from seedbed.serving.account import Order
from seedbed.store.claims import Claims
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.objects import Objects
from seedbed.store.overview import Overview
from seedbed.store.schedules import Schedules
from seedbed.store.workers import Workers
from tests.api.openai.asking import WHO, Answering, decoded, past_of, read, whole
from tests.api.running import WINDOW, alive, build, make_key

pytestmark = pytest.mark.anyio

WAITING = {"id": "resp_1", "status": "queued"}


class Desk(Jobs):
    """The jobs of a house, the one of them as a test wants it."""

    def __init__(self, database: Database, job: Job) -> None:
        super().__init__(database, currency="USD")
        self.job = job

    async def find(self, job: str, *, project: str | None = None) -> Job:
        assert (job, project) == (self.job.id, "p")
        return self.job


@pytest.fixture
def objects(database: Database) -> Objects:
    return Objects(database, clock=SystemClock())


def _follow(database: Database) -> Following:
    return Following(Overview(database), clock=SystemClock())


async def _found(database: Database, objects: Objects, **facts: object) -> Object:
    owner = Owner("u", "p", "key_1")
    job = await Jobs(database, currency="USD").submit(Draft(KIND, {}, owner), now=1)
    as_wanted: Job = replace(job, **facts)  # type: ignore[arg-type]  # a test names what it wants
    one = Object("resp_1", KIND, "p", 1, {"response": WAITING, "input": [], "job": job.id})
    await objects.put(replace(one, body={"response": {"status": "completed"}, "input": []}))
    return await Background(objects, Desk(database, as_wanted), _follow(database)).found(one)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.QUEUED, "queued"),
        (State.RUNNING, "in_progress"),
        (State.CANCELLED, "cancelled"),
        (State.EXPIRED, "failed"),
        (State.SUCCEEDED, "completed"),
    ],
)
async def test_a_response_stands_as_its_job_does(
    database: Database, objects: Objects, state: State, told: str
) -> None:
    found = await _found(database, objects, state=state)
    response = found.body["response"]
    assert isinstance(response, dict)
    assert response["status"] == told


async def test_why_a_job_failed_is_why_its_response_did(
    database: Database, objects: Objects
) -> None:
    fault = Fault("job_fatal", "Its worker died.", "Ask again.")
    found = await _found(database, objects, state=State.FAILED, fault=fault)
    error = {"code": "server_error", "message": "Its worker died. Ask again."}
    assert found.body["response"] == WAITING | {"status": "failed", "error": error}


async def test_a_job_of_another_project_is_not_looked_at(
    database: Database, objects: Objects
) -> None:
    one = Object("resp_1", KIND, "p", 1, {"response": WAITING, "job": "job_9"})
    jobs = Jobs(database, currency="USD")
    with pytest.raises(JobUnknown):
        await Background(objects, jobs, _follow(database)).found(one)


class Keyed(httpx2.ASGITransport):
    """The way of a worker to a house that knows keys alone, and no tokens of jobs."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        super().__init__(app)
        self._key = key

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["authorization"] = f"Bearer {self._key}"
        return await super().handle_async_request(request)


@asynccontextmanager
async def _working(home: Path, app: ASGIApp, key: str) -> AsyncGenerator[None]:
    """A worker of that house, while the block lasts."""
    clock = SystemClock()
    with closing(open_database(home / "seedbed.db")) as database:
        jobs = Jobs(database, currency="USD")
        schedules = Schedules(database, jobs, following=following)
        books = Books(Claims(database), Workers(database), schedules)
        async with httpx2.AsyncClient(transport=Keyed(app, key)) as client:
            door = Door(lambda: "http://house", client, clock=clock)
            kind = Response(Objects(database, clock=clock), door).kind
            worker = Worker([kind], books, clock=clock, at_once=1, chores=())
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(worker.run)
                yield
                tasks.cancel_scope.cancel()


@pytest.mark.slow
async def test_an_answer_comes_without_its_caller(home: Path) -> None:
    app = build({"m": Scripted("m", window=WINDOW)}, home=home, clock=SystemClock())
    async with alive(app):
        key = make_key(home, Scope.MODELS)
        transport = httpx2.ASGITransport(app)
        async with (
            httpx2.AsyncClient(transport=transport) as http,
            AsyncOpenAI(base_url="http://house/v1", api_key=key, http_client=http) as client,
            _working(home, app, key),
        ):
            talk = await client.conversations.create()
            asked = await client.responses.create(
                model="m", input="a b", background=True, conversation=talk.id
            )
            answer = asked
            with anyio.fail_after(60):
                while answer.status in {"queued", "in_progress"}:
                    await anyio.sleep(0.01)
                    answer = await client.responses.retrieve(asked.id)
            assert (answer.status, answer.output_text, answer.background) == (
                "completed",
                "a b",
                True,
            )
            assert (answer.id, answer.created_at) == (asked.id, asked.created_at)
            after = await client.responses.create(
                model="m", input="c", previous_response_id=answer.id
            )
            assert after.status == "completed"
            named = str(answer.output[0].id)
            await client.responses.create(
                model="m", input=[{"type": "item_reference", "id": named}]
            )
            assert (await client.responses.cancel(answer.id)).status == "completed"
            said = [item async for item in client.conversations.items.list(talk.id)]
            assert len(said) == 2


@pytest.mark.slow
async def test_an_answer_in_the_background_is_a_stream_that_a_caller_comes_back_to(
    home: Path,
) -> None:
    app = build({"m": Scripted("m", window=WINDOW)}, home=home, clock=SystemClock())
    async with alive(app):
        key = make_key(home, Scope.MODELS)
        async with (
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app)) as http,
            AsyncOpenAI(base_url="http://house/v1", api_key=key, http_client=http) as client,
            _working(home, app, key),
        ):
            asked: Any = {"model": "m", "input": "a b c", "background": True}
            events = [one async for one in await client.responses.create(stream=True, **asked)]
            assert [one.sequence_number for one in events] == list(range(len(events)))
            begun, end = events[0], events[-1]
            assert begun.type == "response.created"
            assert end.type == "response.completed"
            assert (begun.response.status, end.response.output_text) == ("queued", "a b c")
            words = [one.delta for one in events if one.type == "response.output_text.delta"]
            assert words == ["a ", "b ", "c"]
            again = await client.responses.retrieve(begun.response.id, stream=True)
            assert [one async for one in again][2:] == events[2:]
            later = await client.responses.create(**asked)
            waited = await client.responses.retrieve(later.id, stream=True, starting_after=4)
            assert [one.sequence_number async for one in waited] == list(range(5, len(events)))


async def test_a_stream_of_one_that_nobody_answers_yet_ends_with_the_server_and_without_an_end(
    database: Database,
) -> None:
    asked = {"input": "a", "background": True, "stream": True}
    told, sent = await whole(read(past_of(database), asked), [])
    assert [type(event) for event in told] == [Started, Finished]
    kinds = [event["type"] for event in decoded(sent)]
    assert kinds == ["response.created", "response.in_progress"]


async def test_who_waits_for_an_answer_that_is_deleted_is_told(database: Database) -> None:
    past = past_of(database)
    reading = read(past, {"input": "a", "background": True, "stream": True})
    assert reading.way
    events = reading.way.generate(Order(reading.ask, WHO, "req_0123"), Answering([]).generate)
    assert type(await anext(events)) is Started
    await past.forget("resp_0123", "p")
    failed = await anext(events)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ObjectUnknown)
    await events.aclose()
