"""Batches of messages by Anthropic's own client: told from their jobs, with a line for each."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import anthropic
import httpx2
import pytest
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

from seedbed.core.job import Fault, State
from seedbed.jobs.batch import Batch as BatchJob
from seedbed.jobs.batch import read_lines
from seedbed.jobs.door import Door
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.jobs import Filter
from tests.api.files.doors import Doors, doors
from tests.api.running import served
from tests.jobs.houses import job_house

PATH = "/v1/messages/batches"
USED = {
    "input_tokens": 1,
    "output_tokens": 1,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
}
SOUND = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [{"type": "text", "text": "Hm.\n"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": USED,
}
UNSOUND = {
    "type": "error",
    "error": {"type": "invalid_request_error", "message": "no"},
    "request_id": "req_1",
}


@pytest.fixture
def room(home: Path, clock: FakeClock) -> Iterator[Doors]:
    with doors(home, clock) as opened:
        yield opened


def client_of(room: Doors, project: str = "p") -> AsyncAnthropic:
    return AsyncAnthropic(
        base_url="http://house",
        auth_token=room.key(project),
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=httpx2.ASGITransport(room.app)),
    )


def requests(*custom_ids: str) -> list[dict[str, object]]:
    said = [{"role": "user", "content": "one\ntwo"}]
    params = {"model": "m", "max_tokens": 5, "messages": said}
    return [{"custom_id": one, "params": params} for one in custom_ids]


async def begun(client: AsyncAnthropic, *custom_ids: str) -> MessageBatch:
    return await client.messages.batches.create(requests=requests(*custom_ids))  # type: ignore[arg-type]


async def results(client: AsyncAnthropic, id_: str) -> list[tuple[str, str]]:
    lines = await client.messages.batches.results(id_)
    return [(line.custom_id, line.result.type) async for line in lines]


@pytest.mark.slow
def test_a_batch_is_answered_by_a_worker_and_read_by_the_client(home: Path) -> None:
    """The whole way: the client, the door, a job, a worker, and a door that answers its lines."""
    turns = iter([529, 200, 400])

    def ask(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/v1/messages"
        assert json.loads(request.content)["messages"][0]["content"] == "one\ntwo"
        status = next(turns)
        return httpx2.Response(status, json=SOUND if status == 200 else UNSOUND)

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
        Anthropic(base_url=url, auth_token=room.key("p"), max_retries=0) as client,
    ):
        batches = client.messages.batches
        made = batches.create(requests=requests("a", "b"))  # type: ignore[arg-type]
        with pytest.raises(anthropic.AnthropicError, match="No `results_url`"):
            batches.results(made.id)
        asyncio.run(work())
        done = batches.retrieve(made.id)
        assert done.processing_status == "ended"
        kinds = sorted(line.result.type for line in batches.results(made.id))
        assert kinds == ["errored", "succeeded"]
        assert [one.id for one in batches.list()] == [made.id]
        assert batches.delete(made.id).type == "message_batch_deleted"
        with pytest.raises(anthropic.NotFoundError):
            batches.retrieve(made.id)


@pytest.mark.anyio
async def test_a_batch_is_told_as_its_type_says(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client, "a", "b")
        async with room.taken():
            half = await client.messages.batches.retrieve(made.id)
    for told in (made, half):
        MessageBatch.model_validate(told.model_dump(), strict=True)
        assert (told.processing_status, told.results_url) == ("in_progress", None)
        assert told.request_counts.processing == 2
    assert made.created_at.timestamp() == room.clock.wall()
    assert (made.expires_at - made.created_at).total_seconds() == 86_400
    assert (made.ended_at, made.cancel_initiated_at, made.archived_at) == (None, None, None)


@pytest.mark.anyio
async def test_requests_become_a_file_of_asks_whatever_their_breaks(room: Doors) -> None:
    said = json.dumps({"requests": requests("a", "b")}, indent=2)
    async with room.client(anthropic_version="2023-06-01") as client:
        told = await client.post(PATH, content=said)
    assert told.status_code == 200
    (job,) = await room.jobs.newest(Filter(), last=1)
    artifact = await room.artifacts.find(str(job.input["file"]), "p")
    file = b"".join([piece async for piece in room.artifacts.open(artifact)])
    lines = read_lines(file, "/v1/messages")
    assert [line.custom_id for line in lines] == ["a", "b"]
    assert lines[0].body == requests("a")[0]["params"]


@pytest.mark.anyio
async def test_every_request_has_a_line_in_the_order_of_asking(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client, "a", "b", "c")
        fault = Fault("budget_spent", "The budget is spent.", "Raise it.")
        await room.answered([("a", 200, SOUND), ("c", 400, UNSOUND)], fault=fault)
        done = await client.messages.batches.retrieve(made.id)
        lines = [line async for line in await client.messages.batches.results(made.id)]
    for line in lines:
        MessageBatchIndividualResponse.model_validate(line.model_dump(), strict=True)
    assert [(line.custom_id, line.result.type) for line in lines] == [
        ("a", "succeeded"),
        ("b", "errored"),
        ("c", "errored"),
    ]
    first, second, _ = (line.result for line in lines)
    assert first.type == "succeeded"
    assert first.message.id == "msg_1"
    assert second.type == "errored"
    assert second.error.error.message == "The budget is spent. Raise it."
    counts = done.request_counts
    assert (counts.processing, counts.succeeded, counts.errored) == (0, 1, 2)
    assert done.ended_at == done.created_at


@pytest.mark.anyio
async def test_who_looks_at_the_same_time_reads_the_same(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client, "a")
        await room.answered([("a", 200, SOUND)])
        looks = await asyncio.gather(*(client.messages.batches.retrieve(made.id) for _ in range(4)))
        assert await results(client, made.id) == [("a", "succeeded")]
    assert all(look == looks[0] for look in looks)


@pytest.mark.anyio
async def test_what_was_not_answered_before_it_was_cancelled_is_told(room: Doors) -> None:
    async with client_of(room) as client:
        batches = client.messages.batches
        made = await begun(client, "a", "b")
        with pytest.raises(anthropic.ConflictError, match="Cancel it before"):
            await batches.delete(made.id)
        async with room.taken() as (claims, claim):
            half = await batches.cancel(made.id)
            await claims.end(claim, State.CANCELLED, now=room.files.now, result=None)
        assert half.processing_status == "canceling"
        assert half.cancel_initiated_at == made.created_at
        other = await begun(client, "a", "b")
        await room.stopped([("b", 200, SOUND)])
        assert await results(client, made.id) == [("a", "canceled"), ("b", "canceled")]
        assert await results(client, other.id) == [("a", "canceled"), ("b", "succeeded")]
        done = await batches.retrieve(other.id)
        assert (done.request_counts.canceled, done.request_counts.succeeded) == (1, 1)
        await batches.delete(made.id)
        await batches.delete(other.id)
    assert await room.held() == set()


@pytest.mark.anyio
async def test_one_that_waits_is_cancelled_at_once_and_deleted_unread(room: Doors) -> None:
    async with client_of(room) as client:
        made = await begun(client, "a")
        gone = await client.messages.batches.cancel(made.id)
        assert (gone.processing_status, gone.request_counts.canceled) == ("ended", 1)
        other = await begun(client, "a")
        await room.stopped([])
        await client.messages.batches.delete(other.id)
    assert await room.held() == {made.id}


@pytest.mark.anyio
async def test_one_that_waits_too_long_expires(room: Doors, clock: FakeClock) -> None:
    async with client_of(room) as client:
        made = await begun(client, "a")
        await clock.advance(86_400)
        await room.expire()
        assert await results(client, made.id) == [("a", "expired")]
        assert (await client.messages.batches.retrieve(made.id)).request_counts.expired == 1
        await clock.advance(28 * 86_400)
        with pytest.raises(anthropic.NotFoundError):
            await client.messages.batches.retrieve(made.id)


@pytest.mark.anyio
async def test_results_are_not_there_before_the_end(room: Doors) -> None:
    async with client_of(room) as client, room.client() as plain:
        made = await begun(client, "a")
        told = await plain.get(f"{PATH}/{made.id}/results")
    assert told.status_code == 404
    assert told.json()["type"] == "error"


@pytest.mark.anyio
async def test_batches_are_listed_by_project_page_by_page(room: Doors) -> None:
    async with client_of(room) as client, client_of(room, "q") as stranger:
        made = [(await begun(client, "a")).id for _ in range(3)]
        batches = client.messages.batches
        assert [one.id async for one in batches.list(limit=2)] == made[::-1]
        before = await batches.list(limit=2, before_id=made[0])
        assert [one.id for one in before.data] == made[:0:-1]
        empty = await stranger.messages.batches.list()
        assert (empty.data, empty.has_more, empty.first_id) == ([], False, None)
        theirs = stranger.messages.batches
        for ask in (theirs.retrieve, theirs.cancel, theirs.delete, theirs.results):
            with pytest.raises(anthropic.NotFoundError):
                await ask(made[0])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"requests": []}, "length >= 1"),
        ({"requests": requests("a", "a")}, "comes twice"),
        ({"requests": requests("a b")}, "regex"),
        ({"requests": [{"custom_id": "a", "params": 1}]}, "object"),
        ({"requests": [{"custom_id": "a", "params": {"stream": True}}]}, "wants a stream"),
        ({"requests": [{"custom_id": "a", "params": {"mcp_servers": [{}]}}]}, "mcp_servers"),
        ({}, "requests"),
    ],
)
async def test_what_is_no_batch_is_refused_and_leaves_nothing(
    room: Doors, said: object, why: str
) -> None:
    async with room.client() as client:
        told = await client.post(PATH, json=said)
        deep = await client.post(PATH, content=b'{"requests":' + b"[" * 100_000)
    assert told.status_code == deep.status_code == 400
    assert why in told.json()["error"]["message"]
    assert await room.held() == set()
