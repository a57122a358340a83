"""Films: made at the door, told while they come, kept for who asked, and refused as they were."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
import httpx2
import pytest

from seedbed.core.errors import ArtifactUnknown, EngineFailed, JobKeyless, ServerStopping
from seedbed.core.job import Job, Progress, State
from seedbed.jobs.door import Door
from seedbed.jobs.film import KIND, Calls, Film
from seedbed.kit.clock import SystemClock
from seedbed.store.artifacts import Artifacts
from seedbed.store.blobs import open_blobs
from tests.jobs.houses import JobHouse, now

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

Answer = Callable[[int], httpx2.Response]
USED = {"input_tokens": 1, "output_tokens": 2, "film_tokens": 2}
ERROR = {"code": "engine_failed", "message": "no", "type": "server_error", "param": None}


def streamed(*events: Mapping[str, object]) -> httpx2.Response:
    data = b"".join(b"data: %b\n\n" % json.dumps(one).encode() for one in events)
    return httpx2.Response(200, content=data, headers={"x-request-id": "req_1"})


def problem(status: int, code: str = "engine_failed") -> httpx2.Response:
    return httpx2.Response(status, json={"error": ERROR | {"code": code}})


class Play:
    """A house whose door answers as a test wants it."""

    def __init__(self, house: JobHouse, home: Path, answer: Answer) -> None:
        self.house, self.asked, self._answer = house, list[httpx2.Request](), answer
        self.artifacts = Artifacts(
            house.database, lambda: open_blobs("", home, {}), clock=SystemClock()
        )

    async def _take(self, request: httpx2.Request) -> httpx2.Response:
        await anyio.lowlevel.checkpoint()
        self.asked.append(request)
        return self._answer(len(self.asked))

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        transport = httpx2.MockTransport(self._take)
        async with httpx2.AsyncClient(transport=transport) as client:
            door = Door(lambda: "http://here", client, clock=SystemClock())
            async with self.house.worker(Film(Calls(self.artifacts, door)).kind):
                yield

    async def kept(self) -> str:
        """A film as the door keeps it."""

        async def pieces() -> AsyncGenerator[bytes]:
            yield b"film"

        put = self.artifacts.put
        return (await put(pieces(), "video/mp4", holder="req_1", project="web")).hash

    async def ended(self) -> Job:
        asked = {"film": "film_1", "until": now() + 10**9, "ask": {"model": "m", "prompt": "a"}}
        async with self.running():
            return await self.house.ended(await self.house.submit(KIND, input=asked))

    async def holders(self) -> list[str]:
        return [hold.holder for one in await self.artifacts.all() for hold in one.holds]


async def test_a_film_is_kept_in_the_name_of_who_waits_for_it(house: JobHouse, home: Path) -> None:
    play = Play(house, home, lambda _: made)
    film = {"hash": await play.kept(), "media": "video/mp4", "seconds": 1.0}
    made = streamed(
        {"progress": 0.5, "what": "frames"},
        {"progress": 0.5, "what": "frames"},
        {"film": film, "usage": USED},
    )
    job = await play.ended()
    assert (job.state, job.result) == (State.SUCCEEDED, film | {"usage": USED})
    assert job.progress == Progress(50, 100, "frames")
    (asked,) = play.asked
    assert asked.url.path == "/seedbed/films"
    assert json.loads(asked.content) == {"model": "m", "prompt": "a", "stream": True}
    assert await play.holders() == ["film_1"]


@pytest.mark.parametrize("of_another_request", [True, False])
async def test_one_that_was_made_before_is_kept_as_well(
    house: JobHouse, home: Path, of_another_request: bool
) -> None:
    play = Play(house, home, lambda _: made)
    hash_ = await play.kept() if of_another_request else "0" * 64
    made = streamed({"film": {"hash": hash_}, "usage": USED})
    made.headers["x-request-id"] = "req_2"
    job = await play.ended()
    if of_another_request:
        assert sorted(await play.holders()) == ["film_1", "req_1"]
    else:
        assert job.fault
        assert job.fault.code == ArtifactUnknown.code


@pytest.mark.parametrize(
    ("answer", "code", "times"),
    [
        (partial(problem, 400, "field_unserved"), "field_unserved", 1),
        (partial(problem, 502), "engine_failed", 3),
        (partial(streamed, {"progress": 0.1}, {"error": ERROR}), "engine_failed", 3),
        (streamed, EngineFailed.code, 1),
        (partial(problem, 401), JobKeyless.code, 1),
    ],
)
async def test_what_could_not_be_made_says_why(
    house: JobHouse, home: Path, answer: Callable[[], httpx2.Response], code: str, times: int
) -> None:
    play = Play(house, home, lambda _: answer())
    job = await play.ended()
    assert job.state is State.FAILED
    assert job.fault
    assert (job.fault.code, len(play.asked)) == (code, times)
    assert len({request.headers["idempotency-key"] for request in play.asked}) == 1


async def test_what_the_end_of_a_server_cut_off_is_asked_for_again(
    house: JobHouse, home: Path
) -> None:
    def answer(time: int) -> httpx2.Response:
        cut = ERROR | {"code": ServerStopping.code}
        answers = [
            streamed({"error": cut}),
            problem(503),
            httpx2.Response(200, content=b"data: {\n\n"),
        ]
        return answers[time - 1] if time < 4 else made

    play = Play(house, home, answer)
    made = streamed({"film": {"hash": await play.kept()}, "usage": USED})
    assert (await play.ended()).state is State.SUCCEEDED
    assert len(play.asked) == 4


async def test_who_cancels_it_closes_the_line(house: JobHouse, home: Path) -> None:
    hung, closed = anyio.Event(), anyio.Event()

    class Hanging(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncGenerator[bytes]:
            yield b'data: {"progress": 0.5}\n\n'
            hung.set()
            await anyio.sleep_forever()

        async def aclose(self) -> None:
            closed.set()

    play = Play(house, home, lambda _: httpx2.Response(200, stream=Hanging()))
    asked = {"film": "film_1", "until": now() + 10**9, "ask": {"model": "m", "prompt": "a"}}
    async with play.running():
        job = await house.submit(KIND, input=asked)
        await hung.wait()
        await house.jobs.cancel(job.id, now=now())
        assert (await house.ended(job)).state is State.CANCELLED
        await closed.wait()
