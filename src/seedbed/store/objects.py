"""What doors keep for their callers: put, found by whose they are, listed in pages, and removed.

Floor 2. An object is found by its own project alone; that another has one of that id does not show.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from seedbed.core.errors import ObjectUnknown
from seedbed.core.object import Object, Page
from seedbed.kit.as_json import as_json
from seedbed.kit.clock import Clock
from seedbed.store.database import Database, Row, execute

MOST_LISTED = 1_000
_PUT = """
    INSERT INTO objects (id, kind, project, at, parent, until, body) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_CHANGE = "UPDATE objects SET until = ?, body = ? WHERE number = ?"
_FIND = """
    SELECT * FROM objects
    WHERE id = ? AND kind = ? AND project = ? AND (until IS NULL OR until > ?)
"""
_LIST = """
    SELECT * FROM objects
    WHERE kind = ? AND project = ? AND parent = ? AND (until IS NULL OR until > ?)
"""
_REMOVE = "DELETE FROM objects WHERE project = ? AND (id = ? OR parent = ?)"
_OVER = "SELECT * FROM objects WHERE until <= ? ORDER BY until LIMIT 1000"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which part of a list is wanted: `limit` objects behind the one of the id `after`, or before
    that of `before`, the newest first, or the oldest.
    """

    limit: int = 20
    after: str | None = None
    before: str | None = None
    newest_first: bool = True


class Objects:
    """The objects that are kept."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def put(self, *objects: Object) -> None:
        """Keep these, all or none. Their ids are fresh ones."""
        await self._database.write(lambda c: [_put(c, one) for one in objects])

    async def find(self, kind: str, id_: str, project: str) -> Object:
        """One of that kind and project.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        now = self._now()
        return await self._database.read(lambda c: _object(_find(c, kind, id_, project, now)))

    async def change(
        self, kind: str, id_: str, project: str, change: Callable[[Object], Object]
    ) -> Object:
        """Put what `change` makes of it in its place: its body and its end. Nobody else changes it
        in between. What `change` raises leaves it as it was.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        now = self._now()

        def work(connection: Connection) -> Object:
            row = _find(connection, kind, id_, project, now)
            changed = change(_object(row))
            values = changed.until, as_json(changed.body), row["number"]
            execute(connection, _CHANGE, values)
            return changed

        return await self._database.write(work)

    async def page(self, kind: str, project: str, wish: Wish, *, parent: str = "") -> Page:
        """A part of those of a kind, of the objects that belong to `parent`.

        Raises:
            ObjectUnknown: there is none of the id that the part begins or ends at.
        """
        now = self._now()
        return await self._database.read(lambda c: _page(c, kind, project, parent, wish, now))

    async def remove(self, kind: str, id_: str, project: str) -> Object:
        """Remove one, and all that belongs to it; returns what it was.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        now = self._now()

        def work(connection: Connection) -> Object:
            found = _object(_find(connection, kind, id_, project, now))
            execute(connection, _REMOVE, (project, id_, id_))
            return found

        return await self._database.write(work)

    async def sweep(self) -> int:
        """Remove what is over, and all that belongs to it; how many objects were over."""
        now = self._now()

        def work(connection: Connection) -> int:
            over = [_object(row) for row in execute(connection, _OVER, (now,)).fetchall()]
            for one in over:
                execute(connection, _REMOVE, (one.project, one.id, one.id))
            return len(over)

        return await self._database.write(work)

    def _now(self) -> int:
        return round(self._clock.wall() * 1e6)


def _put(connection: Connection, one: Object) -> None:
    told = one.id, one.kind, one.project, one.at, one.parent, one.until, as_json(one.body)
    execute(connection, _PUT, told)


def _find(connection: Connection, kind: str, id_: str, project: str, now: int) -> Row:
    known = "\0" not in id_  # with which PostgreSQL has no texts
    row = execute(connection, _FIND, (id_, kind, project, now)).fetchone() if known else None
    if row is None:
        raise ObjectUnknown(kind, id_)
    return row


def _page(
    connection: Connection, kind: str, project: str, parent: str, wish: Wish, now: int
) -> Page:
    sql, values = _LIST, list[object]([kind, project, parent, now])
    turned = wish.before is not None
    edge = wish.before if turned else wish.after
    falls = wish.newest_first != turned
    if edge is not None:
        sql += f" AND number {'<' if falls else '>'} ?"
        values.append(_find(connection, kind, edge, project, now)["number"])
    limit = min(wish.limit, MOST_LISTED)
    sql += f" ORDER BY number {'DESC' if falls else 'ASC'} LIMIT ?"
    rows = execute(connection, sql, [*values, limit + 1]).fetchall()
    found = [_object(row) for row in rows[:limit]]
    return Page(tuple(reversed(found) if turned else found), len(rows) > limit)


def _object(row: Row) -> Object:
    body: Mapping[str, object] = json.loads(row["body"])
    return Object(
        row["id"], row["kind"], row["project"], row["at"], body, row["parent"], row["until"]
    )


def ids(objects: Sequence[Object]) -> tuple[str | None, str | None]:
    """The first and the last id of a part of a list, as pages tell them."""
    return (objects[0].id, objects[-1].id) if objects else (None, None)
