import time

import anyio
import anyio.lowlevel
import pytest

from seedbed.kit.clock import FakeClock, SystemClock

pytestmark = pytest.mark.anyio


async def test_the_system_clock_tells_the_time_of_the_machine() -> None:
    clock = SystemClock()
    before, wall, after = time.time(), clock.wall(), time.time()
    assert before <= wall <= after
    first = clock.now()
    await clock.sleep(0)
    assert clock.now() >= first


async def test_fake_time_stands_still_until_it_is_advanced(clock: FakeClock) -> None:
    start = clock.now()
    await anyio.lowlevel.checkpoint()
    assert clock.now() == clock.wall() == start
    await clock.advance(2.5)
    assert clock.now() == clock.wall() == start + 2.5


async def test_sleepers_wake_in_order_each_at_its_moment(clock: FakeClock) -> None:
    start = clock.now()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.now() - start))

    async with anyio.create_task_group() as tasks:
        for name, seconds in [("late", 3.0), ("early", 1.0), ("later", 3.0), ("never", 9.0)]:
            tasks.start_soon(sleeper, name, seconds)
        await clock.advance(5.0)
        assert woken == [("early", 1.0), ("late", 3.0), ("later", 3.0)]
        assert clock.now() - start == 5.0
        tasks.cancel_scope.cancel()


async def test_a_loop_wakes_as_often_as_time_allows(clock: FakeClock) -> None:
    rounds = 0

    async def tick() -> None:
        nonlocal rounds
        while True:
            await clock.sleep(10.0)
            rounds += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        await clock.advance(35.0)
        assert rounds == 3
        tasks.cancel_scope.cancel()


async def test_a_sleep_of_nothing_lets_others_go_and_ends_by_itself(clock: FakeClock) -> None:
    seen: list[str] = []

    async def other() -> None:
        seen.append("other")
        await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(other)
        await clock.sleep(0)
        seen.append("slept")
    assert seen == ["other", "slept"]


async def test_a_sleeper_that_was_cancelled_holds_nobody_up(clock: FakeClock) -> None:
    woken: list[float] = []

    async def sleeper() -> None:
        await clock.sleep(2.0)
        woken.append(clock.now())

    with anyio.CancelScope() as scope:
        scope.cancel()
        await clock.sleep(1.0)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(sleeper)
        await clock.advance(2.0)
    assert len(woken) == 1
