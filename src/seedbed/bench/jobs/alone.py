"""What a job costs: one process submits jobs one by one, and works on them.

Floor 5. Run as a program. What it is compared with does the same in `dbos_alone.py`.
"""

import sys
import time
from pathlib import Path

import anyio
import msgspec

from seedbed.bench.jobs.rows import Row, Wanted
from seedbed.bench.jobs.working import CURRENCY, books
from seedbed.core.access import Scope
from seedbed.core.job import Draft, Owner, State
from seedbed.jobs.scripted import NAME, Scripted
from seedbed.jobs.worker import Worker
from seedbed.kit import logs
from seedbed.kit.clock import SystemClock
from seedbed.store.database import Database, open_database
from seedbed.store.jobs import Filter, Jobs
from seedbed.store.keys import Keys

_AT_ONCE = 50
_LOOK_SECONDS = 0.02


async def measure(path: Path, wanted: Wanted) -> list[Row]:
    """A row for each number of steps, after one that warms up."""
    database, scripted = open_database(path), Scripted(at_once=_AT_ONCE)
    scopes = frozenset({Scope.MODELS})
    key, _ = Keys(database).create("k", user="ada", project="web", scopes=scopes, now=0)
    owner = Owner("ada", "web", key.id)
    rows: list[Row] = []
    clock = SystemClock()
    worker = Worker([scripted.kind], books(database), clock=clock, at_once=_AT_ONCE)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker.run)
        await _row(database, scripted, Draft(NAME, {"steps": 1}, owner), _AT_ONCE)
        for steps in wanted.steps:
            draft = Draft(NAME, {"steps": steps}, owner)
            rows.append(await _row(database, scripted, draft, wanted.jobs))
        tasks.cancel_scope.cancel()
    database.close()
    return rows


async def _row(database: Database, scripted: Scripted, draft: Draft, jobs: int) -> Row:
    table = Jobs(database, currency=CURRENCY)
    before, began, used = scripted.begun, time.perf_counter(), time.process_time()
    for _ in range(jobs):
        await table.submit(draft, now=round(time.time() * 1e6))
    while scripted.begun - before < jobs:  # noqa: ASYNC110 - the other side tells nobody, either
        await anyio.sleep(_LOOK_SECONDS)
    started = time.perf_counter() - began
    for state in (State.QUEUED, State.RUNNING):
        while await table.newest(Filter(state=state), last=1):  # noqa: ASYNC110 - as above
            await anyio.sleep(_LOOK_SECONDS)
    whole = time.perf_counter() - began
    steps = draft.input["steps"]
    assert isinstance(steps, int)  # noqa: S101 - as it was written above
    return Row(steps, jobs, started, whole, time.process_time() - used)


if __name__ == "__main__":
    logs.configure(json_lines=True)
    rows = anyio.run(measure, Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Wanted))
    sys.stdout.buffer.write(msgspec.json.encode(rows) + b"\n")
