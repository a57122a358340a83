"""Somebody waits for a first word while batch work takes all that there is, and while it does not.

Floor 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

import anyio

from seedbed.bench.serving.chats import Got, alone
from seedbed.bench.serving.served import Served

_BATCH = 24
"""Batch asks that are always there: more than there are places."""
_FILLING_SECONDS = 3.0
"""How long batch work is there alone, so that the first who arrives meets all of it."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Interactive answers without and with batch work beside them, and the batch work's answers."""

    idle: Sequence[Got]
    busy: Sequence[Got]
    batch: Sequence[Got]

    @property
    def lost(self) -> list[str]:
        """Why each answer that did not come did not."""
        return [one.lost for one in (*self.idle, *self.busy, *self.batch) if one.lost]

    @property
    def ratio(self) -> float:
        """The p95 of seconds to the first token, with batch work over without."""
        return p95(self.busy) / p95(self.idle)


def p95(got: Sequence[Got]) -> float:
    """Seconds to the first token that 95 of a hundred did not exceed."""
    return sorted(one.first for one in got)[-(-95 * len(got) // 100) - 1]


async def measure(ours: Served, mark: str, *, arrivals: int, every: float) -> Arrivals:
    """So many interactive asks, one every so many seconds, twice."""
    idle = await _arriving(ours, f"{mark} idle", arrivals, every)
    batch, busy = list[Got](), list[Got]()
    numbers = count()

    async def keep_asking() -> None:
        for number in numbers:
            (chat,) = alone(f"{mark} batch {number}", 1)
            batch.append(await ours.one(replace(chat, priority="batch")))

    async with anyio.create_task_group() as tasks:
        for _ in range(_BATCH):
            tasks.start_soon(keep_asking)
        await anyio.sleep(_FILLING_SECONDS)
        busy += await _arriving(ours, f"{mark} busy", arrivals, every)
        tasks.cancel_scope.cancel()
    return Arrivals(idle, busy, batch)


async def _arriving(ours: Served, mark: str, arrivals: int, every: float) -> list[Got]:
    """Ask one after the other by the clock, whether or not the one before is answered."""
    got: list[Got] = []

    async def ask(number: int) -> None:
        (chat,) = alone(f"{mark} {number}", 1, output=32)
        got.append(await ours.one(replace(chat, priority="interactive")))

    async with anyio.create_task_group() as tasks:
        for number in range(arrivals):
            tasks.start_soon(ask, number)
            await anyio.sleep(every)
    return got
