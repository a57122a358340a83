"""Put a backup back: checked first, gathered beside what is there, and swapped in at once.

Floor 2. What is running in the backup runs nowhere any more: its workers are fenced and its jobs
wait to be taken up. Their steps and answers stand, so nothing of them is done again; leases that
were open fall silent, and are written off as those of any process that died.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from seedbed.core.artifact import is_hash
from seedbed.core.errors import BackupDamaged, BackupRefused
from seedbed.store import carrying, snapshot
from seedbed.store.blobs import open_blobs
from seedbed.store.database import execute, open_database
from seedbed.store.manifest import Manifest, inside, read_manifest, verify_files
from seedbed.store.postgresql import Server
from seedbed.store.premises import (
    ARTIFACTS,
    DATABASE,
    FILES,
    FOLDERS,
    INDEXES,
    SETTINGS,
    Premises,
    Told,
    copy_private,
    ours,
    require_idle,
    require_room,
)
from seedbed.store.swapping import Swap, swapping
from seedbed.store.tables import SHAPE
from seedbed.store.upgrading import KEPT

_FENCE = "UPDATE workers SET state = 'fenced' WHERE state = 'living'"
_REQUEUE = """
    UPDATE jobs SET state = 'queued', worker = NULL, token = NULL, seq = seq + 1
    WHERE state = 'running'
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, how many jobs wait again, and where what was there before lies now."""

    manifest: Manifest
    jobs: int
    aside: str | None


def restore(source: Path, premises: Premises, *, replace: bool, now: int, told: Told) -> Restored:
    """Put a backup in place of what is there. A home's own settings stay, if it has any. `now` is
    in epoch microseconds.

    Raises:
        BackupRefused: it is no backup or too new; the house is at work; there is a house and
            `replace` is `False`; or the disk refused.
        BackupDamaged: it is not what it was.
        StoreUnusable: a database refused.
    """
    manifest = read_manifest(source)
    if manifest.shape > SHAPE:
        raise BackupRefused(
            f"The backup {source} has the shape {manifest.shape}; this program knows shapes up to "
            f"{SHAPE}.",
            hint=f"It was taken by Seedbed {manifest.seedbed}: restore it with that one.",
        )
    _require_place(premises, replace=replace)
    verify_files(source, manifest, told)
    with swapping(premises.home, now=now) as swap:
        require_room(premises.home, manifest.bytes)
        _gather(source, manifest, premises, swap.folder)
        jobs = _bring_up(source, swap.folder / DATABASE)
        _carry(source, premises, swap.folder, told)
        require_idle(premises.database)
        moved = _to_server(premises.database, swap, told)
        aside = swap.commit()
    places = [place for place in (moved, aside and str(aside)) if place]
    return Restored(manifest, jobs, " and ".join(places) or None)


def _require_place(premises: Premises, *, replace: bool) -> None:
    database = premises.database
    if isinstance(database, Path):
        if not database.exists():
            return
    elif _is_empty(database):
        return
    if not replace:
        raise BackupRefused(
            f"There is a house already: {database} has its rows.",
            hint="Restore with --replace, which puts them aside, or name another SEEDBED_HOME.",
        )
    require_idle(database)


def _is_empty(server: Server) -> bool:
    opened = open_database(ours(server))
    try:
        return snapshot.is_empty(opened)
    finally:
        opened.close()


def _gather(source: Path, manifest: Manifest, premises: Premises, folder: Path) -> None:
    """Copy what the operator wrote, and the rows; what no longer belongs to the house goes, too."""
    for name in (*FOLDERS, INDEXES):
        (folder / name).mkdir()
    if not premises.bucket:
        (folder / ARTIFACTS).mkdir()
    wanted = [file for name in (*FOLDERS, INDEXES) for file in inside(list(manifest.files), name)]
    wanted += [name for name in (*FILES, DATABASE) if name in manifest.files]
    if (premises.home / SETTINGS).exists():
        wanted = [name for name in wanted if name != SETTINGS]
    for name in wanted:
        copy_private(source / name, folder / name)


def _bring_up(source: Path, path: Path) -> int:
    """Bring the rows to the newest shape, and free what was running; gives how many jobs."""
    said = snapshot.complaints(path) or [
        f"{hash_!r} is no hash" for hash_, _ in snapshot.artifacts_in(path) if not is_hash(hash_)
    ]
    if said:
        raise BackupDamaged(str(source), why=f"its database is: {said[0]}")
    database = open_database(path)
    try:
        jobs = database.write_now(_free)
    finally:
        database.close()
    for copy in path.parent.glob(f"{DATABASE}{KEPT}*"):
        copy.unlink()  # the backup itself is the way back
    return jobs


def _free(connection: Connection) -> int:
    execute(connection, _FENCE)
    return execute(connection, _REQUEUE).rowcount


def _carry(source: Path, premises: Premises, folder: Path, told: Told) -> None:
    wanted = [
        (hash_, size)
        for hash_, size in snapshot.artifacts_in(folder / DATABASE)
        if (source / ARTIFACTS / hash_[:2] / hash_[2:]).exists()
    ]
    if not wanted:
        return
    blobs = open_blobs("", source, {}), premises.blobs(folder)
    for hash_, why in carrying.carry(wanted, *blobs, told).items():
        raise BackupDamaged(str(source), why=f"of the artifact {hash_} {why}")


def _to_server(database: Path | Server, swap: Swap, told: Told) -> str | None:
    """Hand the rows on to a server, if they belong there; gives where its old ones are now."""
    if isinstance(database, Path):
        return None
    rows = swap.folder / DATABASE
    aside = None if _is_empty(database) else f"before_restore_{swap.stamp}"
    snapshot.load(ours(database), rows, aside=aside, told=told)
    for path in swap.folder.glob(f"{DATABASE}*"):
        path.unlink()
    return aside and f"the schema {aside}"
