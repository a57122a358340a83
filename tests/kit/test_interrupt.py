"""Stopping a task from outside: the stop arrives inside the block, and nowhere else."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest

from seedbed.kit.interrupt import Deadline, Interrupt, Overdue

pytestmark = pytest.mark.anyio


async def test_a_block_that_nobody_stops_is_a_block() -> None:
    async with Interrupt() as interrupt:
        await asyncio.sleep(0)
    assert interrupt.reason is None


async def test_a_block_ends_where_it_waits_and_says_why() -> None:
    async with Interrupt() as interrupt:
        asyncio.get_running_loop().call_soon(interrupt.stop, "left")
        await asyncio.Event().wait()
    assert interrupt.reason == "left"
    await asyncio.sleep(0)  # nothing of it is left over


async def test_the_first_reason_counts_and_none_after_the_end() -> None:
    async with Interrupt() as interrupt:
        interrupt.stop("left")
        interrupt.stop("stalled")
        await asyncio.Event().wait()
    interrupt.stop("late")
    assert interrupt.reason == "left"
    await asyncio.sleep(0)


async def test_a_stop_that_comes_as_the_block_ends_does_not_reach_what_follows() -> None:
    async with Interrupt() as interrupt:
        interrupt.stop("left")
    await asyncio.sleep(0)
    assert interrupt.reason == "left"


@pytest.mark.parametrize("stopped", [False, True])
async def test_what_else_is_raised_in_the_block_is_raised(*, stopped: bool) -> None:
    async def work() -> None:
        async with Interrupt() as interrupt:
            if stopped:
                interrupt.stop("left")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()
    await asyncio.sleep(0)


async def test_a_cancellation_by_others_is_theirs() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with Interrupt() as interrupt:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                interrupt.stop("left")  # too: ours and theirs at once

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_it_is_for_tasks_alone() -> None:
    raised: list[RuntimeError] = []

    def outside() -> None:
        try:
            Interrupt()
        except RuntimeError as error:
            raised.append(error)

    asyncio.get_running_loop().call_soon(outside)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(raised) == 1


async def numbers(
    *waits: Callable[[], object] | None,
) -> AsyncGenerator[int]:
    """Numbers, before each of which something happens, or which never comes."""
    for number, happens in enumerate(waits):
        if happens is None:
            await asyncio.Event().wait()
        else:
            happens()
            await asyncio.sleep(0)
        yield number


def nothing() -> None:
    pass


async def test_a_stream_in_time_is_passed_as_it_is() -> None:
    deadline = Deadline(60)
    events = numbers(nothing, nothing)
    assert [await deadline.next(events) for _ in range(3)] == [0, 1, None]
    deadline.end()


async def test_a_stream_that_waits_too_long_is_overdue_and_can_be_closed() -> None:
    deadline = Deadline(0.001)
    events = numbers(nothing, None)
    assert await deadline.next(events) == 0
    for _ in range(2):
        with pytest.raises(Overdue):
            await deadline.next(events)
    await events.aclose()
    await asyncio.sleep(0)


async def test_time_that_runs_out_between_two_events_is_told_at_the_next() -> None:
    deadline = Deadline(60)
    events = numbers(nothing, nothing)
    assert await deadline.next(events) == 0
    deadline._pass()  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(Overdue):
        await deadline.next(events)
    await events.aclose()


async def test_time_that_runs_out_as_an_event_comes_does_not_reach_what_follows() -> None:
    deadline = Deadline(60)

    async def events() -> AsyncGenerator[int]:
        deadline._pass()  # pyright: ignore[reportPrivateUsage] - no await follows before it yields
        yield 1

    with pytest.raises(Overdue):
        await deadline.next(events())
    await asyncio.sleep(0)


async def test_what_a_stream_raises_as_its_time_runs_out_is_raised() -> None:
    deadline = Deadline(60)

    async def events() -> AsyncGenerator[int]:
        deadline._pass()  # pyright: ignore[reportPrivateUsage]
        raise ZeroDivisionError
        yield 1

    with pytest.raises(ZeroDivisionError):
        await deadline.next(events())
    await asyncio.sleep(0)


async def test_a_cancellation_by_others_while_a_stream_is_awaited_is_theirs() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        deadline = Deadline(60)
        events = numbers(begun.set, None)
        while True:
            await deadline.next(events)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
