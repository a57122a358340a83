"""How saved prefixes lie in a bucket: the body under its name and hash, then its note.

Floor 2. A house has a place of its own there, by its mark, so that it neither sees nor deletes what
is another's. Whoever may write to the bucket can take away what lies there, and fill it; without
the secret nobody can have anything believed, for notes are sealed and tell the hash of the body.
"""

import hashlib
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import anyio
import anyio.to_thread
import structlog

from seedbed.kit.clock import Clock
from seedbed.store import bodies, notes
from seedbed.store.notes import BODY, LONGEST, NOTE, Prefix

if TYPE_CHECKING:  # loaded where there is a far store
    from seedbed.store.blobs import Blob, Blobs

_BODY_KEY = re.compile(r"[0-9a-f]{40}\.[0-9a-f]{64}\.kv")
_NOTE_KEY = re.compile(r"([0-9a-f]{40})\.note")
_HALF_SECONDS = 3600.0
"""After it, a body without a note was left by a program that was killed."""
_PIECE = 1 << 20

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shelved:
    """A prefix that lies there; `used` is when it was last put or used, in seconds since 1970."""

    prefix: Prefix
    changed: int
    used: float


class FarStore:
    """The prefixes of one house in a bucket. `blobs` are below its mark."""

    def __init__(self, blobs: "Blobs", *, secret: bytes, clock: Clock) -> None:
        self._blobs, self._secret, self._clock = blobs, secret, clock
        self.all: dict[str, Shelved] = {}
        self.half_bytes = 0
        """Of bodies without a note, which another machine puts, or that killed programs left."""

    async def look(self) -> None:
        """Learn what lies there. What is evidently ours and broken is deleted, and nothing else.

        Raises:
            StoreUnusable: the place refused.
        """
        seen, there = dict[str, Shelved](), list["Blob"]()
        async for page in self._blobs.all():
            for blob in page:
                if _BODY_KEY.fullmatch(blob.key):
                    there.append(blob)
                elif (found := _NOTE_KEY.fullmatch(blob.key)) and (one := await self._read(blob)):
                    seen[found[1]] = one
        self.all = seen
        noted = {_body(one.prefix) for one in seen.values()}
        before = (self._clock.wall() - _HALF_SECONDS) * 1e6
        half = [blob for blob in there if blob.key not in noted]
        self.half_bytes = sum(blob.size for blob in half if blob.changed >= before)
        for blob in half:
            if blob.changed < before:
                await self._blobs.delete(blob.key)

    async def put(self, prefix: Prefix, path: Path) -> None:
        """Put what lies in a file; nothing is noted if it is not what the prefix says it is.

        Raises:
            OSError: the file cannot be read.
            StoreUnusable: the place refused.
        """
        if bodies.size(path) != prefix.size:
            return
        whole = hashlib.sha256()

        async def pieces() -> AsyncGenerator[bytes]:
            async with await anyio.open_file(path, "rb") as file:
                while piece := await anyio.to_thread.run_sync(_read, file.wrapped, whole.update):
                    yield piece

        async with aclosing(pieces()) as stream:
            await self._blobs.put(_body(prefix), stream)
        if whole.hexdigest() == prefix.sha256:
            await self.note(prefix)
        else:
            await self._blobs.delete(_body(prefix))

    async def note(self, prefix: Prefix) -> None:
        """Note one whose body lies there, as put or used just now.

        Raises:
            StoreUnusable: the place refused.
        """

        async def pieces() -> AsyncGenerator[bytes]:
            yield notes.sealed(prefix, self._secret)

        await self._blobs.put(prefix.name + NOTE, pieces())
        now = self._clock.wall()
        self.all[prefix.name] = Shelved(prefix, round(now * 1e6), now)

    def read(self, prefix: Prefix) -> AsyncGenerator[bytes]:
        """Its bytes, piece by piece, unchecked.

        Raises:
            FileNotFoundError: they are gone, or fewer.
            StoreUnusable: the place refused.
        """
        return self._blobs.read(_body(prefix), 0, prefix.size)

    async def delete(self, prefix: Prefix) -> None:
        """Take one away: the note goes first, so that nothing has one that is not there.

        Raises:
            StoreUnusable: the place refused.
        """
        self.all.pop(prefix.name, None)
        await self._blobs.delete(prefix.name + NOTE)
        await self._blobs.delete(_body(prefix))

    async def _read(self, blob: "Blob") -> Shelved | None:
        """What a note says, if it is one; else it is taken away, for it stands where ours do."""
        name = blob.key.removesuffix(NOTE)
        known = self.all.get(name)
        if known and known.changed == blob.changed:
            return known
        prefix = None
        if blob.size <= LONGEST:
            try:
                whole = b"".join(
                    [piece async for piece in self._blobs.read(blob.key, 0, blob.size)]
                )
            except FileNotFoundError:  # taken away since it was listed
                return None
            prefix = notes.read(whole, self._secret)
        if prefix is not None and prefix.name == name:
            return Shelved(prefix, blob.changed, blob.changed / 1e6)
        log.warning("kv.dropped", file=blob.key, why="its note is not one of ours")
        await self._blobs.delete(blob.key)
        return None


def _read(file: IO[bytes], feed: Callable[[bytes], None]) -> bytes:
    """The next piece of a file, hashed, in a thread: the loop has answers to carry."""
    piece = file.read(_PIECE)
    feed(piece)
    return piece


def _body(prefix: Prefix) -> str:
    """Two that made the same put two bodies, and each note stands for its own."""
    return f"{prefix.name}.{prefix.sha256}{BODY}"
