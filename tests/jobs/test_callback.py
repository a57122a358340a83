"""Who asked for it is told of a job's end: signed, once it can be, and nobody inside is."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import pytest

from seedbed.core.errors import CallbackUndelivered
from seedbed.core.job import Callback, Fault, Job, State
from seedbed.jobs.callback import Callbacks, Words, key_of, ours
from seedbed.jobs.job import Later
from seedbed.jobs.step import Steps
from seedbed.kit.clock import SystemClock
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.store.ending import CALLBACK
from seedbed.store.jobs import Filter
from seedbed.store.taking import Limits
from seedbed.store.workers import Worker as Row
from tests.jobs.houses import JobHouse, now, works
from tests.kit.http.serving import each, serving, whole

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SECRET = b"house"
OK, BUSY = whole(b""), whole(b"", status="503 Busy")
DAY = 86_400 * 10**6
ANYWHERE = Reach(inward=True)


async def done(_: Job, __: Steps) -> object:
    return {"file": "größe"}


async def fails(_: Job, __: Steps) -> object:
    raise ZeroDivisionError


async def secret() -> bytes:
    return SECRET


def callbacks(
    house: JobHouse, *, reach: Reach = ANYWHERE, words: Mapping[str, Words] | None = None
) -> Callbacks:
    send = Fetcher(reach).hand_over
    return Callbacks(house.jobs, send, secret, clock=SystemClock(), words=words or {})


async def told_of(house: JobHouse) -> list[Job]:
    """The jobs that tell of others, the oldest first."""
    return (await house.jobs.newest(Filter(kind=CALLBACK), last=99))[::-1]


async def ended(house: JobHouse) -> Job:
    """The only job that tells of another, once it has ended."""
    (job,) = await told_of(house)
    return await house.ended(job)


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().splitlines()[1:]
    return dict(line.split(": ", 1) for line in lines)


def body(request: bytes) -> Any:
    return json.loads(request.partition(b"\r\n\r\n")[2])


async def test_the_end_of_a_job_is_told_and_signed_for_its_project(house: JobHouse) -> None:
    async with serving(each(OK)) as server:
        job = await house.submit(callback=Callback(f"{server.url}/hook?a=b"))
        async with house.worker(works(done), callbacks(house).kind):
            await house.ended(job)
            told = await ended(house)
    (heard,) = server.heard
    assert heard.startswith(b"POST /hook?a=b HTTP/1.1\r\n")
    said = body(heard)
    assert (said["type"], said["data"]["id"]) == ("job.succeeded", job.id)
    assert said["data"]["result"] == {"file": "größe"}
    sent = headers(heard)
    assert (sent["webhook-id"], sent["content-type"]) == (told.id, "application/json")
    content = f"{told.id}.{sent['webhook-timestamp']}.".encode() + heard.partition(b"\r\n\r\n")[2]
    key = key_of(SECRET, "web")
    mac = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert sent["webhook-signature"] == f"v1,{mac}"
    assert key != key_of(SECRET, "other")
    assert (told.state, told.result, told.owner) == (State.SUCCEEDED, {"status": 200}, job.owner)


async def test_a_job_that_names_nobody_tells_nobody(house: JobHouse) -> None:
    async with house.worker(works(done)):
        await house.ended(await house.submit())
    assert await told_of(house) == []


async def test_every_end_is_told_whoever_brings_it(house: JobHouse) -> None:
    callback = Callback("https://a.example/")
    broken, late, cancelled, orphan = (
        await house.submit(callback=callback),
        await house.submit(callback=callback, expires=now() - 1, begins=now() + DAY),
        await house.submit(callback=callback, begins=now() + DAY),
        await house.submit("other", callback=callback),
    )
    last = await house.submit(callback=callback, after=(orphan.id,))
    await house.jobs.cancel(cancelled.id, now=now())
    await house.jobs.cancel(orphan.id, now=now())
    async with house.worker(works(fails)):
        for job in (broken, late, last):
            await house.ended(job)
    about = [str(job.input["job"]) for job in await told_of(house)]
    assert sorted(about) == sorted([broken.id, late.id, cancelled.id, orphan.id, last.id])


async def test_a_job_that_is_run_again_tells_the_same(house: JobHouse) -> None:
    callback = Callback("https://a.example/", "ark", "http://house")
    job = await house.submit(callback=callback)
    await house.jobs.cancel(job.id, now=now())
    again = await house.jobs.retry(job.id, now=now())
    assert (await house.jobs.find(again.id)).callback == callback


async def test_it_is_told_again_under_the_same_id_until_it_is_taken(house: JobHouse) -> None:
    async with serving(each(BUSY, OK)) as server:
        job = await house.submit(callback=Callback(server.url))
        async with house.worker(works(done), callbacks(house).kind):
            await house.ended(job)
            (telling,) = await told_of(house)
            waits = await house.until(telling, lambda one: bool(one.begins))
            assert (waits.state, waits.progress.note) == (State.QUEUED, "its server answered 503")
            assert 4 * 10**6 < waits.begins - now() <= 5 * 10**6
            await house.database.write(
                lambda c: c.exec_driver_sql("UPDATE jobs SET begins = 0 WHERE kind = 'callback'")
            )
            assert (await ended(house)).state is State.SUCCEEDED
    first, second = server.heard
    assert headers(first)["webhook-id"] == headers(second)["webhook-id"] == telling.id


@pytest.mark.parametrize(
    ("answer", "reach", "why"),
    [
        (whole(b"", status="410 Gone"), Reach(inward=True), "its server says that it is gone"),
        (OK, Reach(), "is not asked: only the ports"),
    ],
)
async def test_who_is_gone_or_inside_is_not_told(
    house: JobHouse, answer: bytes, reach: Reach, why: str
) -> None:
    async with serving(each(answer)) as server:
        job = await house.submit(callback=Callback(server.url))
        async with house.worker(works(done), callbacks(house, reach=reach).kind):
            await house.ended(job)
            told = await ended(house)
    assert told.state is State.FAILED
    assert told.fault
    assert told.fault.code == CallbackUndelivered.code
    assert why in told.fault.what
    assert (len(server.heard), reach.inward) in {(1, True), (0, False)}


async def test_a_redirect_is_no_answer(house: JobHouse) -> None:
    async with serving(each(whole(b"", "location: /b", status="308 Moved"))) as server:
        job = await house.submit(callback=Callback(server.url))
        async with house.worker(works(done), callbacks(house).kind):
            await house.ended(job)
            (telling,) = await told_of(house)
            waits = await house.until(telling, lambda one: bool(one.begins))
    assert waits.progress.note == "its server answered 308"
    assert len(server.heard) == 1


async def test_a_door_has_words_of_its_own(house: JobHouse) -> None:
    async def say(job: Job) -> object:
        return {"task": job.id, "base": job.callback.base if job.callback else None}

    async with serving(each(OK)) as server:
        job = await house.submit(callback=Callback(server.url, "ark", "http://house"))
        async with house.worker(works(done), callbacks(house, words={"ark": say}).kind):
            await house.ended(job)
            await ended(house)
    assert body(server.heard[0]) == {"task": job.id, "base": "http://house"}


@dataclass
class Silence:
    """A clock that stands, and another side that nobody reaches."""

    at: float
    tried: list[str] = field(default_factory=list[str])

    def wall(self) -> float:
        return self.at

    async def send(self, url: str, *_: object) -> int:
        self.tried.append(url)
        await anyio.lowlevel.checkpoint()
        raise MediumFault("nobody is there")


@pytest.mark.parametrize(("run", "hours", "pause"), [(1, 0, 5), (4, 1, 135), (12, 17.9, 21_600)])
async def test_the_pauses_grow_for_a_day(
    house: JobHouse, run: int, hours: float, pause: int
) -> None:
    caught = await silence(house, run, hours)
    assert isinstance(caught, Later)
    assert (caught.seconds, caught.why) == (pause, "nobody is there")


async def test_after_a_day_nobody_is_told(house: JobHouse) -> None:
    caught = await silence(house, 12, 18.1)
    assert isinstance(caught, CallbackUndelivered)
    assert "for a day, and at last nobody is there" in caught.what


async def silence(house: JobHouse, run: int, hours: float) -> Exception:
    """What comes of telling for the time of that number, so long after the end."""
    job = await house.submit(callback=Callback("https://a.example/"))
    await house.jobs.cancel(job.id, now=now())
    (telling,) = await told_of(house)
    other = Silence(telling.created / 1e6 + hours * 3_600)
    kind = Callbacks(house.jobs, other.send, secret, clock=other, words={})  # type: ignore[arg-type]  # as much as it asks
    await house.workers.join(Row("w", "here", "1:1", (CALLBACK,), began=now(), beat=now()))
    (claim,) = await house.claims.take("w", {CALLBACK: Limits()}, room=1, now=now())
    steps = Steps(claim, house.claims, clock=SystemClock())
    with pytest.raises((Later, CallbackUndelivered)) as caught:
        await kind.run(replace(claim.job, run=run), steps)
    assert other.tried == ["https://a.example/"]
    return caught.value


async def test_a_result_that_is_too_long_is_left_to_be_asked_for(house: JobHouse) -> None:
    async def much(_: Job, __: Steps) -> object:
        return "x" * 300_000

    job = await house.submit()
    async with house.worker(works(much)):
        found = await house.ended(job)
    said: Any = await ours(found)
    assert (said["type"], said["data"]["result"]) == ("job.succeeded", None)


async def test_a_fault_is_told_with_the_end(house: JobHouse) -> None:
    async with house.worker(works(fails)):
        said: Any = await ours(await house.ended(await house.submit()))
    assert said["type"] == "job.failed"
    assert Fault(**said["data"]["fault"]).code == "job_broken"
    assert said["timestamp"] == said["data"]["ended"]
