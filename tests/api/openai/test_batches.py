"""Batches by OpenAI's own client: told from their jobs, with the answers as files."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types import Batch
from starlette.requests import Request

from seedbed.api.guard import Guard
from seedbed.core.errors import AccessDenied
from seedbed.core.job import Fault, Progress, State
from seedbed.jobs.batch import Batch as BatchJob
from seedbed.jobs.door import Door
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.jobs import Filter
from seedbed.store.tokens import Tokens
from tests.api.files.doors import Doors, asks, doors
from tests.api.running import served
from tests.jobs.houses import job_house

A_DAY = 86_400
SOUND, UNSOUND = {"choices": []}, {"error": {"message": "no"}}


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Doors]:
    with doors(home, clock) as opened:
        yield opened


def client_of(room: Doors, project: str = "p") -> AsyncOpenAI:
    return AsyncOpenAI(
        base_url="http://house/v1",
        api_key=room.key(project),
        max_retries=0,
        http_client=room.client(project),
    )


async def begun(client: AsyncOpenAI, said: bytes | None = None, **more: object) -> Batch:
    file = await client.files.create(file=said or asks("a", "b", "c"), purpose="batch")
    return await client.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        **more,  # type: ignore[arg-type]  # as a test wants it
    )


async def lines_of(client: AsyncOpenAI, file: str | None) -> list[tuple[str, int]]:
    assert file
    content = (await client.files.content(file)).read()
    told = [json.loads(line) for line in content.splitlines()]
    return [(line["custom_id"], line["response"]["status_code"]) for line in told]


@pytest.mark.slow
def test_a_batch_is_answered_by_a_worker_and_read_by_the_client(home: Path) -> None:
    """The whole way: the client, the door, a job, a worker, and a door that answers its lines."""

    def ask(request: httpx2.Request) -> httpx2.Response:
        said = json.loads(request.content)
        return httpx2.Response(200 if said["n"] else 400, json={"n": said["n"]})

    async def work() -> None:
        house = job_house(room.database)
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(ask)) as inner:
            door = Door(lambda: "http://here", inner, clock=SystemClock())
            async with house.worker(BatchJob(room.artifacts, room.jobs, door).kind):
                (job,) = await house.jobs.newest(Filter(), last=1)
                assert (await house.ended(job)).state is State.SUCCEEDED

    with (
        doors(home, SystemClock()) as room,
        served(room.app) as url,
        OpenAI(base_url=f"{url}/v1", api_key=room.key("p"), max_retries=0) as client,
    ):
        said = asks("a") + b"\n" + asks("b", body={"n": 0})
        file = client.files.create(file=said, purpose="batch")
        made = client.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        assert made.status == "validating"
        asyncio.run(work())
        done = client.batches.retrieve(made.id)
        assert done.status == "completed"
        assert done.request_counts
        assert done.request_counts.to_dict() == {"completed": 1, "failed": 1, "total": 2}
        assert b'"n": 1' in client.files.content(done.output_file_id or "").read()
        assert b'"n": 0' in client.files.content(done.error_file_id or "").read()


@pytest.mark.anyio
async def test_a_batch_is_told_as_its_type_says_while_it_waits_and_runs(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client, metadata={"a": "b"})
        assert (made.status, made.metadata) == ("validating", {"a": "b"})
        assert made.expires_at == made.created_at + A_DAY
        async with room.taken() as (claims, claim):
            assert (await client.batches.retrieve(made.id)).status == "validating"
            await claims.tell(claim, Progress(1, 3, ""))
            half = await client.batches.retrieve(made.id)
            await claims.tell(claim, Progress(3, 3, ""))
            assert (await client.batches.retrieve(made.id)).status == "finalizing"
    Batch.model_validate(half.model_dump(), strict=True)
    assert (half.status, half.output_file_id, half.errors) == ("in_progress", None, None)
    assert half.request_counts
    assert half.request_counts.to_dict() == {"completed": 1, "failed": 0, "total": 3}
    assert half.in_progress_at == made.created_at


@pytest.mark.anyio
async def test_answers_are_files_that_are_made_once(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client)
        await room.answered([("a", 200, SOUND), ("b", 400, UNSOUND), ("c", 200, SOUND)])
        done = await client.batches.retrieve(made.id)
        again = await client.batches.retrieve(made.id)
        assert await lines_of(client, done.output_file_id) == [("a", 200), ("c", 200)]
        assert await lines_of(client, done.error_file_id) == [("b", 400)]
        files = [one async for one in client.files.list(purpose="batch_output")]
    Batch.model_validate(done.model_dump(), strict=True)
    assert again == done
    assert {one.id for one in files} == {done.output_file_id, done.error_file_id}
    assert {one.filename for one in files} == {f"{made.id}_{w}.jsonl" for w in ("output", "error")}
    assert (done.status, done.completed_at, done.failed_at) == ("completed", made.created_at, None)
    assert files[0].expires_at == files[0].created_at + 30 * A_DAY


@pytest.mark.anyio
async def test_a_file_that_would_be_empty_is_none(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client, output_expires_after={"anchor": "created_at", "seconds": 3600})
        await room.answered([("a", 200, SOUND)])
        done = await client.batches.retrieve(made.id)
        output = await client.files.retrieve(done.output_file_id or "")
    assert done.error_file_id is None
    assert output.expires_at == output.created_at + 3600


@pytest.mark.anyio
async def test_who_looks_at_the_same_time_makes_no_second_files(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client)
        await room.answered([("a", 200, SOUND), ("b", 500, UNSOUND)])
        looks = await asyncio.gather(*(client.batches.retrieve(made.id) for _ in range(4)))
        files = [one.id async for one in client.files.list(purpose="batch_output")]
    assert len({(look.output_file_id, look.error_file_id) for look in looks}) == 1
    assert set(files) == {looks[0].output_file_id, looks[0].error_file_id}


@pytest.mark.anyio
async def test_a_batch_that_its_budget_ended_has_what_was_answered(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client)
        fault = Fault("budget_spent", "The budget is spent.", "Raise it.")
        await room.answered([("a", 200, SOUND)], fault=fault)
        done = await client.batches.retrieve(made.id)
        assert await lines_of(client, done.output_file_id) == [("a", 200)]
    assert (done.status, done.failed_at) == ("failed", made.created_at)
    assert done.errors
    assert done.errors.data
    assert (done.errors.data[0].code, done.errors.data[0].message) == (
        "budget_spent",
        "The budget is spent. Raise it.",
    )


@pytest.mark.anyio
async def test_one_that_is_taken_up_again_is_written_anew_at_its_end(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client)
        fault = Fault("budget_spent", "The budget is spent.", "Raise it.")
        await room.answered([("a", 200, SOUND)], fault=fault)
        first = await client.batches.retrieve(made.id)
        (job,) = await room.jobs.newest(Filter(), last=1)
        await room.jobs.resume(job.id)
        between = await client.batches.retrieve(made.id)
        await room.answered([("a", 200, SOUND), ("b", 200, SOUND)])
        last = await client.batches.retrieve(made.id)
        assert await lines_of(client, last.output_file_id) == [("a", 200), ("b", 200)]
    assert (between.status, between.output_file_id, between.errors) == ("validating", None, None)
    assert first.output_file_id != last.output_file_id


@pytest.mark.anyio
async def test_a_batch_that_runs_is_cancelled_with_what_it_did_step_by_step(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client)
        async with room.taken():
            half = await client.batches.cancel(made.id)
        assert (half.status, half.cancelling_at) == ("cancelling", made.created_at)


@pytest.mark.anyio
async def test_what_was_answered_before_the_end_is_a_file(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client)
        await room.stopped([("a", 200, SOUND), ("b", 400, UNSOUND)])
        done = await client.batches.retrieve(made.id)
        assert await lines_of(client, done.output_file_id) == [("a", 200)]
        assert await lines_of(client, done.error_file_id) == [("b", 400)]
        with pytest.raises(openai.ConflictError, match="'cancelled'"):
            await client.batches.cancel(made.id)
    assert (done.status, done.cancelled_at) == ("cancelled", made.created_at)


@pytest.mark.anyio
async def test_one_that_waits_is_cancelled_at_once_and_one_that_waits_too_long_expires(
    room: Doors, clock: FakeClock
) -> None:
    async with client_of(room) as client:
        one, other = await begun(client), await begun(client)
        gone = await client.batches.cancel(one.id)
        assert (gone.status, gone.output_file_id) == ("cancelled", None)
        await clock.advance(A_DAY)
        await room.expire()
        late = await client.batches.retrieve(other.id)
    assert (late.status, late.expired_at) == ("expired", late.expires_at)


@pytest.mark.anyio
async def test_batches_are_listed_by_project_page_by_page(room: Doors) -> None:
    async with client_of(room) as client, client_of(room, "q") as stranger:
        made = [(await begun(client)).id for _ in range(3)]
        assert [one.id async for one in client.batches.list(limit=2)] == made[::-1]
        assert [one async for one in stranger.batches.list()] == []
        for ask in (stranger.batches.retrieve, stranger.batches.cancel):
            with pytest.raises(openai.NotFoundError, match="There is no batch"):
                await ask(made[0])
        file = await client.files.create(file=b"{}", purpose="batch")
        with pytest.raises(openai.NotFoundError, match="There is no file"):
            await stranger.batches.create(
                input_file_id=file.id, endpoint="/v1/embeddings", completion_window="24h"
            )


@pytest.mark.anyio
async def test_a_batch_keeps_its_file_of_asks_when_its_caller_deletes_it(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client)
        await client.files.delete(made.input_file_id)
    assert await room.held() == {made.id}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint": "/v1/videos"}, "endpoint"),
        ({"completion_window": "1h"}, "completion_window"),
        ({"metadata": {"a": 1}}, "metadata[...]"),
        ({"input_file_id": None}, "input_file_id"),
    ],
)
async def test_what_is_not_served_is_refused_by_name(
    room: Doors, change: dict[str, object], field: str
) -> None:
    body = {"input_file_id": "f", "endpoint": "/v1/embeddings", "completion_window": "24h"}
    async with room.client() as client:
        told = await client.post("/v1/batches", json=body | change)
    assert told.status_code == 400
    assert told.json()["error"]["param"] == field


@pytest.mark.anyio
async def test_a_job_submits_no_batch(room: Doors) -> None:
    async with client_of(room) as client:
        await begun(client)
    async with room.taken() as (_, claim):
        headers = [(b"authorization", f"Bearer {claim.token}".encode())]
    guard = Guard(Tokens(room.database).principal, clock=room.clock)
    batches = replace(room.batches, files=replace(room.files, guard=guard))
    with pytest.raises(AccessDenied, match="token of a job"):
        await batches.admit(Request({"type": "http", "headers": headers}))
