"""The dead are found by their process, or by their silence."""

import pytest

from seedbed.jobs.adopt import SILENT_SECONDS, Adoption
from seedbed.kit import processes
from seedbed.kit.clock import FakeClock
from seedbed.store.workers import Worker
from tests.jobs.houses import JobHouse

pytestmark = pytest.mark.anyio

HERE = "here"


def _worker(name: str, *, host: str = HERE, process: str | None = None) -> Worker:
    process = process or processes.this_process()
    return Worker(name, host, process, ("work",), began=1, beat=1)


async def _living(house: JobHouse) -> list[str]:
    return [worker.id for worker in await house.workers.living()]


async def test_one_whose_process_is_gone_is_fenced_at_once(house: JobHouse) -> None:
    for worker in (
        _worker("worker_a"),
        _worker("worker_b", process="1:0"),
        _worker("worker_c", process="1:0", host="elsewhere"),
    ):
        await house.workers.join(worker)
    adoption = Adoption(house.workers, me="worker_a", host=HERE, clock=FakeClock())
    assert await adoption.look() == []
    assert sorted(await _living(house)) == ["worker_a", "worker_c"]


async def test_one_that_is_silent_for_long_is_fenced(house: JobHouse) -> None:
    clock = FakeClock()
    for name in ("worker_a", "worker_b", "worker_c"):
        await house.workers.join(_worker(name, host="elsewhere"))
    adoption = Adoption(house.workers, me="worker_a", host=HERE, clock=clock)
    await adoption.look()
    await clock.advance(SILENT_SECONDS - 1)
    await house.workers.beat("worker_c", now=2)
    await adoption.look()
    await clock.advance(1)
    await adoption.look()
    assert sorted(await _living(house)) == ["worker_a", "worker_c"]


async def test_one_that_cannot_give_a_sign_does_not_bury_itself(house: JobHouse) -> None:
    clock = FakeClock()
    await house.workers.join(_worker("worker_a"))
    adoption = Adoption(house.workers, me="worker_a", host=HERE, clock=clock)
    for _ in range(3):
        await adoption.look()
        await clock.advance(SILENT_SECONDS)
    assert await _living(house) == ["worker_a"]
