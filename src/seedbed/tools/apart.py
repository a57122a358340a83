"""Work in a task of its own, which outside cancel scopes do not reach.

Floor 5. A request of the gateway's is cancelled once, and settles what it used with awaits of its
own; a cancel scope, as a server of tools puts around a call, would cancel each of those anew.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import anyio

T = TypeVar("T")


async def apart(work: Coroutine[object, object, T]) -> T:
    """What the work gives. When this is cancelled the work is, once, and its end is waited for."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([task])
        raise
