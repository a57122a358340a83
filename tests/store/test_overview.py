"""Jobs as those see them who only look."""

import pytest

from seedbed.core.job import Job, State
from seedbed.store import overview as module
from seedbed.store.database import Database
from seedbed.store.overview import Overview
from seedbed.store.taking import Limits
from seedbed.store.workers import Worker
from tests.jobs.houses import JobHouse, job_house, now

pytestmark = pytest.mark.anyio


@pytest.fixture
def house(database: Database) -> JobHouse:
    return job_house(database)


@pytest.fixture
def overview(database: Database) -> Overview:
    return Overview(database)


async def test_what_has_changed_since_it_was_seen_is_told(
    house: JobHouse, overview: Overview
) -> None:
    jobs = [await house.submit() for _ in range(3)]
    seen = {job.id: job.seq for job in jobs}
    assert await overview.changed(seen) == []
    await house.jobs.cancel(jobs[1].id, now=now())
    (changed,) = await overview.changed(seen)
    assert (changed.id, changed.state) == (jobs[1].id, State.CANCELLED)
    assert overview.changed_now(seen) == [changed]
    assert await overview.changed({}) == []


async def test_more_are_looked_at_than_go_into_one_statement(
    house: JobHouse, overview: Overview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    jobs: list[Job] = [await house.submit() for _ in range(5)]
    assert len(await overview.changed({job.id: 0 for job in jobs})) == 5


async def test_those_that_wait_are_counted_and_those_that_run_named(
    house: JobHouse, overview: Overview
) -> None:
    await house.submit()
    await house.submit()
    worker = Worker("worker_1", "here", "1:1", ("work",), now(), now())
    await house.workers.join(worker)
    (claim,) = await house.claims.take("worker_1", {"work": Limits()}, room=1, now=now())
    assert overview.waiting_now() == 1
    assert dict(overview.running_now()) == {"worker_1": [claim.job.id]}
