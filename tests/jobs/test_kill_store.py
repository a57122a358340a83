"""The store refuses, the calendar jumps, two adopt at once: nothing is lost, and nothing twice."""

import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import Connection, event

from seedbed.api.guard import Guard
from seedbed.core.errors import KeyUnknown, StoreUnusable
from seedbed.core.job import Job, State, Step
from seedbed.jobs.adopt import SILENT_SECONDS, Adoption
from seedbed.jobs.job import Kind
from seedbed.jobs.scripted import Doing, Scripted
from seedbed.jobs.worker import Books, Worker
from seedbed.kit import processes
from seedbed.kit.clock import FakeClock, SystemClock
from seedbed.store.claims import Claims
from seedbed.store.database import Database, open_database
from seedbed.store.postgresql import Server
from seedbed.store.taking import Claim, Limits
from seedbed.store.workers import MOST_DEATHS
from seedbed.store.workers import Worker as Row
from tests.jobs.houses import LONG_SECONDS, JobHouse, job_house, now

pytestmark = pytest.mark.anyio

DAY = 86_400.0
TRUSTED_SECONDS = 5.0
"""How long the guard lets somebody in without asking again; its own tests hold it to that."""
NOBODY = "4194305:1"
"""A process that cannot be: no number is so high."""


class Calendar(SystemClock):
    """Its wall clock may be set; it waits no longer than a moment."""

    jumped = 0.0
    slept = 0

    def wall(self) -> float:  # type: ignore[override]  # a plain function there
        return SystemClock.wall() + self.jumped

    async def sleep(self, seconds: float) -> None:
        self.slept += 1
        await anyio.sleep(min(seconds, 0.01))


class Refused(Claims):
    """Counts the steps that the store refused."""

    refusals = 0

    async def step(self, claim: Claim, step: Step) -> None:
        try:
            await super().step(claim, step)
        except StoreUnusable:
            self.refusals += 1
            raise


@asynccontextmanager
async def _working(house: JobHouse, clock: Calendar, *kinds: Kind) -> AsyncGenerator[None]:
    books = Books(house.claims, house.workers, house.schedules)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Worker(kinds, books, clock=clock).run)
        yield
        tasks.cancel_scope.cancel()


async def _until(true: Callable[[], bool]) -> None:
    with anyio.fail_after(LONG_SECONDS):
        while not true():
            await anyio.sleep(0.001)


def _file_house(path: Path) -> tuple[JobHouse, Refused]:
    database = open_database(path, busy_ms=10)
    house = job_house(database)
    house.claims = claims = Refused(database)
    return house, claims


class Disk:
    """Has as many pages as it is told, whoever writes."""

    pages = 100_000

    def __init__(self, database: Database) -> None:
        event.listen(vars(database)["_engine"], "begin", self._begin)

    def _begin(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA max_page_count = {self.pages}")


async def _refused(
    house: JobHouse, claims: Refused, begin: Callable[[], object], end: Callable[[], object]
) -> tuple[Job, list[str]]:
    """A job in whose only step the store begins to refuse, until it has done so three times."""
    done: list[str] = []

    async def effect(doing: Doing) -> object:
        done.append(doing.key)
        await anyio.to_thread.run_sync(begin)
        return "x" * 100_000

    async with _working(house, Calendar(), Scripted(effect).kind):
        job = await house.submit("scripted", input={"steps": 1})
        await _until(lambda: claims.refusals >= 3)
        await anyio.to_thread.run_sync(end)
        return await house.ended(job), done


async def test_a_disk_that_is_full_in_mid_step_loses_nothing_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    house, claims = _file_house(tmp_path / "seedbed.db")
    disk = Disk(house.database)

    def fills() -> None:
        disk.pages = 1  # which SQLite takes as: not one page more

    def has_room() -> None:
        disk.pages = Disk.pages

    job, done = await _refused(house, claims, fills, has_room)
    assert (job.state, job.run, done) == (State.SUCCEEDED, 1, [f"{job.id}.0"])
    house.database.close()


async def test_a_database_that_others_hold_for_long_only_delays(tmp_path: Path) -> None:
    house, claims = _file_house(tmp_path / "seedbed.db")
    holder = sqlite3.connect(
        tmp_path / "seedbed.db", isolation_level=None, check_same_thread=False, timeout=60
    )
    job, done = await _refused(
        house, claims, lambda: holder.execute("BEGIN IMMEDIATE"), lambda: holder.execute("COMMIT")
    )
    assert (job.state, job.run, done) == (State.SUCCEEDED, 1, [f"{job.id}.0"])
    holder.close()
    house.database.close()


async def test_a_worker_that_finds_the_database_held_waits_and_joins(tmp_path: Path) -> None:
    house, _ = _file_house(tmp_path / "seedbed.db")
    holder = sqlite3.connect(tmp_path / "seedbed.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    clock = Calendar()
    async with _working(house, clock, Scripted().kind):
        await _until(lambda: clock.slept >= 3)
        holder.execute("COMMIT")
        job = await house.submit("scripted", input={"steps": 1})
        assert (await house.ended(job)).state is State.SUCCEEDED
    holder.close()
    house.database.close()


@pytest.mark.slow
async def test_nobody_is_buried_by_a_calendar_that_jumps(house: JobHouse) -> None:
    clocks = [Calendar(), Calendar()]
    async with AsyncExitStack() as stack:
        for clock in clocks:
            await stack.enter_async_context(_working(house, clock, Scripted().kind))
        with anyio.fail_after(LONG_SECONDS):
            while len(first := await house.workers.living()) < 2:
                await anyio.sleep(0.001)
        for jumped in (DAY, -DAY, 3 * DAY, 0.0):
            clocks[0].jumped = jumped
            for _ in range(3):
                await _all_have_beaten(house)
            job = await house.submit("scripted", input={"steps": 3})
            assert ((await house.ended(job)).state, job.run) == (State.SUCCEEDED, 0)
        living = await house.workers.living()
    assert {one.id for one in living} == {one.id for one in first}


async def _all_have_beaten(house: JobHouse) -> None:
    """Wait until each worker has given another sign of life."""
    before = {one.id: one.beat for one in await house.workers.living()}
    with anyio.fail_after(LONG_SECONDS):
        while True:
            beats = {one.id: one.beat for one in await house.workers.living()}
            assert beats.keys() == before.keys()
            if all(beats[one] != before[one] for one in beats):
                return
            await anyio.sleep(0.001)


async def _taken_by_the_dead(house: JobHouse) -> tuple[Job, Claim]:
    job = await house.submit()
    return job, await _taken(house, "worker_dead")


async def _taken(house: JobHouse, name: str) -> Claim:
    """The claim of a worker whose process is not there."""
    dead = Row(name, processes.this_host(), NOBODY, ("work",), began=now(), beat=now())
    await house.workers.join(dead)
    [claim] = await house.claims.take(name, {"work": Limits()}, room=1, now=now())
    return claim


@pytest.mark.parametrize(("records", "state"), [(True, State.QUEUED), (False, State.FAILED)])
async def test_only_a_job_that_comes_no_further_is_given_up(
    house: JobHouse, records: bool, state: State
) -> None:
    job = await house.submit()
    adoption = Adoption(
        house.workers, me="worker_me", host=processes.this_host(), clock=SystemClock()
    )
    for death in range(MOST_DEATHS + 2 * records):
        claim = await _taken(house, f"worker_{death}")
        if records:
            await house.claims.step(claim, Step(death, f"step {death}", None, now()))
        await adoption.look()
    assert (await house.jobs.find(job.id)).state is state


async def test_of_two_who_adopt_at_the_same_moment_one_does(
    house: JobHouse, where: Path | Server
) -> None:
    job, _ = await _taken_by_the_dead(house)
    adopted: list[list[str]] = []
    databases = [open_database(where) for _ in range(4)]

    async def look(database: Database) -> None:
        workers = job_house(database, name=f"n{id(database)}").workers
        adoption = Adoption(
            workers, me="worker_me", host=processes.this_host(), clock=SystemClock()
        )
        adopted.append(await adoption.look())

    async with anyio.create_task_group() as tasks:
        for database in databases:
            tasks.start_soon(look, database)
    for database in databases:
        database.close()
    assert sorted(adopted) == [[], [], [], [job.id]]
    found = await house.jobs.find(job.id)
    assert (found.state, found.run) == (State.QUEUED, 1)


async def test_a_token_of_a_worker_that_was_fenced_opens_no_door_any_more(house: JobHouse) -> None:
    clock = FakeClock()
    _, claim = await _taken_by_the_dead(house)
    guard = Guard(house.tokens.principal, clock=clock)
    assert (await guard.admit(f"Bearer {claim.token}")).key == house.key.id
    adoption = Adoption(
        house.workers, me="worker_me", host=processes.this_host(), clock=SystemClock()
    )
    assert await adoption.look() == [claim.job.id]
    await clock.advance(TRUSTED_SECONDS)
    with pytest.raises(KeyUnknown):
        await guard.admit(f"Bearer {claim.token}")


def test_a_token_is_out_before_its_worker_is_given_up() -> None:
    assert TRUSTED_SECONDS < SILENT_SECONDS
