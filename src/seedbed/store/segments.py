"""Files that grow by named entries: what indexes keep, one file for each store of theirs.

Floor 2. An entry is written behind all others, with a checksum, and counts once it is on the disk
whole; one of the same name takes its place. So a file is sound up to its last whole entry, whatever
was killed while it wrote. Where more than half of a file is of no use any more, what is left is
written anew beside it and renamed over it. Writers of all processes take turns.
"""

import fcntl
import mmap
import os
import struct
import threading
import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from seedbed.core.errors import StoreUnusable
from seedbed.kit import atomic, ids

_HEAD = struct.Struct("<4sIQII")
_MARK = b"SEED"
_KEPT, _DROPPED = 0, 1
ENDING = ".index"
"""How the name of a file ends."""
_ALIGNED = 8
_WASTE = 1 << 20
"""Bytes of no use for which no file is written anew."""
_MOST_OPEN = 64


class _Opened:
    """One file as far as it was read: where its sound entries lie, by name."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.places: dict[str, tuple[int, int]] = {}
        self.end = 0
        self.mapped: memoryview | None = None

    @property
    def waste(self) -> int:
        """Bytes of entries that do not count any more."""
        return self.end - sum(_size(name, length) for name, (_, length) in self.places.items())

    def read_on(self, file: BinaryIO) -> None:
        """Read what was written since."""
        was = self.end
        while self._next(file.fileno()):
            pass
        if self.end and (self.end > was or self.mapped is None):
            self.mapped = memoryview(mmap.mmap(file.fileno(), self.end, access=mmap.ACCESS_READ))

    def _next(self, file: int) -> bool:
        """Read one more entry, if a sound one is there."""
        head = os.pread(file, _HEAD.size, self.end)
        if len(head) < _HEAD.size:
            return False
        mark, named, length, checksum, state = _HEAD.unpack(head)
        begins = self.end + _HEAD.size + _padded(named)
        if mark != _MARK or begins + length > os.fstat(file).st_size:
            return False
        name = os.pread(file, named, self.end + _HEAD.size)
        if zlib.crc32(_bytes(file, begins, length), zlib.crc32(name)) != checksum:
            return False
        self.places.pop(name.decode(), None)
        if state == _KEPT:
            self.places[name.decode()] = (begins, length)
        self.end = begins + _padded(length)
        return True


class Segments:
    """The files in a folder. Its methods wait for the disk, and may be called by any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: dict[str, _Opened] = {}
        self._turn = threading.Lock()

    def put(self, store: str, name: str, content: bytes) -> None:
        """Keep an entry; it is on the disk when this returns.

        Raises:
            StoreUnusable: the disk refused.
        """
        self._write(store, name, content, _KEPT)

    def drop(self, store: str, name: str) -> None:
        """Forget an entry, if it is there.

        Raises:
            StoreUnusable: the disk refused.
        """
        if name in self.read(store):
            self._write(store, name, b"", _DROPPED)

    def remove(self, store: str) -> None:
        """Delete a file with all its entries, if it is there.

        Raises:
            StoreUnusable: the disk refused.
        """
        with self._calm(), self._turn, self._locked():
            self._opened.pop(store, None)
            self._path(store).unlink(missing_ok=True)

    def stores(self) -> list[str]:
        """The names of all files.

        Raises:
            StoreUnusable: the disk refused.
        """
        with self._calm():
            return sorted(path.stem for path in self._folder.glob(f"*{ENDING}"))

    def read(self, store: str) -> Mapping[str, memoryview]:
        """All entries by name, the oldest first. They stay readable, whatever is written since.

        Raises:
            StoreUnusable: the disk refused.
        """
        with self._calm(), self._turn:
            try:
                with self._path(store).open("rb") as file:
                    opened = self._look(store, file)
            except FileNotFoundError:
                return {}
            if (mapped := opened.mapped) is None:
                return {}
            places = opened.places.items()
            return {name: mapped[begin : begin + length] for name, (begin, length) in places}

    def _write(self, store: str, name: str, content: bytes, state: int) -> None:
        path = self._path(store)
        with self._calm(), self._turn, self._locked():
            path.touch()
            with path.open("r+b") as file:
                opened = self._look(store, file)
                file.truncate(opened.end)  # what somebody did not write to its end
                file.seek(opened.end)
                file.write(_entry(name, content, state))
                file.flush()
                os.fsync(file.fileno())
                opened.read_on(file)
                if opened.waste > max(_WASTE, opened.end // 2):
                    self._write_anew(path, file, opened)
            atomic.flush(self._folder)

    def _write_anew(self, path: Path, file: BinaryIO, opened: _Opened) -> None:
        beside = path.with_name(ids.fresh("part"))
        with beside.open("wb") as fresh:
            for name, (begins, length) in opened.places.items():
                content = _bytes(file.fileno(), begins, length)
                fresh.write(_entry(name, content, _KEPT))
        atomic.move(beside, path)

    def _look(self, store: str, file: BinaryIO) -> _Opened:
        number = os.fstat(file.fileno()).st_ino
        opened = self._opened.pop(store, None)
        if opened is None or opened.number != number:
            opened = _Opened(number)
        opened.read_on(file)
        self._opened[store] = opened  # the last that was used is the last
        while len(self._opened) > _MOST_OPEN:
            del self._opened[next(iter(self._opened))]
        return opened

    def _path(self, store: str) -> Path:
        return self._folder / f"{store}{ENDING}"

    @contextmanager
    def _locked(self) -> Generator[None]:
        """No other process writes while the block lasts."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _calm(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnusable(
                f"The index in {self._folder} cannot be used: {error.strerror}.",
                hint="See that the disk has room, and that this user may write there.",
                reason=str(error.strerror),
            ) from error


def _entry(name: str, content: bytes, state: int) -> bytes:
    named = name.encode()
    checksum = zlib.crc32(content, zlib.crc32(named))
    head = _HEAD.pack(_MARK, len(named), len(content), checksum, state)
    return head + _filled(named) + _filled(content)


def _size(name: str, length: int) -> int:
    return _HEAD.size + _padded(len(name.encode())) + _padded(length)


def _filled(data: bytes) -> bytes:
    return data.ljust(_padded(len(data)), b"\0")


def _padded(length: int) -> int:
    """Up to where the next thing begins: numbers are read faster where they are aligned."""
    return -(-length // _ALIGNED) * _ALIGNED


def _bytes(file: int, begins: int, length: int) -> bytes:
    """Some bytes of a file, which the system may give in several pieces."""
    parts = list[bytes]()
    while length and (part := os.pread(file, length, begins)):
        parts.append(part)
        begins, length = begins + len(part), length - len(part)
    return b"".join(parts)
