"""How jobs end, whoever ends them: the row, and what is held for it.

Floor 2. Everything here runs inside one transaction that holds the write lock.
"""

import json
from dataclasses import asdict

from sqlalchemy import Connection

from seedbed.core.errors import SeedbedError
from seedbed.core.job import Fault, State
from seedbed.store import holds
from seedbed.store.database import execute

_END = """
    UPDATE jobs SET state = ?, result = ?, fault = ?, ended = ?, token = NULL, worker = NULL,
    cancelling = 0, seq = seq + 1 WHERE id = ?
"""


def finish(
    connection: Connection, job: str, state: State, now: int, end: tuple[object, Fault | None]
) -> None:
    """End a job, with its result and its fault."""
    result, fault = end
    said = None if result is None else json.dumps(result, ensure_ascii=False)
    why = None if fault is None else json.dumps(asdict(fault), ensure_ascii=False)
    execute(connection, _END, (state.value, said, why, now, job))
    holds.settle(connection, job, is_over=True)


def fault_of(error: SeedbedError) -> Fault:
    """An error as a job keeps it."""
    return Fault(error.code, plain(error.what), plain(error.hint))


def plain(text: str) -> str:
    """A text with nothing in it that a database refuses."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
