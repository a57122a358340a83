"""Answers that were given under an idempotency key, kept so that none is paid twice.

Floor 2. An answer is written in the transaction that writes its entry (`seedbed.store.ledger`):
either both are on the books or neither is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from seedbed.store.database import Database, execute

_PUT = """
    INSERT INTO answers (key, once, digest, request_id, reply, at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (key, once) DO NOTHING
"""
_FIND = "SELECT * FROM answers WHERE key = ? AND once = ?"
_FORGET = "DELETE FROM answers WHERE at < ?"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer under a key's `once`. `digest` is that of the request, `reply` its events as
    `seedbed.serving.once` packs them, `at` when it was given, in epoch microseconds.
    """

    key: str
    once: str
    digest: str
    request_id: str
    reply: bytes
    at: int


class Answers:
    """The answers that are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: str, once: str) -> Kept | None:
        """What was answered under that key, if anything."""
        return await self._database.read(lambda c: _find(c, key, once))

    async def forget(self, *, before: int) -> int:
        """Forget those that were given before then; how many they were."""
        return await self._database.write(lambda c: execute(c, _FORGET, (before,)).rowcount)


def put(connection: Connection, answers: Sequence[Kept]) -> None:
    """Keep answers, in the transaction that writes their entries."""
    for one in answers:
        values = one.key, one.once, one.digest, one.request_id, one.reply, one.at
        execute(connection, _PUT, values)


def _find(connection: Connection, key: str, once: str) -> Kept | None:
    row = execute(connection, _FIND, (key, once)).fetchone()
    if row is None:
        return None
    return Kept(
        row["key"], row["once"], row["digest"], row["request_id"], bytes(row["reply"]), row["at"]
    )
