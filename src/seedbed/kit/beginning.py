"""To begin something whole: whoever is cancelled meanwhile has it, and can end it.

Floor 1.
"""

from collections.abc import Awaitable
from typing import TypeVar

import anyio

T = TypeVar("T")


async def whole(beginning: Awaitable[T]) -> T:
    """What was begun; a cancellation is met at the next thing to wait for.

    A process whose beginning is cut off lives, or lies dead, and nobody waits for it.
    """
    begun = list[T]()
    with anyio.CancelScope(shield=True):
        begun.append(await beginning)
    return begun[0]
