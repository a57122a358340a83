"""Whoever follows a job is told of its changes; one look at the store serves all."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

import anyio
import pytest
from structlog.typing import EventDict

from seedbed.api.following import LOOK_SECONDS, Following
from seedbed.core.errors import StoreUnusable
from seedbed.core.job import Job, Owner, State
from seedbed.core.money import Amount
from seedbed.kit.clock import FakeClock

pytestmark = pytest.mark.anyio

OWNER = Owner("u", "p", "key_1")
JOB = Job("job_1", "work", {}, OWNER, State.QUEUED, 1, 0, 1, Amount(0, "USD"))


class Shown:
    """Jobs as a test says that they stand, and what was asked."""

    def __init__(self, *jobs: Job) -> None:
        self.jobs = {job.id: job for job in jobs}
        self.asked: list[set[str]] = []
        self.is_broken = False

    async def changed(self, seen: Mapping[str, int]) -> list[Job]:
        self.asked.append(set(seen))
        if self.is_broken:
            raise StoreUnusable("It is gone.", hint="-", reason="gone")
        return [job for id_, job in self.jobs.items() if job.seq != seen.get(id_, job.seq)]

    def change(self, job: Job, **facts: object) -> Job:
        changed = replace(job, seq=job.seq + 1, **facts)  # type: ignore[arg-type]  # a test's own
        self.jobs[job.id] = changed
        return changed


class Reader:
    """Follows a job in a task of its own."""

    def __init__(self, stream: AsyncGenerator[Job | None]) -> None:
        self.stream = stream
        self.told: list[int | None] = []

    async def run(self) -> None:
        async for job in self.stream:
            self.told.append(job and job.seq)


def following(shown: Shown, clock: FakeClock) -> Following:
    return Following(shown, clock=clock)  # type: ignore[arg-type]  # the half of it that is used


async def test_nobody_looks_while_nobody_watches(clock: FakeClock) -> None:
    shown = Shown(JOB)
    follows = following(shown, clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(follows.run)
        await clock.advance(10)
        assert shown.asked == []
        stream = follows.follow(JOB)
        assert await anext(stream) == JOB
        await clock.advance(LOOK_SECONDS)
        assert shown.asked == [{"job_1"}]
        await stream.aclose()
        await clock.advance(10)
        assert len(shown.asked) <= 2  # one may have been on its way
        tasks.cancel_scope.cancel()


async def test_many_who_watch_cost_one_look(clock: FakeClock) -> None:
    other = replace(JOB, id="job_2")
    shown = Shown(JOB, other)
    follows = following(shown, clock)
    readers = [Reader(follows.follow(job)) for job in (JOB, JOB, other)]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(follows.run)
        for reader in readers:
            tasks.start_soon(reader.run)
        await clock.advance(LOOK_SECONDS)
        shown.change(JOB, state=State.SUCCEEDED)
        await clock.advance(LOOK_SECONDS)
        assert [reader.told for reader in readers] == [[1, 2], [1, 2], [1]]
        assert shown.asked == [{"job_1", "job_2"}] * 2
        tasks.cancel_scope.cancel()


async def test_a_store_that_refuses_is_looked_at_again(
    clock: FakeClock, logged: list[EventDict]
) -> None:
    shown = Shown(JOB)
    follows, reader = following(shown, clock), None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(follows.run)
        reader = Reader(follows.follow(JOB))
        tasks.start_soon(reader.run)
        shown.is_broken = True
        await clock.advance(10)
        assert len(shown.asked) == 8
        shown.is_broken = False
        shown.change(JOB, state=State.FAILED)
        await clock.advance(1 + 2 * LOOK_SECONDS)
        assert reader.told == [1, 2]
        tasks.cancel_scope.cancel()
    assert {"event": "jobs.unseen", "why": "gone", "log_level": "error"} in logged


async def test_a_job_that_was_taken_up_again_is_followed_as_it_stands(clock: FakeClock) -> None:
    shown = Shown(JOB)
    follows = following(shown, clock)
    ended = shown.change(JOB, state=State.FAILED)
    old = follows.follow(ended)
    assert await anext(old) == ended
    resumed = shown.change(ended, state=State.QUEUED)
    new = follows.follow(resumed)
    assert await anext(new) == resumed
    assert [job async for job in old] == []
    await new.aclose()


async def test_a_job_that_nobody_watches_any_more_is_passed_over(clock: FakeClock) -> None:
    stream: AsyncGenerator[Job | None]

    class Leaving(Shown):
        async def changed(self, seen: Mapping[str, int]) -> list[Job]:
            await stream.aclose()
            return await super().changed(seen)

    shown = Leaving(JOB)
    follows = following(shown, clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(follows.run)
        stream = follows.follow(JOB)
        await anext(stream)
        shown.change(JOB)
        await clock.advance(LOOK_SECONDS)
        assert shown.asked == [{"job_1"}]
        tasks.cancel_scope.cancel()
