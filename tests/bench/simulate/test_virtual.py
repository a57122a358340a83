"""Time that passes only when something happens in it."""

import asyncio

import pytest

from seedbed.bench.simulate.virtual import VirtualClock

pytestmark = pytest.mark.anyio


async def test_what_is_due_is_done_in_order_at_its_moment() -> None:
    clock, done = VirtualClock(), list[tuple[str, float]]()
    clock.call_at(5, lambda: done.append(("late", clock.now())))
    clock.call_at(1, lambda: done.append(("soon", clock.now())))
    clock.call_at(1, lambda: clock.call_at(0, lambda: done.append(("past", clock.wall()))))
    await clock.run()
    assert done == [("soon", 1), ("past", 1), ("late", 5)]


async def test_who_sleeps_wakes_at_the_moment_and_others_wait_for_what_it_does() -> None:
    clock, done = VirtualClock(), list[tuple[str, float]]()

    async def sleeper() -> None:
        await clock.sleep(2)
        done.append(("woken", clock.now()))
        await asyncio.sleep(0)
        done.append(("still", clock.now()))

    task = asyncio.create_task(sleeper())
    await asyncio.sleep(0)
    clock.call_at(3, lambda: done.append(("later", clock.now())))
    await clock.run()
    await task
    assert done == [("woken", 2), ("still", 2), ("later", 3)]


async def test_who_sleeps_no_more_is_not_woken() -> None:
    clock = VirtualClock()
    task = asyncio.create_task(clock.sleep(2))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    await clock.run()
    assert task.cancelled()
