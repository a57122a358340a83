"""The ways of requests that took one: written with their entries, read to explain them.

Floor 2. A request that went straight to the only deployment of its model leaves no row here.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from seedbed.core.money import Entry
from seedbed.core.route import Route
from seedbed.store import entries
from seedbed.store.database import Database, execute

_PUT = """
    INSERT INTO routes (request_id, at, told) VALUES (?, ?, ?) ON CONFLICT (request_id) DO NOTHING
"""
_FIND = "SELECT told FROM routes WHERE request_id = ?"
_NEWEST = "SELECT told FROM routes ORDER BY at DESC LIMIT ?"
_FORGET = "DELETE FROM routes WHERE at < ?"
_DROP = "DELETE FROM routes WHERE request_id = ?"
_READ = msgspec.json.Decoder(Route)


class Routes:
    """The ways that are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_now(self, request_id: str) -> tuple[Entry | None, Route | None]:
        """What a request was settled with, and its way: either may be unknown."""
        return self._database.read_now(lambda c: (_entry(c, request_id), _route(c, request_id)))

    def newest_now(self, *, last: int) -> list[Route]:
        """The newest, newest first."""
        return self._database.read_now(
            lambda c: [_READ.decode(row["told"]) for row in execute(c, _NEWEST, (last,))]
        )

    async def forget(self, *, before: int) -> int:
        """Forget those that began before then; how many they were."""
        return await self._database.write(lambda c: execute(c, _FORGET, (before,)).rowcount)


def put(connection: Connection, routes: Sequence[Route]) -> None:
    """Keep ways, in the transaction that writes their entries."""
    for route in routes:
        told = msgspec.json.encode(route).decode()
        execute(connection, _PUT, (route.request_id, route.at, told))


def drop(connection: Connection, request_ids: Sequence[str]) -> None:
    """Forget the ways of those requests."""
    for id_ in request_ids:
        execute(connection, _DROP, (id_,))


def _entry(connection: Connection, request_id: str) -> Entry | None:
    return entries.find(connection, request_id)


def _route(connection: Connection, request_id: str) -> Route | None:
    row = execute(connection, _FIND, (request_id,)).fetchone()
    return None if row is None else _READ.decode(row["told"])
