"""Schedules submit jobs by the clock."""

import anyio
import pytest

from seedbed.core.errors import JobRefused
from seedbed.core.job import Job, Owner
from seedbed.jobs.schedule import following
from seedbed.jobs.step import Steps
from seedbed.store.jobs import Filter
from seedbed.store.schedules import Schedule
from tests.jobs.houses import JobHouse, now, works

pytestmark = pytest.mark.anyio

DAY = 86_400_000_000


def _schedule(house: JobHouse, due: int, name: str = "nightly") -> Schedule:
    who = house.key.principal
    owner = Owner(who.user, who.project, who.key)
    return Schedule(name, "work", {"n": 1}, owner, "0 6 * * *", due)


async def test_what_is_due_is_submitted_once_by_however_many(house: JobHouse) -> None:
    house.schedules.put_now(_schedule(house, 5 * DAY))
    found: list[list[Job]] = []

    async def submit() -> None:
        found.append(await house.schedules.submit_due(now=9 * DAY))

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(submit)
    assert sorted(map(len, found)) == [0, 0, 1]  # what was missed is made up for once
    [schedule] = house.schedules.all_now()
    assert schedule.due == 9 * DAY + DAY // 4
    assert await house.schedules.submit_due(now=9 * DAY) == []


async def test_a_worker_runs_what_is_due(house: JobHouse) -> None:
    async def run(job: Job, steps: Steps) -> object:
        return job.input

    house.schedules.put_now(_schedule(house, now()))
    async with house.worker(works(run)):
        with anyio.fail_after(20):
            while not (jobs := await house.jobs.newest(Filter(), last=9)):
                await anyio.sleep(0.01)
        assert (await house.ended(jobs[0])).result == {"n": 1}


def test_a_schedule_is_replaced_and_removed_by_its_name(house: JobHouse) -> None:
    house.schedules.put_now(_schedule(house, 1))
    house.schedules.put_now(_schedule(house, 2))
    assert [schedule.due for schedule in house.schedules.all_now()] == [2]
    house.schedules.remove_now("nightly")
    with pytest.raises(JobRefused, match="no schedule 'nightly'"):
        house.schedules.remove_now("nightly")


@pytest.mark.parametrize("line", ["", "61 * * * *", "0 0 30 2 *", "now"])
def test_what_is_no_cron_line_is_refused(line: str) -> None:
    with pytest.raises(JobRefused, match="is no cron line"):
        following(line, now())
