"""The fake kind does the steps that it is told, and no more."""

import pytest

from seedbed.core.job import State
from seedbed.jobs.scripted import Doing, Scripted
from tests.jobs.houses import JobHouse

pytestmark = pytest.mark.anyio


async def test_it_does_as_many_steps_as_its_input_says(house: JobHouse) -> None:
    done: list[str] = []

    async def effect(doing: Doing) -> object:
        done.append(doing.key)
        return doing.name

    scripted = Scripted(effect)
    async with house.worker(scripted.kind):
        job = await house.submit("scripted", input={"steps": 2})
        ended = await house.ended(job)
    assert ended.result == ["step 0", "step 1"]
    assert done == [f"{job.id}.0", f"{job.id}.1"]
    assert (scripted.begun, scripted.done) == (1, 1)


async def test_without_a_number_of_steps_it_says_what_is_missing(house: JobHouse) -> None:
    async with house.worker(Scripted().kind):
        ended = await house.ended(await house.submit("scripted"))
    assert (ended.state, ended.fault and ended.fault.code) == (State.FAILED, "job_refused")
