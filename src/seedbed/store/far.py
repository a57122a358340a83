"""Saved prefixes that several machines share, in a far store behind the folder of each.

Floor 2. What is kept in a folder is put there beside the answers, and what only the far store has
is fetched where that is sooner than to read the prompt anew. Nothing here fails an answer, and none
waits longer for a fetch than it would for the reading: a store that is out of reach is told of
once, and once when it is back, and counts as an empty one meanwhile.
"""

import hashlib
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import BinaryIO

import anyio
import structlog

from seedbed.core.errors import StoreUnusable
from seedbed.core.prefix import Link
from seedbed.kit.clock import Clock
from seedbed.store.far_store import FarStore
from seedbed.store.notes import BODY, Found, Listing, Prefix
from seedbed.store.pace import Pace
from seedbed.store.room import plan

_AT_ONCE = 4
"""Fetches; while so many are under way, others read their prompts."""
_USED_SECONDS = 3600.0
"""How often one that is used here is noted as used there, at most."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class FarPrefixes:
    """The saved prefixes of a house in a far store, of `most_bytes` together.

    `find` and what follows it are called from any thread, `sync` from one loop.
    """

    def __init__(self, store: FarStore, *, where: str, most_bytes: int, clock: Clock) -> None:
        self._store, self._where, self._most, self._clock = store, where, most_bytes, clock
        self._pace = Pace(clock)
        self._listing = Listing()
        self._shunned, self._broken = set[tuple[str, str]](), dict[str, Prefix]()
        self._used, self._under_way = set[str](), set[str]()
        self._lock = threading.Lock()
        self._is_troubled = False

    def __contains__(self, name: str) -> bool:
        return name in self._listing.all

    def find(
        self, maker: str, owner: str, links: Sequence[Link], *, beyond: int, most: int
    ) -> Found | None:
        """The prefix that has most of a prompt, if it has `most` bytes at most, and what it has
        beyond so many of the prompt likely comes sooner than it is read.
        """
        found = self._listing.find(maker, owner, links)
        if found is None or found.prefix.size > most or self._is_troubled:
            return None
        saved = found.prefix.seconds * (found.end - beyond) / found.prefix.end
        is_sooner = self._pace.expected(found.prefix.size) < saved
        return found if is_sooner and len(self._under_way) < _AT_ONCE else None

    def fetch(self, found: Found, file: BinaryIO) -> bool:
        """Write one to a file; whether it is whole. For threads without a loop.

        Raises:
            OSError: the file cannot be written.
        """
        name = found.prefix.name
        with self._lock:
            # whoever wants what is under way reads it: to wait would hold one more thread
            if name in self._under_way or len(self._under_way) >= _AT_ONCE:
                return False
            self._under_way.add(name)
        try:
            return anyio.run(self._fetch, found, file)
        except StoreUnusable as error:
            self._tell(error)
            return False
        finally:
            with self._lock:
                self._under_way.discard(name)

    def used(self, name: str) -> None:
        """Have it noted that one was used."""
        self._used.add(name)

    def shun(self, prefix: Prefix) -> None:
        """Bring those bytes no more, unless they are put anew."""
        self._shunned.add((prefix.name, prefix.sha256))
        self._listing.forget(prefix.name)

    async def sync(self, folder: Path, near: Mapping[str, Prefix]) -> None:
        """Learn what lies there, put what of the folder's is worth its room, and delete the rest.

        What could not be put is put another time, for each look compares all.
        """
        try:
            await self._look()
            await self._note_used()
            self._list()
            there = {name: self._store.all[name] for name in list(self._listing.all)}
            put, deleted = plan(there, near, most=self._room(there), now=self._clock.wall())
            for prefix in deleted:
                await self._store.delete(prefix)
            for prefix in put:
                await self._put(prefix, folder)
            self._list()
        except (StoreUnusable, OSError) as error:
            self._tell(error)
            return
        if self._is_troubled:
            log.info("kv.far_usable", where=self._where)
        self._is_troubled = False

    def _room(self, there: Collection[str]) -> int:
        """Bytes for those that are there and can be used, and for more."""
        unused = (one.prefix.size for name, one in self._store.all.items() if name not in there)
        return self._most - self._store.half_bytes - sum(unused)

    async def _put(self, prefix: Prefix, folder: Path) -> None:
        with suppress(OSError):  # taken away since it was listed
            await self._store.put(prefix, folder / (prefix.name + BODY))
            self._shunned.discard((prefix.name, prefix.sha256))

    async def _fetch(self, found: Found, file: BinaryIO) -> bool:
        prefix, began = found.prefix, self._clock.now()
        within = prefix.seconds * found.end / prefix.end
        try:
            with anyio.fail_after(within):
                came = await self._copy(prefix, file, within)
        except TimeoutError:
            self._pace.learn(file.tell(), within)
            return False
        if came == prefix.sha256:
            self.used(prefix.name)
            took = round(self._clock.now() - began, 3)
            log.info("kv.fetched", file=found.file, bytes=prefix.size, seconds=took)
            return True
        if came is not None:
            self._broken[prefix.name] = prefix
            self.shun(prefix)
            log.warning("kv.dropped", file=found.file, why="afar its bytes are gone, or others")
        return False

    async def _copy(self, prefix: Prefix, file: BinaryIO, within: float) -> str | None:
        """The hash of what came; nothing once it is seen to take longer than so many seconds."""
        began, whole = self._clock.now(), hashlib.sha256()
        with suppress(FileNotFoundError):  # then what came has another hash
            async with aclosing(self._store.read(prefix)) as pieces:
                async for piece in pieces:
                    file.write(piece)
                    whole.update(piece)
                    self._pace.learn(file.tell(), self._clock.now() - began)
                    if self._pace.expected(prefix.size) > within:
                        return None
        return whole.hexdigest()

    async def _look(self) -> None:
        """Learn what lies there, and delete what was found broken, if nobody has put it anew."""
        broken = dict(self._broken)
        for name in broken:
            self._store.all.pop(name, None)  # so that its note is read again
        await self._store.look()
        for name, prefix in broken.items():
            there = self._store.all.get(name)
            if there and there.prefix.sha256 == prefix.sha256:
                await self._store.delete(prefix)
            self._shunned.discard((name, prefix.sha256))
            del self._broken[name]

    async def _note_used(self) -> None:
        before = self._clock.wall() - _USED_SECONDS
        while self._used:
            one = self._store.all.get(self._used.pop())
            if one and one.used < before:
                await self._store.note(one.prefix)

    def _list(self) -> None:
        known = {name: one.prefix for name, one in self._store.all.items()}
        self._listing = Listing(
            {name: one for name, one in known.items() if (name, one.sha256) not in self._shunned}
        )

    def _tell(self, error: StoreUnusable | OSError) -> None:
        if not self._is_troubled:
            why = error.reason if isinstance(error, StoreUnusable) else str(error)
            log.warning("kv.far_unusable", where=self._where, why=why)
        self._is_troubled = True
