"""Artifacts: put, read, held, and swept once nobody holds them.

Floor 2. A blob lies under its own hash, so the same content lies there once. Rows and blobs cannot
change together; what keeps them true is an order. Who puts writes the blob, then the row, and then
looks whether a sweep took the blob between the two. A program that is killed anywhere leaves at
most a blob without a row, which a later sweep finds.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
from sqlalchemy import Connection

from seedbed.core.artifact import PLAIN, Artifact, Hold, blob_key
from seedbed.core.errors import ArtifactDamaged, ArtifactUnknown
from seedbed.kit import ids
from seedbed.kit.clock import Clock
from seedbed.store import artifact_rows as rows
from seedbed.store.database import Database
from seedbed.store.sweeping import Swept, sweep

if TYPE_CHECKING:  # loaded when the first artifact is asked for
    from seedbed.store.blobs import Blobs

_INCOMING = "incoming/"


class Artifacts:
    """The artifacts of a house. `blobs` opens the place where their bytes lie."""

    def __init__(self, database: Database, blobs: "Callable[[], Blobs]", *, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    async def put(
        self,
        stream: AsyncIterable[bytes],
        media: str = PLAIN,
        *,
        holder: str,
        project: str,
        name: str = "",
        until: int | None = None,
    ) -> Artifact:
        """Keep what comes, for that holder, until a moment in epoch microseconds or for good.

        What the stream raises passes, and nothing is kept then. It may pause for an hour at most.

        Raises:
            DiskFull: there is no room for it.
            StoreUnusable: the place or the database refused.
        """
        blobs, incoming = self._blobs(), _INCOMING + ids.fresh("put")
        counted = _Counted(stream)
        try:
            await blobs.put(incoming, counted)
            key, hold = blob_key(counted.hash), Hold(holder, project, media, name, until)
            artifact = Artifact(counted.hash, counted.size, self._now(), (hold,))
            await blobs.copy(incoming, key)
            await self._database.write(partial(rows.add, artifact=artifact))
            if not await blobs.find(key):
                await blobs.copy(incoming, key)
        finally:
            with anyio.CancelScope(shield=True):
                await blobs.delete(incoming)
        return artifact

    async def find(self, hash_: str, project: str) -> Artifact:
        """An artifact, as that project holds it.

        Raises:
            ArtifactUnknown: the project holds none of that hash.
        """
        work = partial(rows.find, hash_=hash_, project=project, now=self._now())
        return _there(await self._database.read(work), hash_)

    async def look(self, hash_: str) -> Artifact:
        """An artifact, whoever holds it: for the house itself, and for those with a link.

        Raises:
            ArtifactUnknown: there is none of that hash.
        """
        return _there(await self._database.read(partial(rows.look, hash_=hash_)), hash_)

    async def open(
        self, artifact: Artifact, start: int = 0, stop: int | None = None
    ) -> AsyncGenerator[bytes]:
        """Its bytes, piece by piece. Read as a whole they are checked, and the last piece is given
        only if they are right; a part is given as it lies there, since its hash is not known.

        Raises:
            ArtifactDamaged: they are not what was put, or are gone.
            StoreUnusable: the place refused.
        """
        end = artifact.size if stop is None else stop
        digest = hashlib.sha256()
        held_back = b""
        try:
            async with aclosing(self._blobs().read(blob_key(artifact.hash), start, end)) as pieces:
                async for piece in pieces:
                    if held_back:
                        yield held_back
                    digest.update(piece)
                    held_back = piece
        except FileNotFoundError as error:
            raise ArtifactDamaged(artifact.hash, why="bytes of it are gone") from error
        if (start, end) == (0, artifact.size) and digest.hexdigest() != artifact.hash:
            raise ArtifactDamaged(artifact.hash, why=f"its SHA-256 is now {digest.hexdigest()}")
        if held_back:
            yield held_back

    async def hold(
        self, hash_: str, holder: str, *, project: str, until: int | None = None
    ) -> None:
        """Keep what the project holds already for one more holder, under the same name.

        Raises:
            ArtifactUnknown: the project holds none of that hash.
        """
        now = self._now()

        def work(connection: Connection) -> None:
            found = _there(rows.find(connection, hash_, project, now=now), hash_)
            hold = replace(found.holds[0], holder=holder, until=until)
            rows.put_hold(connection, hash_, hold)

        await self._database.write(work)

    async def release(self, hash_: str, holder: str) -> None:
        """Hold it no more; what nobody holds is gone with a later sweep.

        Raises:
            ArtifactUnknown: that holder did not hold it.
        """
        if not await self._database.write(partial(rows.release, hash_=hash_, holder=holder)):
            raise ArtifactUnknown(hash_)

    async def all(self) -> list[Artifact]:
        """Every artifact with all its holds, oldest first."""
        return await self._database.read(rows.everything)

    async def sweep(self, told: Callable[[int], None] = lambda _: None) -> Swept:
        """Delete what nobody holds any more, and what broken uploads left. `told` hears how many
        blobs were looked at.

        Raises:
            StoreUnusable: the place or the database refused; what was not deleted stays whole.
        """
        return await sweep(self._database, self._blobs(), now=self._now(), told=told)

    def _now(self) -> int:
        return round(self._clock.wall() * 1e6)


class _Counted:
    """A stream that counts and hashes what goes through it."""

    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = aiter(stream)
        self._digest = hashlib.sha256()
        self.size = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._stream)
        self._digest.update(piece)
        self.size += len(piece)
        return piece

    @property
    def hash(self) -> str:
        return self._digest.hexdigest()


def _there(found: Artifact | None, hash_: str) -> Artifact:
    if found is None:
        raise ArtifactUnknown(hash_)
    return found
