"""To stop a task from outside, for the price of a timer at most.

Floor 1. A cancel scope costs more than all the rest of a short request, and cannot be held open
while a generator yields. Both classes see to it that a cancellation that they ask for arrives
inside their block, and nowhere else.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import suppress
from types import AsyncGeneratorType, TracebackType
from typing import Self, TypeVar, cast

T = TypeVar("T")


class Interrupt:
    """A block that others can end early, for a reason that whoever wrote the block looks at.

    The block ends quietly. What it awaits meets a cancellation, as with any other.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self._task = _this_task()
        self._is_open = True

    def stop(self, reason: str) -> None:
        """End the block; once it has ended, or has been told before, this does nothing."""
        if self._is_open and self.reason is None:
            self.reason = reason
            self._task.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        self._is_open = False
        return self.reason is not None and await _met(self._task, error)


class Deadline(Interrupt):
    """A block that bounds all the waiting for one stream: a single timer, however many events come.

    It ends early only while the stream is at work, or `during` something else that is waited for;
    whoever holds an event of the stream looks at `is_past`.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.is_past = False
        self._waits = False
        self._stream: AsyncGeneratorType[object] | None = None
        self._timer = asyncio.get_running_loop().call_later(seconds, self._pass)

    def bound(self, stream: AsyncGenerator[T]) -> AsyncGenerator[T]:
        """The same stream, which is bounded from now on."""
        self._stream = cast("AsyncGeneratorType[object]", stream)
        return stream

    async def during(self, work: Awaitable[T]) -> T:
        """Wait for something, no longer than until the deadline."""
        self._waits = True
        if self.is_past:
            self.stop("overdue")
        try:
            return await work
        finally:
            self._waits = False

    async def close(self, stream: AsyncGenerator[object]) -> None:
        """Close a stream, which may take its time for that."""
        self._stream = None
        await stream.aclose()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._timer.cancel()
        return await super().__aexit__(kind, error, trace)

    def _pass(self) -> None:
        self.is_past = True
        if self._waits or (self._stream is not None and self._stream.ag_running):
            self.stop("overdue")


def _this_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("this runs in a task only")
    return task


async def _met(task: "asyncio.Task[object]", error: BaseException | None) -> bool:
    """Take back a cancellation that was asked for; whether nothing else happened.

    It has been met as `error`, or else comes with the next await, and is waited for here.
    """
    if not isinstance(error, asyncio.CancelledError):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
    is_ours = task.uncancel() == 0
    return is_ours and (error is None or isinstance(error, asyncio.CancelledError))
