"""Take a backup of a house that may be serving: one folder, which has the form of a home.

Floor 2. Its rows are of one moment, and its artifacts and indexes are of what these rows name. It
is written beside its place, under another name, and renamed once it is whole: what a killed program
leaves is never taken for a backup.
"""

import os
import shutil
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from seedbed import __version__
from seedbed.core.errors import BackupRefused
from seedbed.kit import atomic
from seedbed.store import carrying, documents, snapshot
from seedbed.store.blobs import open_blobs
from seedbed.store.manifest import MANIFEST, Manifest, read_models, seen, write_manifest
from seedbed.store.premises import (
    DATABASE,
    FILES,
    FOLDERS,
    Premises,
    Told,
    locked,
    private_mode,
    require_room,
    told_plainly,
)

_TRIES = 2
"""How often the rows are read, where what they named was deleted meanwhile."""
_UNINDEXED = "it is in no index"


def take(premises: Premises, target: Path, *, now: int, told: Told) -> Manifest:
    """Take a backup into a folder that is not there yet; artifacts that lie in a backup beside it
    are linked and not copied. `now` is in epoch microseconds.

    Raises:
        BackupRefused: there is no house, something is at the target, or the disk refused.
        DiskFull: there is no room for an artifact.
        StoreUnusable: the database, or where the artifacts lie, refused.
    """
    database = premises.database
    if isinstance(database, Path) and not database.exists():
        raise BackupRefused(
            f"There is nothing to back up: {database} is not there.",
            hint="Set SEEDBED_HOME to the home of the house that you mean.",
        )
    with told_plainly(f"The backup {target} cannot be written"), _unfinished(target) as folder:
        if isinstance(database, Path):
            require_room(folder, database.stat().st_size)
        damaged = _rows_and_artifacts(premises, folder, target.parent, told)
        _copy_files(premises.home, folder)
        manifest = _manifest(premises, folder, damaged, now)
        write_manifest(folder, manifest)
    return manifest


@contextmanager
def _unfinished(target: Path) -> Generator[Path]:
    """A folder beside the target that takes its place once the block is through.

    Raises:
        BackupRefused: something is there, or somebody else made that folder, or makes the same.
    """
    if target.exists():
        raise BackupRefused(
            f"{target} is there already.", hint="Name a folder that is not there yet."
        )
    folder = target.with_name(f".{target.name}.unfinished")
    _make(folder)
    with locked(folder) as is_ours:
        if not is_ours:
            raise BackupRefused(
                f"Another program is writing the backup {target}.",
                hint="Wait for it, or name another folder.",
            )
        _empty(folder)  # of what a killed program left
        try:
            yield folder
            folder.rename(target)
        except BaseException:
            shutil.rmtree(folder)
            raise
    atomic.flush(target.parent)


def _make(folder: Path) -> None:
    """Make the folder, or take what a killed program of ours left: what others put there could lead
    elsewhere, or be changed by them.

    Raises:
        BackupRefused: it is not ours alone.
    """
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
        if not is_ours or found.st_mode & 0o022:
            raise BackupRefused(
                f"{folder} is there, and others may change what is in it.",
                hint="See who made it and take it away, or name a place where only you can write.",
            ) from None


def _rows_and_artifacts(
    premises: Premises, folder: Path, parent: Path, told: Told
) -> dict[str, str]:
    """Copy the rows, and what they name; gives what the house has no sound copy of, and why."""
    damaged: dict[str, str] = {}
    lost: dict[str, str] = {}
    for _ in range(_TRIES):
        (folder / DATABASE).unlink(missing_ok=True)
        snapshot.take_snapshot(premises.database, folder / DATABASE, told)
        documents.copy_indexes(premises.home, folder)
        damaged = _artifacts(premises, folder, parent, told)
        lost = {f"{store}.{name}": _UNINDEXED for store, name in documents.lost(folder)}
        if carrying.GONE not in damaged.values() and not lost:
            break
    return damaged | lost


def _artifacts(premises: Premises, folder: Path, parent: Path, told: Told) -> dict[str, str]:
    wanted = snapshot.artifacts_in(folder / DATABASE)
    found = [path.parent for path in parent.glob(f"*/{MANIFEST}")]
    earlier = [one for one in found if one.stat().st_uid == os.getuid()]  # others could change it
    linked = carrying.link(wanted, earlier, folder)
    missing = [one for one in wanted if one[0] not in linked]
    if not missing:
        return {}
    require_room(folder, sum(size for _, size in missing))
    blobs = premises.blobs(premises.home), open_blobs("", folder, {})
    return dict(carrying.carry(missing, *blobs, told))


def _copy_files(home: Path, folder: Path) -> None:
    """Copy what the operator wrote, each file as its owner's alone."""
    found = [path for name in FOLDERS for path in (home / name).rglob("*")]
    for path in [*found, *(home / name for name in FILES)]:
        if path.is_file() and not path.name.startswith("."):  # as what is half written does
            content, mode = path.read_bytes(), private_mode(path)
            atomic.write(folder / path.relative_to(home), content, mode=mode)


def _manifest(premises: Premises, folder: Path, damaged: dict[str, str], now: int) -> Manifest:
    facts = snapshot.read_facts(folder / DATABASE)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return Manifest(
        seedbed=__version__,
        shape=facts.shape,
        taken=now,
        database="sqlite" if isinstance(premises.database, Path) else "postgresql",
        rows=dict(facts.rows),
        spent=dict(facts.spent),
        files={str(path.relative_to(folder)): seen(path) for path in paths},
        models=read_models(premises.home / "models"),
        damaged=damaged,
    )


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
