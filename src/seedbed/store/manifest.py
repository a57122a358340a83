"""What a backup is made of: the list that lies in it, sealed with its own hash.

Floor 2. A backup has the form of a home, and its manifest is written last.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import msgspec

from seedbed.core.errors import BackupDamaged, BackupRefused
from seedbed.kit import atomic
from seedbed.store import fetch
from seedbed.store.catalogue import RECORD, safe_member
from seedbed.store.premises import ARTIFACTS, DATABASE, Told, told_plainly

MANIFEST = "manifest.json"


class File(msgspec.Struct, frozen=True):
    """A file as it was when the backup was taken."""

    bytes: int
    sha256: str


class Weights(msgspec.Struct, frozen=True):
    """The files of a model, which are in no backup: they can be brought again from their origin."""

    model: str
    origin: dict[str, str] = {}
    files: dict[str, File] = {}


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`taken` is in epoch microseconds; `spent` is millionths by currency; `damaged` says of which
    artifacts and documents the house had no sound copy itself, and why.
    """

    seedbed: str
    shape: str
    taken: int
    database: str
    rows: dict[str, int]
    spent: dict[str, int]
    files: dict[str, File]
    models: list[Weights]
    damaged: dict[str, str]

    @property
    def bytes(self) -> int:
        """How much there is of it."""
        return sum(file.bytes for file in self.files.values())

    @property
    def artifacts(self) -> int:
        """How many artifacts are in it."""
        return sum(name.startswith(f"{ARTIFACTS}/") for name in self.files)


class _Sealed(msgspec.Struct):
    sha256: str
    backup: msgspec.Raw


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it, which makes the folder a backup.

    Raises:
        OSError: it cannot be written.
    """
    plain = msgspec.json.encode(manifest)
    sealed = _Sealed(hashlib.sha256(plain).hexdigest(), msgspec.Raw(plain))
    content = msgspec.json.format(msgspec.json.encode(sealed), indent=1) + b"\n"
    atomic.write(folder / MANIFEST, content, mode=0o600)


def read_manifest(folder: Path) -> Manifest:
    """What a backup is made of.

    Raises:
        BackupRefused: the folder is none.
        BackupDamaged: the manifest is not what was written.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BackupRefused(
            f"{folder} is no backup: there is no {MANIFEST} in it.",
            hint="Name the folder that `seedbed backup` made, or take a new one.",
        ) from error
    except OSError as error:
        raise BackupDamaged(str(folder), why=f"{MANIFEST} cannot be read ({error})") from error
    try:
        sealed = msgspec.json.decode(content, type=_Sealed)
        plain = msgspec.json.format(sealed.backup, indent=-1)
        if hashlib.sha256(plain).hexdigest() != sealed.sha256:
            raise BackupDamaged(str(folder), why=f"{MANIFEST} is not what was written")
        manifest = msgspec.json.decode(plain, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BackupDamaged(str(folder), why=f"{MANIFEST} cannot be read ({error})") from error
    _require_whole(folder, manifest)
    return manifest


def verify_files(folder: Path, manifest: Manifest, told: Told) -> None:
    """See that every file is there and is what it was.

    Raises:
        BackupDamaged: one is not.
    """
    done = 0
    for name, file in manifest.files.items():
        with told_plainly(f"The backup {folder} cannot be read"):
            if not (folder / name).is_file():
                raise BackupDamaged(str(folder), why=f"{name} is not there")
            found = seen(folder / name)
        if found != file:
            raise BackupDamaged(str(folder), why=f"{name} is {_told(found)}, and was {_told(file)}")
        done += file.bytes
        told("check", done, manifest.bytes)


def seen(path: Path) -> File:
    """A file as it is now.

    Raises:
        OSError: it cannot be read.
    """
    return File(path.stat().st_size, fetch.digest(path))


def read_models(folder: Path) -> list[Weights]:
    """The models whose files lie in a folder, as their records tell; damaged ones are left out."""
    found: list[Weights] = []
    for path in sorted(folder.glob(f"*/{RECORD}")):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=Weights))
        except (OSError, msgspec.MsgspecError):
            continue
    return found


def inside(names: Sequence[str], folder: str) -> list[str]:
    """Those of the names that lie in that folder.

    >>> inside(["prices/a.toml", "admin.key"], "prices")
    ['prices/a.toml']
    """
    return [name for name in names if PurePosixPath(name).parts[0] == folder]


def _require_whole(folder: Path, manifest: Manifest) -> None:
    """See that a backup has its rows, and nothing of what is elsewhere.

    Raises:
        BackupDamaged: it is otherwise.
    """
    if DATABASE not in manifest.files:
        raise BackupDamaged(str(folder), why=f"{DATABASE} is not among its files")
    for name in manifest.files:
        if not safe_member(name) or _is_linked(folder / name, depth=name.count("/")):
            raise BackupDamaged(str(folder), why=f"{name!r} lies outside of it")


def _is_linked(path: Path, *, depth: int) -> bool:
    """Whether a file, or one of so many folders above it, is a link to another place."""
    return any(one.is_symlink() for one in (path, *path.parents[:depth]))


def _told(file: File) -> str:
    return f"{file.bytes:,} bytes of SHA-256 {file.sha256[:12]}..."
