"""What a job costs with dbos, done as `alone.py` does it.

Floor 5. Run as a program, by an interpreter that has dbos and nothing of ours.
"""

import asyncio
import importlib
import json
import sqlite3
import sys
import time
from typing import Any

_AT_ONCE = 50
_LOOK_SECONDS = 0.02


class Begun:
    """How many jobs were begun, and how many are done."""

    begun = done = 0


def launched(path: str) -> tuple[Any, Any]:
    """The library, on a database of its own, and a job of empty steps."""
    sqlite3.connect(path).execute("PRAGMA journal_mode = WAL")
    dbos: Any = importlib.import_module("dbos")
    quiet = {"log_level": "ERROR", "run_admin_server": False, "enable_otlp": False}
    dbos.DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{path}", **quiet})

    @dbos.DBOS.step()
    async def step(number: int) -> int:
        return number

    @dbos.DBOS.workflow()
    async def job(steps: int) -> int:
        Begun.begun += 1
        for number in range(steps):
            await step(number)
        Begun.done += 1
        return steps

    dbos.DBOS.launch()
    dbos.DBOS.register_queue("jobs", worker_concurrency=_AT_ONCE, polling_interval_sec=0.02)
    return dbos.DBOS, job


async def row(library: Any, job: Any, steps: int, jobs: int) -> dict[str, float]:  # noqa: ANN401
    """So many jobs of so many steps."""
    before, began, used = Begun.begun, time.perf_counter(), time.process_time()
    handles = [await library.enqueue_workflow_async("jobs", job, steps) for _ in range(jobs)]
    while Begun.begun - before < jobs:  # noqa: ASYNC110 - ours is looked at in the same way
        await asyncio.sleep(_LOOK_SECONDS)
    started = time.perf_counter() - began
    while Begun.done < Begun.begun:  # noqa: ASYNC110 - as above
        await asyncio.sleep(_LOOK_SECONDS)
    await handles[-1].get_result()
    whole, cpu = time.perf_counter() - began, time.process_time() - used
    return {"steps": steps, "jobs": jobs, "started": started, "whole": whole, "cpu": cpu}


async def measure(library: Any, job: Any, wanted: dict[str, Any]) -> None:  # noqa: ANN401
    """Print a row for each number of steps, after one that warms up."""
    await row(library, job, 1, _AT_ONCE)
    rows = [await row(library, job, steps, wanted["jobs"]) for steps in wanted["steps"]]
    sys.stdout.write(json.dumps(rows) + "\n")


if __name__ == "__main__":
    made = launched(sys.argv[1])
    asyncio.run(measure(*made, json.loads(sys.argv[2])))
    made[0].destroy()
