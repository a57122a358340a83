"""What may be put down to be run: as much of a kind as one key may have wait, and can pay."""

from dataclasses import replace

import pytest

from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import BudgetSpent, QueueFull
from seedbed.core.job import Job
from seedbed.core.money import Amount
from seedbed.store import windows
from seedbed.store.budgets import Budgets
from seedbed.store.database import Database
from seedbed.store.jobs import Filter
from tests.jobs.houses import JobHouse, job_house, now

pytestmark = pytest.mark.anyio
CAP = Amount(600, "USD")


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
