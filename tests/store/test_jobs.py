"""What may be put down to be run: as much of a kind as one key may have wait, and can pay."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Connection

from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import BudgetSpent, QueueFull
from seedbed.core.job import Job, Step
from seedbed.core.money import Amount
from seedbed.store import windows
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database, execute
from seedbed.store.jobs import Filter, Jobs
from tests.jobs.houses import JobHouse, job_house, now

pytestmark = pytest.mark.anyio
CAP = Amount(600, "USD")
PUT = "INSERT INTO steps (job, number, name, result, at) VALUES (?, ?, ?, ?, ?)"


@pytest.fixture
def house(database: Database) -> JobHouse:
    return job_house(database)


async def submit(house: JobHouse, kind: str = "film", most: int = 2, **facts: object) -> Job:
    return await house.jobs.submit_within(house.draft(kind, **facts), now=now(), most=most)


async def test_as_many_of_a_kind_wait_for_a_key_as_may(house: JobHouse) -> None:
    first, _ = [await submit(house) for _ in range(2)]
    with pytest.raises(QueueFull) as full:
        await submit(house)
    assert full.value.facts == {"kind": "film", "most": 2, "retry_after": 30}
    assert len(await house.jobs.newest(Filter(), last=9)) == 2, "nothing of it is kept"
    await submit(house, "batch")
    await house.jobs.cancel(first.id, now=now())
    await submit(house)


async def test_another_key_and_who_is_told_again_are_not_kept_waiting(house: JobHouse) -> None:
    known = await submit(house, most=1, once="a")
    assert (await submit(house, most=1, once="a")).id == known.id
    owner = replace(house.draft().owner, key="key_other")
    await submit(house, most=1, owner=owner)


async def test_who_is_told_again_is_not_judged_anew(house: JobHouse) -> None:
    """Others may have joined the line since, and the money may be gone."""
    known = await submit(house, most=2, once="a", cap=CAP)
    await submit(house, most=2)
    budget = Budget("budget_1", Owner.PROJECT, "web", Window.ALL, Measure.MONEY, 1, "USD")
    Budgets(house.database).set_budget(budget, actor="test", now=now())
    assert (await submit(house, most=1, once="a", cap=CAP)).id == known.id


async def test_steps_are_read_by_few_at_a_time(house: JobHouse) -> None:
    """One may have given pictures."""
    job = await house.submit()
    await house.database.write(lambda c: put_steps(c, job.id, 9))
    read: list[int] = []

    async def noted(work: Callable[[Connection], list[Step]]) -> list[Step]:
        found = await house.database.read(work)
        read.append(len(found))
        return found

    kept = Jobs(cast(Database, SimpleNamespace(read=noted)), currency="USD")
    assert [step.number async for step in kept.each_step(job.id)] == list(range(9))
    assert read == [4, 4, 1, 0]


def put_steps(connection: Connection, job: str, count: int) -> None:
    for number in range(count):
        values = job, number, f"line {number}", "{}", now()
        execute(connection, PUT, values)


async def test_what_no_budget_has_room_for_is_refused_at_once(house: JobHouse) -> None:
    for id_, measure, cap in (("money", Measure.MONEY, 1_000), ("tokens", Measure.TOKENS, 1)):
        budget = Budget(f"budget_{id_}", Owner.PROJECT, "web", Window.ALL, measure, cap, "USD")
        Budgets(house.database).set_budget(budget, actor="test", now=now())
    await submit(house, cap=CAP)
    await submit(house)
    used = {"used": 401, "spent": 401}
    await house.database.write(lambda c: windows.count(c, "budget_money", 0, **used))
    await submit(house, "unbounded")
    with pytest.raises(BudgetSpent) as spent:
        await submit(house, "other", cap=CAP)
    assert spent.value.facts["needed"] == "0.0006 USD"
    assert len(await house.jobs.newest(Filter(), last=9)) == 3
