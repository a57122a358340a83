"""Prefixes that engines have read, kept in a bounded folder: what was computed once is read back.

Floor 2. Each is a file of the engine's own making, with a note beside it that says what it is and
is sealed. All programs of a machine share the folder. Nothing here ever fails an answer: a folder
that is full, read-only or gone is told of once, and counts as an empty one. Files are not flushed
to the disk: what a pulled plug leaves half written has another hash than its note, and is ignored.
"""

import hashlib
import os
import stat
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import structlog

from seedbed.core.prefix import Link
from seedbed.kit.clock import Clock
from seedbed.store import notes
from seedbed.store.notes import BODY, Found, Prefix

_NOTE, _PART = ".note", ".part"
_FRESH_SECONDS = 60.0
"""Within it, all that was used counts as used just now."""
_STALE_SECONDS = 3600.0
"""After it, what is half written was left by a program that was killed."""
_LONGEST_NOTE = 4_000_000
"""Bytes."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class SavedPrefixes:
    """The saved prefixes of one folder, of `most_bytes` together once each is kept.

    `secret` seals the notes: who may write to the folder and has it not can put nothing there.
    """

    def __init__(self, folder: Path, *, most_bytes: int, secret: bytes, clock: Clock) -> None:
        self.folder, self.clock = folder, clock
        self._most, self._secret = most_bytes, secret
        self._notes: dict[str, tuple[int, Prefix]] = {}
        self._known: dict[tuple[str, str, str], str] = {}
        self._is_troubled = False
        self._lock = threading.Lock()
        with self._calm():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._sweep()

    def find(self, maker: str, owner: str, links: Sequence[Link]) -> Found | None:
        """The prefix of that maker and owner that has most of a prompt."""
        with self._calm():
            self._look()
        for link in reversed(links):
            if name := self._known.get((maker, owner, link.digest.hex())):
                return Found(self._notes[name][1], link.end)
        return None

    def check(self, found: Found) -> bool:
        """Whether its bytes are those that were saved; else it is taken away. It counts as used."""
        path = self.folder / found.file
        digest = _digest(path) if _size(path) == found.prefix.size else ""
        if digest != found.prefix.sha256:
            self.drop(found, why="it is gone, or its bytes are not those that were saved")
            return False
        with self._calm():
            self._touch(path)
        return True

    def drop(self, found: Found, *, why: str) -> None:
        """Take away one that cannot be used."""
        log.warning("kv.dropped", file=found.file, why=why)
        with self._calm():
            self._remove(found.prefix.name)

    def part(self, name: str) -> str:
        """The name of a file in the folder for an engine to write; `name` is nobody else's."""
        with suppress(OSError):  # which whoever writes is told of
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # it may have been deleted
        return name + _PART

    def keep(self, part: str, prefix: Prefix, *, size: int) -> bool:
        """Keep what an engine wrote, of so many bytes; whether it is kept.

        What it holds all of goes, and then what is cheapest to compute anew for its bytes.
        """
        path = self.folder / part
        digest = _digest(path)
        with self._calm():
            if not 0 < path.stat().st_size == size <= self._most:
                log.warning("kv.not_kept", bytes=size, most=self._most)
                path.unlink()
                return False
            kept = replace(prefix, size=size, sha256=digest)
            path.chmod(0o600)
            path.replace(self.folder / (kept.name + BODY))
            self._touch(self.folder / (kept.name + BODY))
            self._write(kept)
            self._look()
            self._make_room(kept)
            return True
        self.discard(part)
        with suppress(OSError), self._lock:
            self._remove(prefix.name)  # without its note nobody would count it
        return False

    def discard(self, part: str) -> None:
        """Take away what an engine did not write to its end."""
        with suppress(OSError):
            (self.folder / part).unlink()

    def _write(self, kept: Prefix) -> None:
        """The note comes last, so that what has one is whole."""
        beside = self.folder / f"{kept.name}.{os.getpid()}{_PART}"
        beside.write_bytes(notes.sealed(kept, self._secret))
        beside.replace(self.folder / (kept.name + _NOTE))

    def _look(self) -> None:
        """Learn what other programs have put there and taken away since."""
        seen: dict[str, tuple[int, Prefix]] = {}
        for entry in os.scandir(self.folder):
            if not entry.name.endswith(_NOTE):
                continue
            name = entry.name.removesuffix(_NOTE)
            if not entry.is_file(follow_symlinks=False):
                continue  # nobody of ours puts there what may have no end
            with suppress(FileNotFoundError):  # taken away since it was listed
                changed = entry.stat().st_mtime_ns
                known = self._notes.get(name)
                if known and known[0] == changed:
                    seen[name] = known
                elif read := self._read(name):
                    seen[name] = (changed, read)
        self._notes = seen
        self._known = {
            (prefix.maker, prefix.owner, digest): name
            for name, (_, prefix) in seen.items()
            for digest in prefix.ends
        }

    def _read(self, name: str) -> Prefix | None:
        with (self.folder / (name + _NOTE)).open("rb") as note:
            prefix = notes.read(note.read(_LONGEST_NOTE), self._secret)
        if prefix is not None and prefix.name == name:
            return prefix
        log.warning("kv.dropped", file=name + BODY, why="its note is not one of ours")
        self._remove(name)
        return None

    def _make_room(self, kept: Prefix) -> None:
        last = max(kept.ends, key=lambda digest: kept.ends[digest])
        for name, (_, other) in list(self._notes.items()):
            same = (other.maker, other.owner) == (kept.maker, kept.owner)
            ends = dict(other.ends)
            if same and name != kept.name and last not in ends and ends.items() < kept.ends.items():
                self._remove(name)
        worth = sorted((self._worth(prefix), name) for name, (_, prefix) in self._notes.items())
        for _, name in worth:
            if sum(prefix.size for _, prefix in self._notes.values()) <= self._most:
                return
            if name != kept.name:
                self._remove(name)

    def _worth(self, prefix: Prefix) -> float:
        """Seconds that it saves for a byte, the less the longer nobody wanted it."""
        try:
            used = (self.folder / (prefix.name + BODY)).stat().st_mtime
        except FileNotFoundError:
            return 0.0
        unused = max(self.clock.wall() - used, 0.0)
        return prefix.seconds / prefix.size / (_FRESH_SECONDS + unused)

    def _touch(self, path: Path) -> None:
        now = self.clock.wall()
        os.utime(path, (now, now))

    def _remove(self, name: str) -> None:
        """The note goes first, so that nothing has one that is not there."""
        self._forget(name)
        for suffix in (_NOTE, BODY):
            (self.folder / (name + suffix)).unlink(missing_ok=True)

    def _forget(self, name: str) -> None:
        if known := self._notes.pop(name, None):
            prefix = known[1]
            for digest in prefix.ends:
                self._known.pop((prefix.maker, prefix.owner, digest), None)

    def _sweep(self) -> None:
        """Take away what killed programs left: half written, or without its note."""
        before = self.clock.wall() - _STALE_SECONDS
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                noted = path.suffix == BODY and path.with_suffix(_NOTE).exists()
                is_half = path.suffix in {BODY, _PART} and not noted and path.is_file()
                if is_half and path.stat().st_mtime < before:
                    path.unlink()

    @contextmanager
    def _calm(self) -> Generator[None]:
        """Nothing passes that the folder refuses; it is told of once, until it works again."""
        try:
            with self._lock:
                yield
            self._is_troubled = False
        except OSError as error:
            if not self._is_troubled:
                log.warning("kv.unusable", folder=str(self.folder), why=str(error))
            self._is_troubled = True


def _size(path: Path) -> int | None:
    """Its bytes, if it is a file that was written here, and no link or pipe, which may not end."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _digest(path: Path) -> str:
    """Its SHA-256, or nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
