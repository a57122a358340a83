"""Whatever a job does, it ends, and neither its worker nor another job suffers."""

import asyncio
import math
from collections.abc import Awaitable, Callable

import anyio
import pytest

from seedbed.core.errors import RequestMalformed, StoreUnusable
from seedbed.core.job import Fault, Job, Progress, State
from seedbed.jobs.job import Unfinished
from seedbed.jobs.outcome import LONGEST_RESULT
from seedbed.jobs.step import Steps
from tests.jobs.houses import JobHouse, works

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

Run = Callable[[Job, Steps], Awaitable[object]]


def _giving(value: object) -> Run:
    async def run(job: Job, steps: Steps) -> object:
        return value

    return run


def _raising(error: BaseException) -> Run:
    async def run(job: Job, steps: Steps) -> object:
        raise error

    return run


def _stepping(name: str, value: object = None) -> Run:
    async def run(job: Job, steps: Steps) -> object:
        return await steps.do(name, lambda _: asyncio.sleep(0, value))

    return run


def _telling(progress: Progress) -> Run:
    async def run(job: Job, steps: Steps) -> object:
        await steps.tell(progress)
        return None

    return run


async def _sound(job: Job, steps: Steps) -> object:
    for number in range(20):
        await steps.do(f"step {number}", lambda _: asyncio.sleep(0))
    return "sound"


async def _beside(house: JobHouse, run: Run) -> Job:
    """How a job ends, beside others that are sound."""
    async with house.worker(works(run), works(_sound, "sound")):
        job, *others = [await house.submit(kind) for kind in ("work", "sound", "sound")]
        assert [(await house.ended(other)).result for other in others] == ["sound", "sound"]
        return await house.ended(job)


@pytest.mark.parametrize(
    ("run", "what"),
    [
        (_giving({1, 2}), "set"),
        (_giving([math.nan]), "not JSON"),
        (_giving("\ud800"), "surrogates"),
        (_giving("x" * LONGEST_RESULT), "at most"),
        (_stepping("a", math.inf), "the step 'a'"),
        (_stepping("a", "\ud800"), "the step 'a'"),
        (_stepping("x" * 201), "201 letters"),
        (_stepping("a\0"), "cannot have the name"),
        (_raising(TimeoutError("not ours")), "TimeoutError"),
        (_raising(asyncio.CancelledError()), "CancelledError"),
        (_raising(SystemExit(3)), "SystemExit"),
        (_raising(RequestMalformed("\ud800\0!", hint="\0")), "?!"),
        (_raising(Unfinished({1}, Fault("a", "b", "c"))), "set"),
    ],
)
async def test_a_job_that_goes_wrong_fails_alone(house: JobHouse, run: Run, what: str) -> None:
    ended = await _beside(house, run)
    assert ended.state is State.FAILED
    assert ended.fault is not None
    assert what in ended.fault.what


async def test_progress_is_told_without_what_no_database_takes(house: JobHouse) -> None:
    ended = await _beside(house, _telling(Progress(2**70, 2**70, "a\0b\ud800")))
    assert ended.state is State.SUCCEEDED
    assert ended.progress == Progress(2**63 - 1, 2**63 - 1, "ab?")


async def test_a_job_that_the_store_keeps_from_going_on_goes_on_later(house: JobHouse) -> None:
    refusal = StoreUnusable("The bucket is away.", hint="-", reason="away")

    async def run(job: Job, steps: Steps) -> object:
        if job.run == 1:
            raise refusal
        return job.run

    async with house.worker(works(run)):
        job = await house.submit()
        waits = await house.until(job, lambda job: bool(job.progress.note))
        assert (waits.state, waits.progress.note) == (State.QUEUED, "The bucket is away.")
        assert waits.begins > waits.created
        ended = await house.ended(job)
    assert (ended.state, ended.result) == (State.SUCCEEDED, 2)


async def test_a_job_that_is_to_end_is_not_given_back(house: JobHouse) -> None:
    async def run(job: Job, steps: Steps) -> object:
        await house.jobs.cancel(job.id, now=1)
        raise StoreUnusable("The bucket is away.", hint="-", reason="away")

    async with house.worker(works(run)):
        assert (await house.ended(await house.submit())).state is State.CANCELLED


async def test_the_time_of_a_job_bounds_it_and_no_timeout_of_its_own(house: JobHouse) -> None:
    async def run(job: Job, steps: Steps) -> object:
        await anyio.sleep_forever()

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit(seconds=0.01))
    assert ended.fault is not None
    assert ended.fault.code == "job_overdue"
