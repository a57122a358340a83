"""A worker of the scripted kind, as a process that may be killed: a witness sees what it does.

Floor 5. Run as a program, with its orders as JSON. Between its two lines for the witness a step
waits, and asks a model through a server of this house, where it is told of one.
"""

import signal
import sys
from pathlib import Path

import anyio
import httpx2
import msgspec

from seedbed.bench.jobs.witness import BEGAN, DID, Witness
from seedbed.core.errors import EngineFailed
from seedbed.jobs.door import Door
from seedbed.jobs.schedule import following
from seedbed.jobs.scripted import Doing, Scripted
from seedbed.jobs.worker import Books, Worker
from seedbed.kit import logs
from seedbed.kit.clock import SystemClock
from seedbed.store.claims import Claims
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Jobs
from seedbed.store.postgresql import Server
from seedbed.store.schedules import Schedules
from seedbed.store.workers import Workers

MODEL = "kept"
TEXT = "a few words to repeat"
CURRENCY = "USD"
_PATH = "/v1/chat/completions"
_ASK = {"model": MODEL, "messages": [{"role": "user", "content": TEXT}]}


class Orders(msgspec.Struct):
    """Where it works, who sees it, whom it asks, and how many jobs it runs side by side. It lingers
    so many seconds between the effect of a step and its record.
    """

    database: str
    witness: str
    server: str | None = None
    at_once: int = 2
    lingers: float = 0.0


class Effects:
    """What a step does."""

    def __init__(self, witness: Witness, door: Door | None, *, lingers: float = 0.0) -> None:
        self._witness, self._door, self._lingers = witness, door, lingers

    async def do(self, doing: Doing) -> object:
        """Note, wait as long as the job's input says, ask, note.

        Raises:
            EngineFailed: the server answers, and does not give what was asked for.
        """
        self._witness.note(BEGAN, doing)
        pause = doing.job.input.get("pause")
        await anyio.sleep(float(pause) if isinstance(pause, int | float) else 0.0)
        if self._door:
            told = await self._door.post(_PATH, _ASK, token=doing.token, key=doing.key)
            if not told.is_sound:
                raise EngineFailed(MODEL, why=f"it answered {told.status}: {told.body}")
        self._witness.note(DID, doing)
        await anyio.sleep(self._lingers)
        return {"run": doing.job.run}


def database_at(said: str) -> Path | Server:
    """A database by its path or its address."""
    return Server(said) if "://" in said else Path(said)


def books(database: Database) -> Books:
    """What a worker keeps its jobs in."""
    jobs = Jobs(database, currency=CURRENCY)
    schedules = Schedules(database, jobs, following=following)
    return Books(Claims(database), Workers(database), schedules)


async def work(orders: Orders) -> None:
    """Work until told to end."""
    clock, database = SystemClock(), open_database(database_at(orders.database))
    async with httpx2.AsyncClient(trust_env=False) as client:
        door = Door(lambda: orders.server, client, clock=clock) if orders.server else None
        effects = Effects(Witness(Path(orders.witness)), door, lingers=orders.lingers)
        scripted = Scripted(effects.do, at_once=1_000)
        kept = books(database)
        worker = Worker([scripted.kind], kept, clock=clock, at_once=orders.at_once)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker.run)
            with anyio.open_signal_receiver(signal.SIGTERM) as signals:
                async for _ in signals:
                    tasks.cancel_scope.cancel()
                    break
    database.close()


if __name__ == "__main__":
    logs.configure(json_lines=True)
    anyio.run(work, msgspec.json.decode(sys.argv[1], type=Orders))
