"""Bring one file from an address: resumed where it broke off, and only kept if its hash is right.

Floor 2. An interrupted fetch leaves a part behind, named by the hash, from which the next goes on.
"""

import errno
import hashlib
import ipaddress
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx2

from seedbed.core.errors import DiskFull, PullFailed

Progress = Callable[[int, int], None]
"""Told how many bytes lie here, of how many."""

_CHUNK = 1 << 20
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_FRUITLESS = 3
"""Tries in a row that may bring nothing before the fetch gives up."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file is had, what is sent along with each request, and what to do where it fails."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    hint: str = "Check the network, and `pip config list` for the index that pip asks."


def fetch(
    address: Address, part: Path, *, sha256: str | None, client: httpx2.Client, progress: Progress
) -> None:
    """Make `part` the whole file at that address.

    Where the hash is not known yet, `sha256` is `None`, and the caller checks what was brought.

    Raises:
        PullFailed: it cannot be had, or is not the file that it should be (which is then removed).
        DiskFull: there is no room for it; what is there is kept for the next try.
    """
    fruitless = 0
    while True:
        before = _size(part)
        try:
            _bring(address, part, client, progress)
            break
        except (httpx2.HTTPError, httpx2.InvalidURL, FileNotFoundError) as error:
            after = _size(part)
            fruitless = 0 if after > before else fruitless + 1
            if fruitless == _FRUITLESS:
                again = "; it goes on from there" if after else ""
                raise PullFailed(
                    f"The download from {_host(address.url)} stopped at {after:,} bytes and brings "
                    f"no more ({type(error).__name__}: {error}).",
                    hint=f"Check the network and run the same command again{again}.",
                ) from error
    if sha256 is None:
        return
    found = digest(part)
    if found != sha256:
        part.unlink()
        raise PullFailed(
            f"The file that was brought has SHA-256 {found} and should have {sha256}.",
            hint="It was removed. Run the same command again; if that repeats, the place that it "
            "comes from is not to be trusted.",
        )


def is_guarded(url: str) -> bool:
    """Whether nobody between here and there can change what is sent: by https, or on this machine.

    >>> [is_guarded(url) for url in ("https://a.example", "http://[::1]:80", "http://a.example")]
    [True, True, False]
    """
    try:
        place = urlsplit(url)
    except ValueError:
        return False
    if place.scheme != "http":
        return place.scheme == "https"
    try:
        return ipaddress.ip_address(place.hostname or "").is_loopback
    except ValueError:
        return place.hostname == "localhost"


def require_room(folder: Path, needed: int) -> None:
    """See that so many bytes fit.

    Raises:
        DiskFull: they do not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(str(folder), needed=needed, free=free)


def digest(path: Path, progress: Progress | None = None) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    hashed, total = hashlib.sha256(), path.stat().st_size
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
            if progress:
                progress(file.tell(), total)
    return hashed.hexdigest()


def append(
    chunks: Iterator[bytes], path: Path, *, start: int, written: Callable[[int], None]
) -> None:
    """Write `chunks` to `path` from byte `start` on; `written` is told each chunk's length.

    Raises:
        DiskFull: the disk has no room for the next chunk; the earlier ones are kept.
    """
    try:  # around the `with`, since closing tries to write once more what had no room
        with path.open("r+b" if start else "wb") as file:
            file.seek(start)
            for chunk in chunks:
                file.write(chunk)
                file.flush()
                written(len(chunk))
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        free = shutil.disk_usage(path.parent).free
        raise DiskFull(str(path.parent), needed=_CHUNK, free=free) from error


def summed(progress: Progress, total: int, *, done: int = 0) -> Callable[[int], None]:
    """A teller of each chunk's length, for a `progress` that wants their sum."""

    def written(length: int) -> None:
        nonlocal done
        done += length
        progress(done, total)

    return written


def _host(url: str) -> str:
    """Whom an address asks; no more of it is told, since the rest may hold a password."""
    try:
        return urlsplit(url).hostname or "this machine"
    except ValueError:
        return "an address that is none"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _bring(address: Address, part: Path, client: httpx2.Client, progress: Progress) -> None:
    """One try, after which the file is whole."""
    url = address.url
    if url.startswith("file:"):
        _copy(Path(unquote(urlsplit(url).path)), part, progress)
        return
    have = _size(part)
    asked = {"accept-encoding": "identity", **address.headers}
    asked |= {"range": f"bytes={have}-"} if have else {}
    with client.stream("GET", url, headers=asked) as response:
        if is_guarded(url) and not is_guarded(str(response.url)):
            raise PullFailed(
                f"{_host(url)} sends us on to an address without https.",
                hint="Nothing was brought. Take the file from another place.",
            )
        if response.status_code == 416:
            return
        if response.status_code not in {200, 206}:
            raise PullFailed(
                f"{_host(url)} answered {response.status_code} where the file should be.",
                hint=address.hint,
            )
        start = have if response.status_code == 206 else 0
        total = start + int(response.headers.get("content-length", "0"))
        require_room(part.parent, total - start)
        progress(start, total)
        written = summed(progress, total, done=start)
        append(response.iter_raw(), part, start=start, written=written)


def _copy(source: Path, part: Path, progress: Progress) -> None:
    total = source.stat().st_size
    require_room(part.parent, total)
    with source.open("rb") as file:
        chunks = iter(lambda: file.read(_CHUNK), b"")
        append(chunks, part, start=0, written=summed(progress, total))
