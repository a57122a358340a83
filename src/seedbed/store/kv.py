"""Prefixes that engines have read, kept in a bounded folder: what was computed once is read back.

Floor 2. Each is a file of the engine's own making, with a note beside it that says what it is and
is sealed. All programs of a house share the folder, and behind it houses of one secret may share a
far store. Nothing here ever fails an answer: a folder that is full, read-only or gone is told of
once, and counts as an empty one. Files are not flushed to the disk: what a pulled plug leaves half
written has another hash than its note, and is ignored.
"""

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import anyio.to_thread
import structlog

from seedbed.core.prefix import Link
from seedbed.kit import ids
from seedbed.kit.clock import Clock
from seedbed.store import bodies
from seedbed.store.bodies import PART
from seedbed.store.far import FarPrefixes
from seedbed.store.near_store import NearStore
from seedbed.store.notes import Found, Prefix

_PAUSE_SECONDS = 60.0
"""Between two looks at the far store."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class SavedPrefixes:
    """The saved prefixes of one house in a folder, of `most_bytes` together once each is kept.

    `secret` seals the notes, and gives the house a folder of its own in there: who may write to it
    and has not the secret can put nothing there. Behind it may be a far store, which `run` fills.
    """

    def __init__(
        self,
        folder: Path,
        *,
        most_bytes: int,
        secret: bytes,
        clock: Clock,
        far: FarPrefixes | None = None,
    ) -> None:
        self._store = NearStore(folder, secret=secret, clock=clock)
        self.folder, self.clock = self._store.folder, clock
        self._most, self._far = most_bytes, far
        self._is_troubled = False
        self._lock = threading.Lock()
        with self._calm():
            self._store.make()
            bodies.sweep(self.folder, clock.wall())

    def find(self, maker: str, owner: str, links: Sequence[Link]) -> Found | None:
        """The prefix of that maker and owner that has most of a prompt, here or far away."""
        with self._calm():
            self._store.look()
        near = self._store.listing.find(maker, owner, links)
        if not self._far:
            return near
        beyond = near.end if near else 0
        far = self._far.find(maker, owner, links, beyond=beyond, most=self._most)
        return far or near

    def check(self, found: Found) -> bool:
        """Whether its bytes are those that were saved; else it is taken away. It counts as used.

        What lies in the far store alone is brought, which may take as long as it saves.
        """
        path = self.folder / found.file
        there = bodies.size(path)
        if self._far and there is None and found.prefix.name in self._far:
            return self._bring(self._far, found)
        if there != found.prefix.size or bodies.digest(path) != found.prefix.sha256:
            self._drop(found, why="it is gone, or its bytes are not those that were saved")
            return False
        with self._calm():
            self._store.touch(found.prefix.name)
        if self._far:
            self._far.used(found.prefix.name)
        return True

    def drop(self, found: Found, *, why: str) -> None:
        """Take away one that cannot be used, and bring it no more."""
        self._drop(found, why=why)
        if self._far:
            self._far.shun(found.prefix)

    def part(self, name: str) -> str:
        """The name of a file in the folder for an engine to write; `name` is nobody else's."""
        with suppress(OSError):  # which whoever writes is told of
            self._store.make()  # it may have been deleted
        return name + PART

    def keep(self, part: str, prefix: Prefix, *, size: int) -> bool:
        """Keep what an engine wrote, of so many bytes; whether it is kept.

        What it holds all of goes, and then what is cheapest to compute anew for its bytes.
        """
        return self._put(part, replace(prefix, size=size, sha256=bodies.digest(self.folder / part)))

    def discard(self, part: str) -> None:
        """Take away what an engine did not write to its end."""
        with suppress(OSError):
            (self.folder / part).unlink()

    async def run(self) -> None:
        """Share what is kept with the far store, if there is one, until this is cancelled."""
        while self._far:
            await self.share()
            await self.clock.sleep(_PAUSE_SECONDS)

    async def share(self) -> None:
        """Look at the far store once: learn what it has, and put there what is kept."""
        if self._far:
            await self._far.sync(self.folder, await anyio.to_thread.run_sync(self._listed))

    def _listed(self) -> Mapping[str, Prefix]:
        """All that is kept, by name."""
        with self._calm():
            self._store.look()
        return dict(self._store.listing.all)

    def _bring(self, far: FarPrefixes, found: Found) -> bool:
        """Fetch one into the folder; whether it is there."""
        part = self.part(ids.fresh("far"))
        try:
            with (self.folder / part).open("wb") as file:
                is_whole = far.fetch(found, file)
        except OSError as error:
            self._tell(error)
            is_whole = False
        if is_whole:
            return self._put(part, found.prefix)
        self.discard(part)
        return False

    def _put(self, part: str, kept: Prefix) -> bool:
        """Put in place what was written; whether it is there."""
        path = self.folder / part
        with self._calm():
            if not 0 < path.stat().st_size == kept.size <= self._most:
                log.warning("kv.not_kept", bytes=kept.size, most=self._most)
                path.unlink()
                return False
            self._store.put(path, kept)
            self._make_room(kept)
            return True
        self.discard(part)
        with suppress(OSError), self._lock:
            self._store.remove(kept.name)  # without its note nobody would count it
        return False

    def _drop(self, found: Found, *, why: str) -> None:
        log.warning("kv.dropped", file=found.file, why=why)
        with self._calm():
            self._store.remove(found.prefix.name)

    def _make_room(self, kept: Prefix) -> None:
        there = self._store.listing.all
        for name, other in list(there.items()):
            same = (other.maker, other.owner) == (kept.maker, kept.owner)
            if same and name != kept.name and other.ends.items() < kept.ends.items():
                self._store.remove(name)
        for name in sorted(there, key=lambda name: self._store.worth(there[name])):
            if sum(prefix.size for prefix in there.values()) <= self._most:
                return
            if name != kept.name:
                self._store.remove(name)

    @contextmanager
    def _calm(self) -> Generator[None]:
        """Nothing passes that the folder refuses; it is told of once, until it works again."""
        try:
            with self._lock:
                yield
            self._is_troubled = False
        except OSError as error:
            self._tell(error)

    def _tell(self, error: OSError) -> None:
        if not self._is_troubled:
            log.warning("kv.unusable", folder=str(self.folder), why=str(error))
        self._is_troubled = True
