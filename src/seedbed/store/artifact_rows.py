"""The rows of artifacts: which there are, and who holds each.

Floor 2. Each function works in the caller's transaction, so that a hold can be written together
with what needs it.
"""

from collections.abc import Collection, Iterable
from itertools import groupby

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)

from seedbed.core.artifact import Artifact, Hold
from seedbed.store.tables import ARTIFACT_HOLDS, ARTIFACTS

_H = ARTIFACT_HOLDS.c
_FOUND = select(ARTIFACTS, *(c for c in _H if c.name != "hash")).select_from(
    ARTIFACTS.outerjoin(ARTIFACT_HOLDS, ARTIFACTS.c.hash == _H.hash)
)
_IN_ORDER = (ARTIFACTS.c.created, ARTIFACTS.c.hash, _H.holder)


def add(connection: Connection, artifact: Artifact) -> None:
    """Write an artifact down with its holds; a hold of the same holder is replaced."""
    if not known(connection, [artifact.hash]):
        row = {"hash": artifact.hash, "size": artifact.size, "created": artifact.created}
        connection.execute(insert(ARTIFACTS).values(row))
    for hold in artifact.holds:
        put_hold(connection, artifact.hash, hold)


def put_hold(connection: Connection, hash_: str, hold: Hold) -> None:
    """Hold an artifact that is there."""
    row = {
        "project": hold.project,
        "media": hold.media,
        "name": hold.name,
        "until": hold.until,
    }
    own = and_(_H.hash == hash_, _H.holder == hold.holder)
    if not connection.execute(update(ARTIFACT_HOLDS).where(own).values(row)).rowcount:
        whole = {"hash": hash_, "holder": hold.holder, **row}
        connection.execute(insert(ARTIFACT_HOLDS).values(whole))


def release(connection: Connection, hash_: str, holder: str) -> bool:
    """Hold it no more; gives whether the holder did."""
    own = and_(_H.hash == hash_, _H.holder == holder)
    return bool(connection.execute(delete(ARTIFACT_HOLDS).where(own)).rowcount)


def find(connection: Connection, hash_: str, project: str, *, now: int) -> Artifact | None:
    """An artifact as a project has it, with its holds alone; `None` where it holds none."""
    wanted = _FOUND.where(ARTIFACTS.c.hash == hash_, _H.project == project, _living(now))
    rows = connection.execute(wanted.order_by(*_IN_ORDER)).mappings().all()
    return _artifact(rows) if rows else None


def look(connection: Connection, hash_: str) -> Artifact | None:
    """An artifact, whoever holds it."""
    wanted = _FOUND.where(ARTIFACTS.c.hash == hash_).order_by(*_IN_ORDER)
    rows = connection.execute(wanted).mappings().all()
    return _artifact(rows) if rows else None


def everything(connection: Connection) -> list[Artifact]:
    """Every artifact with all its holds, oldest first."""
    rows = connection.execute(_FOUND.order_by(*_IN_ORDER)).mappings()
    return [_artifact(list(group)) for _, group in groupby(rows, key=lambda row: row["hash"])]


def known(connection: Connection, hashes: Collection[str]) -> set[str]:
    """Those of the hashes that are written down."""
    wanted = select(ARTIFACTS.c.hash).where(ARTIFACTS.c.hash.in_(hashes))
    return set(connection.execute(wanted).scalars())


def forget(connection: Connection, *, now: int, before: int) -> int:
    """Take away the holds that are over, and the artifacts from before `before` that nobody holds.

    Gives the number of artifacts.
    """
    connection.execute(delete(ARTIFACT_HOLDS).where(_H.until <= now))
    held = select(_H.hash).where(_H.hash == ARTIFACTS.c.hash).exists()
    unheld = delete(ARTIFACTS).where(ARTIFACTS.c.created < before, ~held)
    return connection.execute(unheld).rowcount


def _living(now: int) -> ColumnElement[bool]:
    return or_(_H.until.is_(None), _H.until > now)


def _artifact(rows: Iterable[RowMapping]) -> Artifact:
    """One artifact, of a row for each of its holds, or of one without."""
    first, *_ = rows = list(rows)
    holds = tuple(
        Hold(row["holder"], row["project"], row["media"], row["name"], row["until"])
        for row in rows
        if row["holder"] is not None
    )
    return Artifact(first["hash"], first["size"], first["created"], holds)
