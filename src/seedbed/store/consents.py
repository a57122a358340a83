"""Consents as rows: recorded, found, withdrawn, and what was made with each.

Floor 2. Nothing of them is deleted: one that is withdrawn stays, with all that was made with it,
and its evidence is held for good. Whoever withdraws one ends what waits and names it, in the same
transaction.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from seedbed.core.artifact import Hold
from seedbed.core.consent import Consent, Kind, Made, Use
from seedbed.core.errors import ArtifactUnknown, ObjectUnknown
from seedbed.core.job import State
from seedbed.store import artifact_rows
from seedbed.store.audit import Act, note
from seedbed.store.database import Database, Row, execute
from seedbed.store.ending import finish

KIND = "consent"
_PUT = """
    INSERT INTO consents (id, project, who, kind, purpose, uses, evidence, at, until, withdrawn)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_FIND = "SELECT * FROM consents WHERE id = ?"
_LIST = "SELECT * FROM consents WHERE 1 = 1"
_WITHDRAW = "UPDATE consents SET withdrawn = ? WHERE id = ?"
_WAITING = "SELECT id FROM jobs WHERE state = 'queued' AND project = ? AND input LIKE ?"
_PUT_MADE = """
    INSERT INTO consents_made (consent, artifact, job, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (consent, artifact, job) DO NOTHING
"""
_MADE = "SELECT * FROM consents_made WHERE consent = ? ORDER BY at, artifact"


class Consents:
    """The consents of a house. Where a project is named, those of others are not found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, consent: Consent, *, actor: str) -> None:
        """Write a consent down, with an id that nobody has; its evidence is kept from now on.

        Raises:
            ArtifactUnknown: its project has no such evidence.
        """
        await self._database.write(lambda c: _record(c, consent, actor))

    async def find(self, id_: str, *, project: str | None = None) -> Consent:
        """A consent.

        Raises:
            ObjectUnknown: there is none of that id.
        """
        return await self._database.read(lambda c: _find(c, id_, project))

    async def known(self, ids: Collection[str], project: str) -> Mapping[str, Consent]:
        """Those of the ids that a project has, by their ids."""

        def work(connection: Connection) -> Mapping[str, Consent]:
            rows = [execute(connection, _FIND, (one,)).fetchone() for one in ids if "\0" not in one]
            found = [_consent(row) for row in rows if row is not None]
            return {one.id: one for one in found if one.project == project}

        return await self._database.read(work)

    async def newest(
        self, *, project: str | None = None, last: int, after: str | None = None
    ) -> list[Consent]:
        """The newest of them, the newest first, or of those behind the one of the id `after`.

        Raises:
            ObjectUnknown: there is none of that id.
        """
        return await self._database.read(lambda c: _newest(c, project, last, after))

    async def withdraw(
        self, id_: str, *, actor: str, now: int, project: str | None = None
    ) -> tuple[Consent, list[str]]:
        """Let a consent hold no more, and cancel the jobs that wait and name it, whose ids are
        returned, too. One that is withdrawn already stays as it is.

        Raises:
            ObjectUnknown: there is none of that id.
        """
        return await self._database.write(lambda c: _withdraw(c, id_, project, actor, now))

    async def note(self, *made: Made) -> None:
        """Write down what was made; what is known already is no more for it."""
        rows = [(one.consent, one.artifact, one.job, one.at) for one in made]
        await self._database.write(lambda c: [execute(c, _PUT_MADE, row) for row in rows])

    async def made(self, id_: str) -> list[Made]:
        """What was made with a consent, the oldest first."""

        def work(connection: Connection) -> list[Made]:
            rows = execute(connection, _MADE, (id_,)).fetchall()
            return [Made(row["consent"], row["artifact"], row["job"], row["at"]) for row in rows]

        return await self._database.read(work)


def _record(connection: Connection, one: Consent, actor: str) -> None:
    found = artifact_rows.find(connection, one.evidence, one.project, now=one.at)
    if found is None:
        raise ArtifactUnknown(one.evidence)
    hold = Hold(one.id, one.project, found.media, found.name)
    artifact_rows.put_hold(connection, one.evidence, hold)
    told = one.id, one.project, one.who, one.kind.value, one.purpose, " ".join(one.uses)
    execute(connection, _PUT, (*told, one.evidence, one.at, one.until, one.withdrawn))
    facts = {"project": one.project, "who": one.who, "kind": one.kind, "uses": " ".join(one.uses)}
    note(connection, Act(one.at, actor, "consent.recorded", f"consent {one.id}", facts))


def _find(connection: Connection, id_: str, project: str | None) -> Consent:
    row = None if "\0" in id_ else execute(connection, _FIND, (id_,)).fetchone()
    if row is None or (project is not None and row["project"] != project):
        raise ObjectUnknown(KIND, id_[:80])
    return _consent(row)


def _newest(
    connection: Connection, project: str | None, last: int, after: str | None
) -> list[Consent]:
    sql, values = _LIST, list[object]()
    if project is not None:
        sql, values = f"{sql} AND project = ?", [project]
    if after is not None:
        edge = _find(connection, after, project)
        sql, values = f"{sql} AND (at, id) < (?, ?)", [*values, edge.at, edge.id]
    rows = execute(connection, f"{sql} ORDER BY at DESC, id DESC LIMIT ?", [*values, last])
    return [_consent(row) for row in rows.fetchall()]


def _withdraw(
    connection: Connection, id_: str, project: str | None, actor: str, now: int
) -> tuple[Consent, list[str]]:
    found = _find(connection, id_, project)
    if found.withdrawn is not None:
        return found, []
    execute(connection, _WITHDRAW, (now, id_))
    rows = execute(connection, _WAITING, (found.project, f"%{id_}%")).fetchall()
    jobs = [row["id"] for row in rows]
    for job in jobs:
        finish(connection, job, State.CANCELLED, now, (None, None))
    facts = {"project": found.project, "who": found.who, "cancelled": len(jobs)}
    note(connection, Act(now, actor, "consent.withdrawn", f"consent {id_}", facts))
    return _find(connection, id_, project), jobs


def _consent(row: Row) -> Consent:
    uses = tuple(Use(one) for one in row["uses"].split())
    told = row["id"], row["project"], row["who"], Kind(row["kind"]), row["purpose"], uses
    return Consent(*told, row["evidence"], row["at"], row["until"], row["withdrawn"])
