"""What a job holds, spends and gives back."""

import anyio
import pytest

from seedbed.core.budget import Budget, Measure, Owner, Window
from seedbed.core.errors import JobRefused, RequestMalformed
from seedbed.core.job import Job, State
from seedbed.core.money import Amount
from seedbed.jobs.step import Steps
from seedbed.store import windows
from seedbed.store.budgets import Budgets
from seedbed.store.database import execute
from seedbed.store.holds import budget_id
from seedbed.store.jobs import Jobs
from tests.jobs.houses import JobHouse, now, works

pytestmark = pytest.mark.anyio


def _limit(house: JobHouse, cap: int) -> None:
    budget = Budget("budget_1", Owner.PROJECT, "web", Window.ALL, Measure.MONEY, cap, "USD")
    Budgets(house.database).set_budget(budget, actor="test", now=now())


def _standing(house: JobHouse) -> tuple[int, int]:
    """What is granted of the project's budget, and what of that is spent."""
    return house.database.read_now(lambda c: windows.standing(c, "budget_1", 0))


async def _spend(house: JobHouse, job: str, micros: int) -> None:
    """As the ledger counts an entry of one of the job's asks."""
    await house.database.write(
        lambda c: windows.count(c, budget_id(job), 0, used=micros, spent=micros)
    )


def _usd(micros: int) -> Amount:
    return Amount(micros, "USD")


async def test_what_a_job_spends_is_counted_with_each_step(house: JobHouse) -> None:
    _limit(house, 1_000)
    seen: list[tuple[int, int]] = []

    async def run(job: Job, steps: Steps) -> object:
        async def spend(key: str) -> object:
            await _spend(house, job.id, 70)
            return None

        for name in ("a", "b"):
            await steps.do(name, spend)
            seen.append(_standing(house))
        return None

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit(cap=_usd(500)))
    assert seen == [(500, 70), (500, 140)]
    assert (_standing(house), ended.spent) == ((140, 140), _usd(140))


async def test_what_comes_late_is_counted_too(house: JobHouse) -> None:
    _limit(house, 1_000)

    async def run(job: Job, steps: Steps) -> object:
        return None

    async with house.worker(works(run)):
        job = await house.ended(await house.submit(cap=_usd(500)))
        await _spend(house, job.id, 30)
        with anyio.fail_after(20):
            while _standing(house) != (30, 30):
                await anyio.sleep(0.01)


async def test_a_job_waits_while_others_hold_what_it_needs(house: JobHouse) -> None:
    _limit(house, 1_000)
    gate, begun = anyio.Event(), list[str]()

    async def run(job: Job, steps: Steps) -> object:
        begun.append(job.id)
        if len(begun) == 1:
            await gate.wait()
        return None

    async with house.worker(works(run)):
        first = await house.submit(cap=_usd(600))
        await house.until(first, lambda job: job.state is State.RUNNING)
        second = await house.submit(cap=_usd(600))
        waits = await house.until(second, lambda job: bool(job.progress.note))
        assert "promised" in waits.progress.note
        assert begun == [first.id]
        gate.set()
        assert (await house.ended(second)).state is State.SUCCEEDED


async def test_a_job_that_is_resumed_holds_what_it_needs_more(house: JobHouse) -> None:
    _limit(house, 1_000)
    seen: list[tuple[int, int]] = []

    async def run(job: Job, steps: Steps) -> object:
        seen.append(_standing(house))
        await _spend(house, job.id, 200)
        if len(seen) == 1:
            raise RequestMalformed("Enough.", hint="-")
        return None

    async with house.worker(works(run)):
        job = await house.submit(cap=_usd(300))
        await house.ended(job)
        await house.jobs.resume(job.id, cap=_usd(700))
        ended = await house.ended(job)
    assert seen == [(300, 0), (700, 200)]
    assert (_standing(house), ended.spent) == ((400, 400), _usd(400))


async def test_a_budget_of_tokens_bounds_a_job_by_itself(house: JobHouse) -> None:
    budget = Budget("budget_1", Owner.USER, "ada", Window.ALL, Measure.TOKENS, 9, "USD")
    Budgets(house.database).set_budget(budget, actor="test", now=now())

    async def run(job: Job, steps: Steps) -> object:
        principal = await house.claims.principal(steps.token)
        assert principal is not None
        return [(one.owner.value, one.cap) for one in principal.budgets]

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit(cap=_usd(5)))
    assert ended.result == [["job", 5], ["user", 9]]


async def test_a_job_without_a_budget_of_its_own_has_the_houses(house: JobHouse) -> None:
    jobs = Jobs(house.database, currency="USD", cap=_usd(77))
    assert (await jobs.submit(house.draft(), now=now())).cap == _usd(77)
    assert (await jobs.submit(house.draft(cap=_usd(1)), now=now())).cap == _usd(1)


@pytest.mark.parametrize("cap", [Amount(0, "USD"), Amount(-1, "USD"), Amount(1, "EUR")])
async def test_a_budget_that_makes_no_sense_is_refused(house: JobHouse, cap: Amount) -> None:
    with pytest.raises(JobRefused, match="budget of"):
        await house.submit(cap=cap)


async def test_a_job_that_failed_for_its_budget_says_what_to_do(house: JobHouse) -> None:
    _limit(house, 10)
    async with house.worker(works(_nothing)):
        ended = await house.ended(await house.submit(cap=_usd(11)))
    assert ended.fault is not None
    assert "smaller budget" in ended.fault.hint


async def _nothing(job: Job, steps: Steps) -> object:
    return None


def test_a_job_has_no_place_among_the_budgets_of_people(house: JobHouse) -> None:
    house.database.write_now(
        lambda c: execute(
            c,
            'INSERT INTO budgets (id, owner, subject, "window", measure, cap, currency, warn, '
            "created) VALUES ('budget_x', 'job', 'job_x', 'all', 'money', 1, 'USD', 100, 1)",
        )
    )
    assert Budgets(house.database).all_with_use(now()) == []
