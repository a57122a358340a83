"""What doors keep for their callers: put, found by whose they are, listed in pages, and removed.

Floor 2. An object is found by its own project alone; that another has one of that id does not show.
Artifacts that are held under the id of an object are held as long as it is there: both are written
in one transaction. Whoever puts an object's bytes first holds them for a while, and no program that
is killed in between leaves them for ever.
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
_KEEP = f"""{_PUT}
    ON CONFLICT (id, project) DO UPDATE SET at = excluded.at, until = excluded.until,
        body = excluded.body
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
_HOLD = "UPDATE artifact_holds SET until = ? WHERE holder = ? AND project = ?"
_RELEASE = """
    DELETE FROM artifact_holds WHERE project = ? AND (
        holder = ? OR holder IN (SELECT id FROM objects WHERE project = ? AND parent = ?)
    )
"""
_ANY = "SELECT number FROM objects WHERE id = ? AND kind = ?"
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

    async def keep(self, one: Object) -> None:
        """Keep one whose id tells what it is, in the place of what has that id already."""
        await self._database.write(lambda c: _put(c, one, _KEEP))

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
            execute(connection, _HOLD, (changed.until, id_, project))
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
        """Remove one, all that belongs to it, and what they hold; returns what it was.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        now = self._now()

        def work(connection: Connection) -> Object:
            found = _object(_find(connection, kind, id_, project, now))
            _remove(connection, found)
            return found

        return await self._database.write(work)

    async def sweep(self) -> int:
        """Remove what is over, and all that belongs to it; how many objects were over."""
        now = self._now()

        def work(connection: Connection) -> int:
            over = [_object(row) for row in execute(connection, _OVER, (now,)).fetchall()]
            for one in over:
                _remove(connection, one)
            return len(over)

        return await self._database.write(work)

    async def missing(self, kind: str, ids_: Sequence[str]) -> list[str]:
        """Those ids of which no project has an object of that kind."""

        def work(connection: Connection) -> list[str]:
            return [one for one in ids_ if not execute(connection, _ANY, (one, kind)).fetchone()]

        return await self._database.read(work)

    def _now(self) -> int:
        return round(self._clock.wall() * 1e6)


def _put(connection: Connection, one: Object, sql: str = _PUT) -> None:
    told = one.id, one.kind, one.project, one.at, one.parent, one.until, as_json(one.body)
    execute(connection, sql, told)
    execute(connection, _HOLD, (one.until, one.id, one.project))


def _remove(connection: Connection, one: Object) -> None:
    execute(connection, _RELEASE, (one.project, one.id, one.project, one.id))
    execute(connection, _REMOVE, (one.project, one.id, one.id))


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
