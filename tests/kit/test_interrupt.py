"""Stopping a task from outside: the stop arrives inside the block, and nowhere else."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

import pytest

from seedbed.kit.interrupt import Deadline, Interrupt

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
    async with Deadline(60) as deadline:
        events = deadline.bound(numbers(nothing, nothing))
        assert [number async for number in events] == [0, 1]
        await deadline.close(events)
    assert not deadline.is_past


async def test_a_stream_that_waits_too_long_is_past_its_time_and_can_be_closed() -> None:
    closed: list[str] = []
    events = numbers(nothing, None)
    async with Deadline(0.001) as deadline:
        try:
            assert await anext(deadline.bound(events)) == 0
            await anext(events)
        finally:
            await deadline.close(events)
            closed.append("closed")
    assert deadline.is_past
    assert closed
    await asyncio.sleep(0)  # nothing of it is left over


async def test_time_that_runs_out_before_there_is_a_stream_stops_nothing() -> None:
    async with Deadline(0) as deadline:
        while not deadline.is_past:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert deadline.reason is None


async def test_time_that_runs_out_between_two_events_stops_nothing() -> None:
    async with Deadline(0) as deadline:
        events = deadline.bound(numbers(nothing, nothing))
        while not deadline.is_past:
            await asyncio.sleep(0)
        assert await anext(events) == 0
        await deadline.close(events)
    assert deadline.reason is None


async def test_a_stream_takes_its_time_to_close() -> None:
    async def slow() -> AsyncGenerator[int]:
        try:
            yield 1
        finally:
            while not deadline.is_past:
                await asyncio.sleep(0)
            await asyncio.sleep(0)

    async with Deadline(0.001) as deadline:
        events = deadline.bound(slow())
        assert await anext(events) == 1
        await deadline.close(events)
    assert deadline.is_past
    assert deadline.reason is None


async def test_a_stream_that_goes_on_past_its_time_does_not_stop_what_follows() -> None:
    async def deaf() -> AsyncGenerator[int]:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        yield 1

    async with Deadline(0.001) as deadline:
        assert await anext(deadline.bound(deaf())) == 1
    assert deadline.is_past
    await asyncio.sleep(0)


async def test_what_a_stream_raises_as_its_time_runs_out_is_raised() -> None:
    async def breaking() -> AsyncGenerator[int]:
        try:
            await asyncio.Event().wait()
        finally:
            raise ZeroDivisionError
        yield 1

    async def work() -> None:
        async with Deadline(0.001) as deadline:
            await anext(deadline.bound(breaking()))

    with pytest.raises(ZeroDivisionError):
        await work()
    await asyncio.sleep(0)


async def test_a_cancellation_by_others_while_a_stream_is_awaited_is_theirs() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with Deadline(60) as deadline:
            async for _ in deadline.bound(numbers(begun.set, None)):
                pass

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_is_waited_for_meanwhile_ends_with_the_deadline() -> None:
    async with Deadline(0.001) as deadline:
        await deadline.during(asyncio.Event().wait())
        pytest.fail("it was waited for past the deadline")
    assert (deadline.is_past, deadline.reason) == (True, "overdue")


async def test_what_is_waited_for_in_time_is_given() -> None:
    async def soon() -> str:
        await asyncio.sleep(0)
        return "here"

    async with Deadline(60) as deadline:
        assert await deadline.during(soon()) == "here"
    assert deadline.reason is None


async def test_nothing_is_waited_for_once_the_deadline_is_past() -> None:
    begun: list[str] = []

    async def later() -> None:
        begun.append("begun")
        await asyncio.Event().wait()

    async with Deadline(0) as deadline:
        while not deadline.is_past:
            await asyncio.sleep(0)
        await deadline.during(later())
    assert deadline.reason == "overdue"
