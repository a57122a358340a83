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
from seedbed.store.keys import Keys
from seedbed.store.taking import Limits
from seedbed.store.workers import Worker
from tests.jobs.houses import JobHouse, now, works

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


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
        principal = await house.tokens.principal(steps.token)
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


async def _failed_after(house: JobHouse, micros: int, *, cap: int) -> Job:
    """A job that spent so much and failed."""

    async def run(job: Job, steps: Steps) -> object:
        await _spend(house, job.id, micros)
        raise RequestMalformed("Enough.", hint="-")

    async with house.worker(works(run)):
        return await house.ended(await house.submit(cap=_usd(cap)))


async def _begun_again(house: JobHouse, job: Job, *, at: int) -> None:
    await house.jobs.resume(job.id)
    await house.workers.join(Worker("worker_1", "here", "1:1", ("work",), 1, 1))
    await house.claims.take("worker_1", {"work": Limits()}, room=1, now=at)


async def test_what_a_job_spent_before_a_budget_was_set_is_not_counted_in_it(
    house: JobHouse,
) -> None:
    job = await _failed_after(house, 200, cap=300)
    _limit(house, 1_000)
    await _begun_again(house, job, at=now())
    assert _standing(house) == (100, 0)


async def test_a_job_that_is_resumed_spends_from_the_window_of_that_day(house: JobHouse) -> None:
    budget = Budget("budget_1", Owner.PROJECT, "web", Window.DAY, Measure.MONEY, 1_000, "USD")
    Budgets(house.database).set_budget(budget, actor="test", now=now())
    job = await _failed_after(house, 200, cap=300)
    tomorrow = now() + 86_400_000_000
    await _begun_again(house, job, at=tomorrow)
    days = [budget.window.begins(moment) for moment in (job.created, tomorrow)]
    windows_ = [
        house.database.read_now(lambda c, d=d: windows.standing(c, "budget_1", d)) for d in days
    ]
    assert windows_ == [(200, 200), (100, 0)]


async def test_what_asks_under_way_were_promised_stays_held(house: JobHouse) -> None:
    _limit(house, 1_000)

    async def run(job: Job, steps: Steps) -> object:
        await house.database.write(
            lambda c: windows.count(c, budget_id(job.id), 0, used=80, spent=0)
        )
        return None

    async with house.worker(works(run)):
        job = await house.ended(await house.submit(cap=_usd(500)))
        assert _standing(house) == (80, 0)
        await house.database.write(
            lambda c: windows.count(c, budget_id(job.id), 0, used=-50, spent=30)
        )
        with anyio.fail_after(20):
            while _standing(house) != (30, 30):
                await anyio.sleep(0.01)


async def test_holds_are_forgotten_once_nothing_can_come_late(house: JobHouse) -> None:
    _limit(house, 1_000)
    job = await _failed_after(house, 200, cap=300)

    def holds() -> int:
        sql = "SELECT count(*) AS number FROM holds"
        return house.database.read_now(lambda c: execute(c, sql).fetchone()["number"])

    await house.claims.tidy(now=now())
    assert holds() == 1
    await house.claims.tidy(now=(job.ended or 0) + 61_000_000)
    assert (holds(), _standing(house)) == (0, (200, 200))
    await _begun_again(house, job, at=now())
    assert _standing(house) == (300, 200)


async def test_jobs_that_wait_for_the_same_money_are_tried_in_turn(house: JobHouse) -> None:
    _limit(house, 150)
    jobs = [await house.submit(cap=_usd(100)) for _ in range(5)]
    await house.workers.join(Worker("worker_1", "here", "1:1", ("work",), 1, 1))
    at = now()
    for begun in (1, 0, 0):
        taken = await house.claims.take("worker_1", {"work": Limits(9, 9)}, room=9, now=at)
        assert len(taken) == begun
    waiting = [bool((await house.jobs.find(job.id)).progress.note) for job in jobs]
    assert waiting == [False, True, True, True, False]


async def test_of_many_that_cannot_begin_some_are_tried_at_once(house: JobHouse) -> None:
    jobs = [await house.submit() for _ in range(100)]
    Keys(house.database).revoke("ada", actor="test", now=now())
    await house.workers.join(Worker("worker_1", "here", "1:1", ("work",), 1, 1))
    assert await house.claims.take("worker_1", {"work": Limits()}, room=16, now=now()) == []
    ended = [(await house.jobs.find(job.id)).state.is_end for job in jobs]
    assert ended == [True] * 64 + [False] * 36
