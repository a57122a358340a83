"""Jobs are run, whatever happens to those who run them."""

import anyio
import pytest

from seedbed.core.access import Scope
from seedbed.core.budget import Budget, Measure, Window
from seedbed.core.budget import Owner as Whose
from seedbed.core.errors import DiskFull, RequestMalformed
from seedbed.core.job import Fault, Job, Owner, Progress, State
from seedbed.core.money import Amount
from seedbed.jobs.job import Unfinished
from seedbed.jobs.step import Steps
from seedbed.jobs.worker import Chore
from seedbed.store.budgets import Budgets
from seedbed.store.keys import Keys
from seedbed.store.taking import Limits
from seedbed.store.workers import Worker as Row
from tests.jobs.houses import JobHouse, now, states, works

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def _value(key: str) -> object:
    return {"key": key}


async def three(job: Job, steps: Steps) -> object:
    return [await steps.do(name, _value) for name in ("a", "b", "c")]


async def test_a_job_is_run_and_its_steps_are_recorded(house: JobHouse) -> None:
    job = await house.submit(input={"n": 1})
    assert job.state is State.QUEUED
    async with house.worker(works(three)):
        ended = await house.ended(job)
    assert ended.state is State.SUCCEEDED
    assert ended.result == [{"key": f"{job.id}.{number}"} for number in range(3)]
    assert [step.name for step in await house.jobs.steps(job.id)] == ["a", "b", "c"]
    assert (ended.run, ended.input) == (1, {"n": 1})


async def test_an_error_ends_a_job_in_its_words(house: JobHouse) -> None:
    async def run(job: Job, steps: Steps) -> object:
        raise RequestMalformed("Nothing is here.", hint="Bring something.")

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit())
    assert ended.state is State.FAILED
    assert ended.fault is not None
    assert (ended.fault.code, ended.fault.what) == ("request_malformed", "Nothing is here.")


async def test_a_job_that_breaks_takes_no_other_along(house: JobHouse) -> None:
    async def run(job: Job, steps: Steps) -> object:
        if job.input:
            raise ZeroDivisionError
        return 1

    async with house.worker(works(run)):
        broken, sound = await house.submit(input={"x": 1}), await house.submit()
        ends = [await house.ended(broken), await house.ended(sound)]
    assert [job.state for job in ends] == [State.FAILED, State.SUCCEEDED]
    assert ends[0].fault is not None
    assert "ZeroDivisionError" in ends[0].fault.what


async def test_cancelling_ends_a_job_inside_a_step(house: JobHouse) -> None:
    begun, left = anyio.Event(), anyio.Event()

    async def long(key: str) -> object:
        begun.set()
        try:
            await anyio.sleep_forever()
        finally:
            left.set()

    async def run(job: Job, steps: Steps) -> object:
        await steps.do("a", _value)
        return await steps.do("long", long)

    async with house.worker(works(run)):
        job = await house.submit()
        await begun.wait()
        assert (await house.jobs.cancel(job.id, now=now())).is_cancelling
        ended = await house.ended(job)
    assert ended.state is State.CANCELLED
    assert left.is_set()
    assert len(await house.jobs.steps(job.id)) == 1


async def test_a_job_that_waits_is_cancelled_at_once(house: JobHouse) -> None:
    job = await house.submit()
    assert (await house.jobs.cancel(job.id, now=now())).state is State.CANCELLED


async def test_a_cancelled_job_goes_on_from_its_last_step(house: JobHouse) -> None:
    done: list[str] = []
    gate = anyio.Event()

    async def step(key: str) -> object:
        done.append(key)
        return None

    async def wait(key: str) -> object:
        await gate.wait()
        return None

    async def run(job: Job, steps: Steps) -> object:
        await steps.do("a", step)
        await steps.tell(Progress(1, 2, "half"))
        await steps.do("b", wait)
        return "end"

    async with house.worker(works(run)):
        job = await house.submit()
        await house.until(job, lambda found: found.progress.done == 1)
        await house.jobs.cancel(job.id, now=now())
        await house.ended(job)
        gate.set()
        await house.jobs.resume(job.id)
        ended = await house.ended(job)
    assert (ended.state, ended.result, ended.run) == (State.SUCCEEDED, "end", 2)
    assert done == [f"{job.id}.0"]


async def test_a_rerun_that_meets_other_steps_is_told(house: JobHouse) -> None:
    names = ["a"]

    async def fail(key: str) -> object:
        raise RequestMalformed("No.", hint="-")

    async def run(job: Job, steps: Steps) -> object:
        await steps.do(names[0], _value)
        await steps.do("fails", fail)

    async with house.worker(works(run)):
        job = await house.submit()
        await house.ended(job)
        names[0] = "other"
        await house.jobs.resume(job.id)
        ended = await house.ended(job)
    assert ended.fault is not None
    assert ended.fault.code == "job_diverged"
    assert "'a'" in ended.fault.what
    assert "'other'" in ended.fault.what


async def test_jobs_are_begun_in_the_order_of_their_priority(house: JobHouse) -> None:
    order: list[object] = []

    async def run(job: Job, steps: Steps) -> object:
        order.append(job.input["n"])

    jobs = [await house.submit(input={"n": n}, priority=n % 3) for n in range(6)]
    async with house.worker(works(run), at_once=1):
        for job in jobs:
            await house.ended(job)
    assert order == [2, 5, 1, 4, 0, 3]


@pytest.mark.parametrize(
    ("limits", "most"), [(Limits(at_once=2), 2), (Limits(at_once=9, of_one_key=3), 3)]
)
async def test_no_more_than_its_limits_run_at_once(
    house: JobHouse, limits: Limits, most: int
) -> None:
    running = highest = 0

    async def run(job: Job, steps: Steps) -> object:
        nonlocal running, highest
        running += 1
        highest = max(highest, running)
        await steps.do("a", _value)
        running -= 1

    kind = works(run, limits=limits)
    jobs = [await house.submit() for _ in range(12)]
    async with house.worker(kind), house.worker(kind):
        for job in jobs:
            assert (await house.ended(job)).state is State.SUCCEEDED
    assert highest == most


async def test_a_job_waits_for_those_that_it_comes_after(house: JobHouse) -> None:
    order: list[object] = []

    async def run(job: Job, steps: Steps) -> object:
        order.append(job.input["n"])

    first = await house.submit(input={"n": 1}, begins=now() + 300_000)
    second = await house.submit(input={"n": 2}, after=(first.id,), priority=9)
    async with house.worker(works(run)):
        ended = await house.ended(second)
    assert (order, ended.after) == ([1, 2], (first.id,))


async def test_a_job_whose_forerunner_fails_fails_with_its_name(house: JobHouse) -> None:
    async def run(job: Job, steps: Steps) -> object:
        raise RequestMalformed("No.", hint="-")

    first = await house.submit()
    second = await house.submit(after=(first.id,))
    async with house.worker(works(run)):
        ended = await house.ended(second)
    assert ended.fault is not None
    assert first.id in ended.fault.what


async def test_a_job_that_nobody_began_in_time_expires(house: JobHouse) -> None:
    job = await house.submit("nobody", expires=now() - 1)
    async with house.worker(works(three)):
        assert (await house.ended(job)).state is State.EXPIRED


async def test_a_job_that_takes_too_long_fails(house: JobHouse) -> None:
    async def run(job: Job, steps: Steps) -> object:
        await anyio.sleep_forever()

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit(seconds=0.05))
    assert ended.fault is not None
    assert ended.fault.code == "job_overdue"


async def test_one_key_submits_a_thing_once(house: JobHouse) -> None:
    first, second = [await house.submit(once="x") for _ in range(2)]
    assert first.id == second.id


async def test_what_a_job_has_when_it_must_stop_is_kept(house: JobHouse) -> None:
    async def run(job: Job, steps: Steps) -> object:
        raise Unfinished({"half": 1}, Fault("enough", "Enough.", "-"))

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit())
    assert (ended.state, ended.result) == (State.FAILED, {"half": 1})


async def test_a_worker_that_leaves_gives_its_jobs_back(house: JobHouse) -> None:
    gate, begun = anyio.Event(), anyio.Event()

    async def wait(key: str) -> object:
        begun.set()
        await gate.wait()
        return key

    async def run(job: Job, steps: Steps) -> object:
        return await steps.do("a", wait)

    job = await house.submit()
    async with house.worker(works(run)):
        await begun.wait()
    assert (await house.jobs.find(job.id)).state is State.QUEUED
    gate.set()
    async with house.worker(works(run)):
        ended = await house.ended(job)
    assert (ended.state, ended.run) == (State.SUCCEEDED, 2)


async def test_a_revoked_key_runs_nothing(house: JobHouse) -> None:
    job = await house.submit()
    Keys(house.database).revoke("ada", now=now())
    async with house.worker(works(three)):
        ended = await house.ended(job)
    assert ended.fault is not None
    assert ended.fault.code == "job_keyless"


def _budget(house: JobHouse, cap: int) -> Budget:
    budget = Budget("budget_1", Whose.PROJECT, "web", Window.ALL, Measure.MONEY, cap, "USD")
    return Budgets(house.database).set_budget(budget, actor="test", now=now())


def _used(house: JobHouse) -> tuple[int, int]:
    row = house.database.read_now(
        lambda c: c.exec_driver_sql(
            "SELECT used, spent FROM windows WHERE budget = 'budget_1'"
        ).one()
    )
    return row[0], row[1]


async def test_a_job_holds_what_it_may_cost_and_gives_the_rest_back(house: JobHouse) -> None:
    _budget(house, 1_000)
    seen: list[tuple[int, int]] = []

    async def run(job: Job, steps: Steps) -> object:
        seen.append(_used(house))

    async with house.worker(works(run)):
        await house.ended(await house.submit(cap=Amount(900, "USD")))
    assert seen == [(900, 0)]
    assert _used(house) == (0, 0)


async def test_a_job_that_may_cost_more_than_is_left_fails_before_it_begins(
    house: JobHouse,
) -> None:
    _budget(house, 1_000)
    async with house.worker(works(three)):
        ended = await house.ended(await house.submit(cap=Amount(1_001, "USD")))
    assert ended.fault is not None
    assert (ended.fault.code, ended.run) == ("budget_spent", 0)


async def test_a_jobs_token_acts_for_its_owner_while_it_runs(house: JobHouse) -> None:
    tokens: list[str] = []

    async def run(job: Job, steps: Steps) -> object:
        tokens.append(steps.token)
        principal = await house.tokens.principal(steps.token)
        assert principal is not None
        return [principal.key, [budget.cap for budget in principal.budgets]]

    async with house.worker(works(run)):
        ended = await house.ended(await house.submit(cap=Amount(7, "USD")))
    assert ended.result == [house.key.id, [7]]
    assert await house.tokens.principal(tokens[0]) is None


async def test_where_few_may_run_the_next_begins_as_one_ends(
    house: JobHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [await house.submit() for _ in range(5)]
    monkeypatch.setattr("seedbed.jobs.worker._LOOK_SECONDS", 3_600.0)
    async with house.worker(works(three, limits=Limits(at_once=1))):
        assert states([await house.ended(job) for job in jobs]) == [State.SUCCEEDED] * 5


async def test_a_chore_that_fails_is_tried_again_and_harms_no_job(house: JobHouse) -> None:
    tries: list[int] = []

    async def sweep() -> None:
        tries.append(1)
        raise DiskFull("/data", needed=2, free=1)

    async with house.worker(works(three), chores=[Chore(0.0, sweep)]):
        ended = await house.ended(await house.submit())
    assert ended.state is State.SUCCEEDED
    assert tries


async def test_a_job_that_was_begun_in_time_does_not_expire(house: JobHouse) -> None:
    at = now()
    job = await house.submit(expires=at + 1_000_000)
    late = await house.submit(expires=at + 1_000_000)
    await house.workers.join(Row("worker_1", "here", "1:1", ("work",), 1, 1))
    await house.claims.take("worker_1", {"work": Limits()}, room=1, now=at)
    later = at + 2_000_000
    await house.workers.fence({"worker_1": 1}, now=later)
    await house.claims.tidy(now=later)
    assert states([await house.jobs.find(one.id) for one in (job, late)]) == [
        State.QUEUED,
        State.EXPIRED,
    ]
    await house.workers.join(Row("worker_2", "here", "1:1", ("work",), 1, 1))
    [claim] = await house.claims.take("worker_2", {"work": Limits()}, room=9, now=later)
    assert claim.job.id == job.id


async def test_a_chain_of_jobs_ends_with_its_first(house: JobHouse) -> None:
    chain = [await house.submit()]
    for _ in range(30):
        chain.append(await house.submit(after=(chain[-1].id,)))
    await house.jobs.cancel(chain[0].id, now=now())
    await house.claims.tidy(now=now())
    assert set(states([await house.jobs.find(job.id) for job in chain[1:]])) == {State.FAILED}


async def test_the_token_of_a_job_asks_models_and_does_nothing_else(house: JobHouse) -> None:
    key, _ = Keys(house.database).create(
        "root", user="root", project="web", scopes=frozenset({Scope.ADMIN}), now=now()
    )
    draft = house.draft(owner=Owner("root", "web", key.id))
    await house.jobs.submit(draft, now=now())
    await house.workers.join(Row("worker_1", "here", "1:1", ("work",), 1, 1))
    [claim] = await house.claims.take("worker_1", {"work": Limits()}, room=1, now=now())
    principal = await house.tokens.principal(claim.token)
    assert principal is not None
    assert principal.scopes == {Scope.MODELS}
