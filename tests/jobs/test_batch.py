"""Batches: each line once, the answers in order, and a budget that stops it."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2
import pytest

from seedbed.core.errors import RequestMalformed
from seedbed.core.job import Job, State
from seedbed.jobs.batch import LINES, MOST_LINES, Batch, read_lines
from seedbed.jobs.door import Door
from seedbed.kit.clock import SystemClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from tests.jobs.houses import JobHouse

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

Answer = Callable[[httpx2.Request], httpx2.Response]


def _line(number: int, **facts: object) -> dict[str, object]:
    line = {"custom_id": f"q{number}", "method": "POST", "url": "/v1/chat/completions"}
    return line | {"body": {"n": number}} | facts


def _file(*lines: object) -> bytes:
    return b"\n".join(json.dumps(line).encode() for line in lines)


def _echo(request: httpx2.Request) -> httpx2.Response:
    said = json.loads(request.content)
    return httpx2.Response(200, json={"answer": said["n"]}, headers={"x-request-id": "req_1"})


class _Play:
    """Batches in a house whose door answers as a test wants it."""

    def __init__(self, house: JobHouse, home: Path, answer: Answer) -> None:
        self.house, self.asked = house, list[httpx2.Request]()
        self._answer = answer
        self.shelf = Artifacts(
            house.database, lambda: open_blobs("", home, {}), clock=SystemClock()
        )
        self.url: str | None = "http://here"

    async def _take(self, request: httpx2.Request) -> httpx2.Response:
        await anyio.lowlevel.checkpoint()
        self.asked.append(request)
        return self._answer(request)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        transport = httpx2.MockTransport(self._take)
        async with httpx2.AsyncClient(transport=transport) as client:
            door = Door(lambda: self.url, client, clock=SystemClock())
            async with self.house.worker(Batch(self.shelf, self.house.jobs, door).kind):
                yield

    async def submit(self, said: bytes) -> Job:
        async def stream() -> AsyncGenerator[bytes]:
            yield said

        kept = await self.shelf.put(stream(), LINES, holder="test", project="web")
        return await self.house.submit("batch", input={"file": kept.hash})

    async def answers(self, job: Job) -> list[dict[str, object]]:
        assert isinstance(job.result, dict)
        artifact = await self.shelf.find(job.result["file"], "web")
        said = b"".join([piece async for piece in self.shelf.open(artifact)])
        return [json.loads(line) for line in said.splitlines()]


async def test_every_line_is_answered_once_in_order(house: JobHouse, home: Path) -> None:
    play = _Play(house, home, _echo)
    async with play.running():
        job = await house.ended(await play.submit(_file(*map(_line, range(30)))))
    assert (job.state, job.progress.done) == (State.SUCCEEDED, 30)
    answers = await play.answers(job)
    assert [answer["custom_id"] for answer in answers] == [f"q{n}" for n in range(30)]
    assert answers[7]["response"] == {
        "status_code": 200,
        "request_id": "req_1",
        "body": {"answer": 7},
    }
    keys = [request.headers["idempotency-key"] for request in play.asked]
    assert sorted(keys) == sorted(f"{job.id}.{n}" for n in range(30))
    assert {request.headers["x-seedbed-priority"] for request in play.asked} == {"batch"}
    assert {request.headers["authorization"][:11] for request in play.asked} == {"Bearer sbj-"}


async def test_pictures_are_answered_by_links_where_a_line_does_not_say_otherwise(
    house: JobHouse, home: Path
) -> None:
    said = [{"n": 1}, {"n": 2, "response_format": "b64_json"}]
    lines = [_line(n, url="/v1/images/generations", body=body) for n, body in enumerate(said)]
    play = _Play(house, home, _echo)
    async with play.running():
        await house.ended(await play.submit(_file(*lines, _line(3))))
    asked = sorted((json.loads(one.content) for one in play.asked), key=lambda body: body["n"])
    assert asked == [{"n": 1, "response_format": "url"}, said[1], {"n": 3}]


async def test_a_line_that_is_refused_is_an_answer_too(house: JobHouse, home: Path) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        said = json.loads(request.content)
        if said["n"] == 1:
            return httpx2.Response(400, json={"error": {"message": "no"}})
        return httpx2.Response(500, json={}) if said["n"] == 2 else _echo(request)

    play = _Play(house, home, answer)
    async with play.running():
        job = await house.ended(await play.submit(_file(*map(_line, range(4)))))
    assert isinstance(job.result, dict)
    assert (job.result["answered"], job.result["refused"]) == (2, 2)
    assert len(play.asked) == 4 + 2  # what fails on our side is asked three times


async def test_a_line_waits_for_a_server_that_has_room(house: JobHouse, home: Path) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        match len(play.asked):
            case 1:
                return httpx2.Response(503, json={}, headers={"retry-after": "0"})
            case 2:
                raise httpx2.ConnectError("nobody")
            case 3:
                return httpx2.Response(200, content=b"<html>")
            case 4:
                return httpx2.Response(529, json={})
            case _:
                return _echo(request)

    play = _Play(house, home, answer)
    async with play.running():
        job = await house.ended(await play.submit(_file(_line(1))))
    assert (job.state, len(play.asked)) == (State.SUCCEEDED, 5)


async def test_a_line_waits_until_a_server_runs(house: JobHouse, home: Path) -> None:
    play = _Play(house, home, _echo)
    play.url = None
    async with play.running():
        job = await play.submit(_file(_line(1)))
        await house.until(job, lambda found: found.state is State.RUNNING)
        play.url = "http://here"
        assert (await house.ended(job)).state is State.SUCCEEDED


async def test_a_batch_stops_at_its_budget_with_what_it_has(house: JobHouse, home: Path) -> None:
    is_rich = False

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not is_rich and json.loads(request.content)["n"] == 12:
            said = {"code": "budget_spent", "message": "The budget is spent."}
            return httpx2.Response(402, json={"error": said})
        return _echo(request)

    play = _Play(house, home, answer)
    async with play.running():
        job = await house.ended(await play.submit(_file(*map(_line, range(30)))))
        assert job.state is State.FAILED
        assert job.fault is not None
        assert job.fault.what == "The budget is spent."
        before = await play.answers(job)
        is_rich = True
        await house.jobs.resume(job.id)
        job = await house.ended(job)
    assert 0 < len(before) < 30
    assert [answer["custom_id"] for answer in await play.answers(job)] == [
        f"q{n}" for n in range(30)
    ]


async def test_a_batch_whose_token_is_not_known_ends(house: JobHouse, home: Path) -> None:
    play = _Play(house, home, lambda _: httpx2.Response(401, json={}))
    async with play.running():
        job = await house.ended(await play.submit(_file(_line(1))))
    assert job.fault is not None
    assert job.fault.code == "job_keyless"


async def test_a_file_of_another_project_is_unknown(house: JobHouse, home: Path) -> None:
    play = _Play(house, home, _echo)
    async with play.running():
        job = await house.ended(await house.submit("batch", input={"file": "0" * 64}))
    assert job.fault is not None
    assert job.fault.code == "artifact_unknown"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "has 0"),
        (b"{", "line 1 cannot be read"),
        (_file(_line(1), _line(1)), "lines 1 and 2 have the custom_id 'q1'"),
        (_file(_line(1, method="GET")), "line 1 asks GET"),
        (_file(_line(1, metod="POST")), "metod"),
        (_file(_line(1), _line(2, url="/v1/models")), "line 2 asks POST '/v1/models'"),
        (
            _file(_line(1, url="/v1/images/edits")),
            "line 1 asks POST '/v1/images/edits': its pictures",
        ),
        (_file(_line(1, url="/v1/videos")), "a film is a job of its own"),
        (_file(_line(1, body={"stream": True})), "a stream"),
        (b"\xff\n", "line 1 cannot be read"),
        (b"\n".join([b"[]"] * 2), "line 1 cannot be read"),
    ],
)
def test_what_is_no_batch_is_told_with_its_line(said: bytes, why: str) -> None:
    with pytest.raises(RequestMalformed, match=why.replace("(", r"\(")):
        read_lines(said)


def test_all_lines_ask_the_url_that_a_batch_is_of() -> None:
    said = _file(_line(1), _line(2, url="/v1/embeddings"))
    assert len(read_lines(said)) == 2
    with pytest.raises(RequestMalformed, match="line 1 asks '/v1/chat/completions', and the batch"):
        read_lines(said, "/v1/embeddings")


def test_empty_lines_are_passed_over_and_too_many_are_refused() -> None:
    assert len(read_lines(b"\n" + _file(_line(1)) + b"\n\n")) == 1
    with pytest.raises(RequestMalformed, match="50,001"):
        read_lines(_file(*map(_line, range(MOST_LINES + 1))))
