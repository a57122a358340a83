"""What a process does in the proofs of the ledger: it asks, uses, settles, and may be killed.

Floor 5. No engine runs: an ask is promised the most that it may use, and uses what its id tells.
"""

import mmap
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import anyio
import anyio.lowlevel

from seedbed.core.access import Principal
from seedbed.core.errors import BudgetReserved, BudgetSpent, KeyUnknown
from seedbed.core.money import Amount, Entry
from seedbed.core.usage import Usage
from seedbed.kit.clock import SystemClock
from seedbed.serving.metering import Meter
from seedbed.serving.pool import Promise
from seedbed.store.database import open_database
from seedbed.store.keys import Keys, shown
from seedbed.store.ledger import Ledger

MOST = 1_000
"""Micros, and tokens, that are promised to each ask."""
_AT_ONCE = 8
_PAUSE = 0.02


def cost(id_: str) -> int:
    """Micros, and tokens, that an ask uses, told by its id alone."""
    return zlib.crc32(id_.encode()) % MOST + 1


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody with a key, on a meter of this process."""

    meter: Meter
    principal: Principal

    async def had(self) -> Promise | None:
        """A promise; `None` once a budget is spent. Waits while others hold what is left of it."""
        most = Amount(MOST, "USD")
        while True:
            try:
                now = self.meter.promise_now(self.principal, most, MOST)
                return now or await self.meter.promise(self.principal, most, MOST)
            except BudgetReserved:
                await anyio.sleep(_PAUSE)
            except BudgetSpent:
                return None

    def settle(self, promise: Promise, id_: str) -> None:
        """End an ask as its id tells."""
        used = cost(id_)
        self.meter.settle(
            promise,
            Entry(
                request_id=id_,
                principal=self.principal,
                model="none",
                deployment="none@here",
                usage=Usage(output_visible=used),
                reserved=promise.money,
                spent=Amount(used, promise.money.currency),
                held=0,
                began=0,
                took=0,
                stop="end",
            ),
        )


def ask_for_each(path: Path, secret: str, name: str, requests: int) -> int:
    """Ask so many times, all at once; how many were answered."""
    with _asker(path, secret) as asker:
        return anyio.run(_ask_for_each, asker, name, requests)


def ask_for_ever(path: Path, secret: str, name: str, truth: Path, begun: Connection) -> None:
    """Ask without end, and tell what is truly used the moment that it is."""
    with (
        truth.open("r+b") as file,
        mmap.mmap(file.fileno(), 0) as shared,
        _asker(path, secret) as asker,
    ):
        anyio.run(_ask_for_ever, asker, name, shared, begun)


async def _ask_for_each(asker: Asker, name: str, requests: int) -> int:
    answered = 0

    async def ask(id_: str) -> None:
        nonlocal answered
        promise = await asker.had()
        if promise is not None:
            await anyio.sleep(_PAUSE * cost(id_) / MOST)
            asker.settle(promise, id_)
            answered += 1

    async with anyio.create_task_group() as keeping:
        keeping.start_soon(_keep_renewing, asker.meter)
        async with anyio.create_task_group() as asking:
            for number in range(requests):
                asking.start_soon(ask, f"req_{name}_{number}")
        keeping.cancel_scope.cancel()
    await asker.meter.close()
    return answered


async def _ask_for_ever(asker: Asker, name: str, shared: mmap.mmap, begun: Connection) -> None:
    async def ask(task: int) -> None:
        number = 0
        while (promise := await asker.had()) is not None:
            id_ = f"req_{name}_{task}_{number}"
            used = int.from_bytes(shared[:8], "little") + cost(id_)
            shared[:8] = used.to_bytes(8, "little")
            await anyio.lowlevel.checkpoint()
            asker.settle(promise, id_)
            number += 1

    async with anyio.create_task_group() as tasks:
        for task in range(_AT_ONCE):
            tasks.start_soon(ask, task)
        begun.send(None)
        while True:  # far more often than a server would, so that many a kill comes in a write
            await anyio.sleep(_PAUSE / 10)
            shared[8] = 1
            await asker.meter.flush()
            shared[8] = 0


async def _keep_renewing(meter: Meter) -> None:
    while True:
        await anyio.sleep(_PAUSE)
        await meter.renew()


@contextmanager
def _asker(path: Path, secret: str) -> Generator[Asker]:
    database = open_database(path)
    try:
        principal = Keys(database).find_now(secret)
        if principal is None:
            raise KeyUnknown(shown(secret))
        yield Asker(Meter(Ledger(database), currency="USD", clock=SystemClock()), principal)
    finally:
        database.close()
