"""Steps: done once, tried again by rule, side by side in order."""

import asyncio
import gc
from collections.abc import Sequence
from contextlib import aclosing

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import (
    CapacityExceeded,
    EngineFailed,
    RequestMalformed,
    StoreUnusable,
    WorkerFenced,
)
from seedbed.core.job import Job, Progress, State
from seedbed.jobs.schedule import following
from seedbed.jobs.step import Retry, Steps
from seedbed.kit.clock import FakeClock
from seedbed.store.claims import Claims
from seedbed.store.taking import Claim, Limits
from seedbed.store.workers import MOST_DEATHS, Worker
from tests.jobs.houses import JobHouse, now, works

pytestmark = pytest.mark.anyio

BUSY = CapacityExceeded("m", places=1)


async def _claimed(house: JobHouse) -> Claim:
    """A job that a worker has taken, which does nothing by itself."""
    await house.workers.join(Worker("worker_1", "here", "1:1", ("work",), began=now(), beat=now()))
    await house.submit()
    [claim] = await house.claims.take("worker_1", {"work": Limits()}, room=1, now=now())
    return claim


@pytest.mark.slow
async def test_a_step_that_finds_no_room_is_tried_again(house: JobHouse) -> None:
    tries: list[str] = []

    async def busy(key: str) -> object:
        tries.append(key)
        if len(tries) < 3:
            raise CapacityExceeded("m", places=1)
        return len(tries)

    async def run(job: Job, steps: Steps) -> object:
        return await steps.do("busy", busy, retry=Retry(times=5, first=0.001))

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit())
    assert (ended.result, len(set(tries))) == (3, 1)


def test_a_pause_is_twice_the_last_and_at_least_what_was_asked() -> None:
    rule = Retry(times=4, first=2.0, longest=7.0)
    assert [rule.pause(failures, BUSY) for failures in range(1, 6)] == [2.0, 4.0, 7.0, 7.0, None]
    assert Retry(times=1, first=0.1).pause(1, BUSY) == 1.0


def test_what_the_caller_must_change_is_not_tried_again() -> None:
    rule = Retry(times=4)
    assert rule.pause(1, RequestMalformed("No.", hint="-")) is None
    assert rule.pause(1, EngineFailed("m", why="it broke")) == 1.0


async def test_a_step_gives_the_same_the_first_time_as_later(house: JobHouse) -> None:
    seen: list[object] = []

    async def pair(key: str) -> object:
        return ("a", 1)

    async def fails(key: str) -> object:
        raise RequestMalformed("No.", hint="-")

    async def run(job: Job, steps: Steps) -> object:
        seen.append(await steps.do("pair", pair))
        await steps.do("fails", fails)

    async with house.worker(works(run)):
        job = await house.submit()
        await house.ended(job)
        await house.jobs.resume(job.id)
        await house.ended(job)
    assert seen == [["a", 1], ["a", 1]]


async def test_many_steps_run_side_by_side_and_each_once(house: JobHouse) -> None:
    running = highest = 0
    keys: list[str] = []

    async def one(place: int, key: str) -> object:
        nonlocal running, highest
        running += 1
        highest = max(highest, running)
        await anyio.sleep(0.001)
        running -= 1
        keys.append(key)
        return place * place

    async def run(job: Job, steps: Steps) -> object:
        names = [f"n {number}" for number in range(20)]
        async with aclosing(steps.each(names, one, at_once=3)) as ended:
            found = {place: value async for place, value in ended}
        return [found[place] for place in range(20)]

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit())
    assert ended.result == [n * n for n in range(20)]
    assert (highest, len(set(keys))) == (3, 20)


async def test_one_of_many_that_fails_ends_the_others(house: JobHouse) -> None:
    left: list[int] = []

    async def one(place: int, key: str) -> object:
        if place == 1:
            raise RequestMalformed("No.", hint="-")
        try:
            await anyio.sleep_forever()
        finally:
            left.append(place)

    async def run(job: Job, steps: Steps) -> object:
        async with aclosing(steps.each(["a", "b", "c"], one, at_once=3)) as ended:
            return [value async for _, value in ended]

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit())
    assert (ended.state, sorted(left)) == (State.FAILED, [0, 2])


async def test_two_that_fail_at_once_are_both_looked_at(house: JobHouse) -> None:
    """Nothing is left for the collector to tell of."""

    async def one(place: int, key: str) -> object:
        await anyio.lowlevel.checkpoint()
        raise RequestMalformed(f"No {place}.", hint="-")

    async def run(job: Job, steps: Steps) -> object:
        async with aclosing(steps.each(["a", "b"], one, at_once=2)) as ended:
            return [value async for _, value in ended]

    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: unheard.append(told))
    async with house.worker(works(run)):
        ended = await house.ended(await house.submit())
    gc.collect()
    assert (ended.state, unheard) == (State.FAILED, [])


class _Refusing(Claims):
    """A store that refuses steps for a while."""

    def __init__(self, claims: Claims, refusals: int) -> None:
        self.__dict__ = claims.__dict__
        self.refusals = refusals

    async def step(self, claim: Claim, step: object) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnusable("It is full.", hint="-", reason="full")
        await super().step(claim, step)  # type: ignore[arg-type]  # passed on


async def test_what_was_done_is_not_done_again_when_the_store_refuses(house: JobHouse) -> None:
    claim, clock, done = await _claimed(house), FakeClock(), list[str]()
    steps = Steps(claim, _Refusing(house.claims, 3), clock=clock)

    async def work(key: str) -> object:
        done.append(key)
        return 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(steps.do, "a", work)
        for _ in range(3):
            await clock.advance(1.0)
    assert done == [f"{claim.job.id}.0"]
    assert [step.name for step in await house.jobs.steps(claim.job.id)] == ["a"]


async def test_a_fenced_worker_records_nothing(house: JobHouse) -> None:
    claim = await _claimed(house)
    [worker] = await house.workers.living()
    assert await house.workers.fence({worker.id: worker.beat}, now=now()) == [claim.job.id]
    assert await house.workers.fence({worker.id: worker.beat}, now=now()) == []
    steps = Steps(claim, house.claims, clock=FakeClock())

    async def work(key: str) -> object:
        return 1

    for write in (
        steps.do("a", work),
        steps.tell(Progress(1)),
        house.claims.end(claim, State.SUCCEEDED, now=now(), result=1),
        house.claims.put_back(claim, now=now(), begins=0),
        house.workers.beat(worker.id, now=now()),
    ):
        with pytest.raises(WorkerFenced):
            await write
    assert await house.jobs.steps(claim.job.id) == []
    assert (await house.jobs.find(claim.job.id)).state is State.QUEUED
    assert await house.tokens.principal(claim.token) is None


async def test_a_job_that_many_workers_died_of_is_given_up(house: JobHouse) -> None:
    claim = await _claimed(house)
    for death in range(MOST_DEATHS):
        worker = Worker(f"worker_{death + 2}", "here", "1:1", (), began=now(), beat=now())
        [living] = await house.workers.living()
        await house.workers.fence({living.id: living.beat}, now=now())
        await house.workers.join(worker)
        await house.claims.take(worker.id, {"work": Limits()}, room=1, now=now())
    ended = await house.jobs.find(claim.job.id)
    assert ended.fault is not None
    assert ended.fault.code == "job_fatal"


@given(st.lists(st.sampled_from(["0 6 * * *", "*/7 * * * 1-5", "59 23 31 12 *"]), min_size=1))
def test_a_cron_line_always_goes_forward(lines: Sequence[str]) -> None:
    moment = now()
    for line in lines:
        later = following(line, moment)
        assert later > moment
        moment = later
