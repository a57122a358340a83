"""An older file is brought to the newest shape on a copy first, and the way back is kept.

Floor 2. For SQLite: on a server of PostgreSQL one transaction has all of it or nothing, and a
backup is the way back. The caller holds the file's write lock meanwhile.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from seedbed.core.errors import BackupRefused, StoreUnusable
from seedbed.kit import atomic
from seedbed.store import snapshot, sqlite
from seedbed.store.postgresql import Server
from seedbed.store.premises import DATABASE, Premises, copy_private, require_idle, require_room
from seedbed.store.swapping import swapping
from seedbed.store.tables import SHAPE

KEPT = ".before-"
"""What the name of the copy has behind that of the file, before the new shape."""

Upgrade = Callable[[Connection], None]


def try_first(path: Path, upgrade: Upgrade) -> Path:
    """Keep a copy of the file beside it, and see on another that the upgrade loses nothing; gives
    the copy that is kept.

    Raises:
        StoreUnusable: it does, or fails, or there is no room; the file is as it was.
    """
    kept = path.with_name(f"{path.name}{KEPT}{SHAPE}")
    part, trial = (path.with_name(f".{path.name}.{word}") for word in ("copied", "tried"))
    try:
        _clear(path)  # of what a killed program left
        snapshot.copy_file(path, part)
        copy_private(part, trial)
        _try(trial, upgrade)
        atomic.move(part, kept)
    except (OSError, SQLAlchemyError, StoreUnusable) as error:
        raise _refused(path, error) from error
    finally:
        _clear(path)
    return kept


def _clear(path: Path) -> None:
    for file in path.parent.glob(f".{path.name}.*"):
        file.unlink()


def go_back(premises: Premises, *, now: int) -> tuple[Path, Path | None]:
    """Put the database as it was before the last upgrade in place of the one that is there; gives
    that copy, which stays, and where what was there before lies now.

    Raises:
        BackupRefused: there is no such copy, the house is at work, or the disk refused.
    """
    home, database = premises.home, premises.database
    kept = sorted(home.glob(f"{DATABASE}{KEPT}*"))
    if isinstance(database, Server) or not kept:
        raise BackupRefused(
            f"There is no copy of {database} from before an upgrade.",
            hint="A server of PostgreSQL keeps none: restore a backup, with the program that took "
            "it.",
        )
    require_idle(database)
    with swapping(home, now=now) as swap:
        require_room(home, kept[-1].stat().st_size)
        for copy in kept:
            copy_private(copy, swap.folder / copy.name)
        copy_private(kept[-1], swap.folder / DATABASE)
        aside = swap.commit()
    return home / kept[-1].name, aside


def _try(path: Path, upgrade: Upgrade) -> None:
    before = snapshot.read_facts(path)
    engine = sqlite.connect(path, busy_ms=0)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()
    after, wrong = snapshot.read_facts(path), snapshot.complaints(path)
    wrong += _lost(before.rows, after.rows)
    wrong += _lost(before.spent, after.spent)
    if wrong:
        raise StoreUnusable(f"{wrong[0]}.", hint="", reason=wrong[0])


def _lost(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    return [
        f"{name} would have {after.get(name, 0):,} in place of {number:,}"
        for name, number in before.items()
        if after.get(name) != number
    ]


def _refused(path: Path, error: Exception) -> StoreUnusable:
    why = str(getattr(error, "orig", None) or getattr(error, "reason", None) or error)
    reason = why.splitlines()[0]
    return StoreUnusable(
        f"The database {path} cannot be brought to the shape {SHAPE}: {reason}. It is as it was.",
        hint="Go on with the Seedbed that wrote it, or make room if the disk is full: it needs "
        "twice what the file has.",
        reason=reason,
        path=str(path),
    )
