"""To begin something whole: whoever is cancelled meanwhile has it, and can end it.

Floor 1.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

import anyio

T = TypeVar("T")


async def whole(beginning: Awaitable[T]) -> T:
    """What was begun; a cancellation, of a scope or of the task, is met at the next thing to wait
    for. Where nothing could be begun it is met at once.

    A process whose beginning is cut off lives, or lies dead, and nobody waits for it.
    """
    begun, left = asyncio.ensure_future(beginning), None
    with anyio.CancelScope(shield=True):
        while not begun.done():
            try:
                await asyncio.wait({begun})
            except asyncio.CancelledError as error:  # of the task itself, which no scope holds off
                left = error
    if left is not None:
        if begun.cancelled() or begun.exception():
            raise left
        _cancel_later()
    return begun.result()


def _cancel_later() -> None:
    """Have this task meet a cancellation again that was held off; it is not counted twice."""
    task = cast("asyncio.Task[object]", asyncio.current_task())  # a coroutine runs in one
    task.uncancel()
    task.cancel()
