"""The files of saved prefixes: looked at without trust, and taken away once they are nobody's.

Floor 2. A folder of saved prefixes has a folder for each house, by its mark. What lies in that of
another house is never read and is left alone while that house lives: it cannot be told from
garbage without its secret. What nobody has written or used for long is nobody's.
"""

import hashlib
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from seedbed.store.notes import BODY, NOTE

PART = ".part"
_KINDS = {BODY, NOTE, PART}
_HALF_SECONDS = 3600.0
"""After it, what is half written was left by a program that was killed."""
_SILENT_SECONDS = 30 * 86_400.0
"""After it, a house that used nothing is taken to be gone."""
_MARK = re.compile(r"[0-9a-f]{16}")


def size(path: Path) -> int | None:
    """Its bytes, if it is a file that was written here, and no link or pipe, which may not end."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def digest(path: Path) -> str:
    """Its SHA-256, or nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def sweep(folder: Path, now: float) -> None:
    """Take away what killed programs left in a house's folder, and beside it what is nobody's.

    Raises:
        OSError: a folder cannot be read.
    """
    for path in _files(folder):
        noted = path.suffix == BODY and path.with_suffix(NOTE).exists()
        if path.suffix != NOTE and not noted:
            _take(path, now - _HALF_SECONDS)
    for path in _files(folder.parent):  # of no house
        _take(path, now - _HALF_SECONDS)
    for other in folder.parent.iterdir():
        if other != folder and _MARK.fullmatch(other.name) and not other.is_symlink():
            with suppress(NotADirectoryError, FileNotFoundError):
                _sweep_house(other, now - _SILENT_SECONDS)


def _sweep_house(folder: Path, before: float) -> None:
    """Its folder stays, since it may begin to speak again."""
    files = _files(folder)
    if max((path.lstat().st_mtime for path in files), default=before) < before:
        for path in files:
            path.unlink()


def _files(folder: Path) -> Sequence[Path]:
    found = (path for path in folder.iterdir() if path.suffix in _KINDS)
    return [path for path in found if size(path) is not None]


def _take(path: Path, before: float) -> None:
    with suppress(FileNotFoundError):  # whoever wrote it has ended meanwhile
        if path.stat().st_mtime < before:
            path.unlink()
