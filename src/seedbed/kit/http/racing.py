"""Several addresses of one host, tried so that one that does not answer is not waited for.

Floor 1.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TypeAlias

from seedbed.kit.http.connection import Connection

STAGGER_SECONDS = 0.25
"""How long an address is waited for before the next one is tried beside it."""

Try: TypeAlias = Callable[[], Coroutine[None, None, Connection]]


async def first_of(tries: Sequence[Try], *, stagger_seconds: float = STAGGER_SECONDS) -> Connection:
    """The first connection that comes about; the others are closed.

    Raises:
        OSError: none came about; it is the first one's reason.
    """
    if len(tries) == 1:
        return await tries[0]()
    running: set[asyncio.Task[Connection]] = set()
    waiting, faults = list(reversed(tries)), list[OSError]()
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(waiting.pop()()))
            patience = stagger_seconds if waiting else None
            done, _ = await asyncio.wait(
                running, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                running.remove(task)
                try:
                    return await task
                except OSError as fault:
                    faults.append(fault)
    finally:
        for task in running:
            task.add_done_callback(_close)
            task.cancel()
    raise faults[0]


def _close(task: asyncio.Task[Connection]) -> None:
    """Close what came about after all."""
    if not task.cancelled() and task.exception() is None:
        task.result().abort()
