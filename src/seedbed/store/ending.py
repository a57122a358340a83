"""How jobs end, whoever ends them: the row, what is held for it, and who is told.

Floor 2. Whoever is to be told of an end is told by a job of its own, which is there as soon as the
end is. Everything here runs inside one transaction that holds the write lock.
"""

import json
from dataclasses import asdict

from sqlalchemy import Connection

from seedbed.core.errors import SeedbedError
from seedbed.core.job import Fault, State
from seedbed.kit import ids
from seedbed.store import holds
from seedbed.store.database import execute

_END = """
    UPDATE jobs SET state = ?, result = ?, fault = ?, ended = ?, token = NULL, worker = NULL,
    cancelling = 0, seq = seq + 1 WHERE id = ?
"""
CALLBACK = "callback"
"""The kind of the jobs that tell of an end."""
_CALL_BACK = """
    INSERT INTO jobs (id, kind, input, "user", project, key, state, seq, priority, created, begins,
    currency, done, note, run, deaths, cancelling)
    SELECT ?, ?, ?, "user", project, key, 'queued', 1, priority, ?, 0, currency, 0, '', 0, 0, 0
    FROM jobs WHERE id = ? AND callback IS NOT NULL
"""


def finish(
    connection: Connection, job: str, state: State, now: int, end: tuple[object, Fault | None]
) -> None:
    """End a job, with its result and its fault."""
    result, fault = end
    said = None if result is None else json.dumps(result, ensure_ascii=False)
    why = None if fault is None else json.dumps(asdict(fault), ensure_ascii=False)
    execute(connection, _END, (state.value, said, why, now, job))
    told = ids.fresh("job"), CALLBACK, json.dumps({"job": job}), now, job
    execute(connection, _CALL_BACK, told)
    holds.settle(connection, job, is_over=True)


def fault_of(error: SeedbedError) -> Fault:
    """An error as a job keeps it."""
    return Fault(error.code, plain(error.what), plain(error.hint))


def plain(text: str) -> str:
    """A text with nothing in it that a database refuses."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
