"""To stop a task from outside, for the price of a timer at most.

Floor 1. A cancel scope costs more than all the rest of a short request, and cannot be held open
while a generator yields. Both classes see to it that a cancellation that they ask for arrives
inside their block, and nowhere else.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class Overdue(Exception):
    """The time of a `Deadline` is over."""


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


class Deadline:
    """A bound on all the waiting for one stream, which one task awaits: a single timer, however
    many events there are.
    """

    def __init__(self, seconds: float) -> None:
        self._task = _this_task()
        self._is_waiting = self._is_past = self._is_told = False
        self._timer = asyncio.get_running_loop().call_later(seconds, self._pass)

    async def next(self, events: AsyncGenerator[T]) -> T | None:
        """The next event, or `None` at the end.

        Raises:
            Overdue: the time is over.
        """
        if self._is_past:
            raise Overdue
        self._is_waiting = True
        try:
            event = await anext(events, None)
        except BaseException as error:
            self._is_waiting = False
            if self._is_told and await _met(self._task, error):
                raise Overdue from None
            raise
        self._is_waiting = False
        if self._is_told and await _met(self._task, None):
            raise Overdue  # pragma: no cover - tested; 3.11 traces not what a throw resumed
        return event

    def end(self) -> None:
        """The stream has ended."""
        self._timer.cancel()

    def _pass(self) -> None:
        self._is_past = True
        if self._is_waiting:
            self._is_told = True
            self._task.cancel()


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
