"""What nobody holds any more is deleted: artifacts, and what broken uploads left.

Floor 2. First the rows go, then each blob that has no row and that nobody has written for an hour:
a put writes its blob anew, whoever put the same before. Killed anywhere, it leaves blobs without
rows to the next sweep, and never a row without its blob.
"""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread

from seedbed.core.artifact import hash_of
from seedbed.store import artifact_rows as rows
from seedbed.store.database import Database

if TYPE_CHECKING:  # loaded when the first artifact is asked for
    from seedbed.store.blobs import Blob, Blobs

_GRACE = 3600 * 10**6
"""Nothing that changed within these microseconds is swept: it may be about to be held."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep took away: artifacts, and bytes, those of broken uploads among them."""

    artifacts: int
    bytes: int


async def sweep(
    database: Database, blobs: "Blobs", *, now: int, told: Callable[[int], None]
) -> Swept:
    """Delete it. `now` is in epoch microseconds; `told` hears how many blobs were looked at.

    Raises:
        StoreUnusable: the place or the database refused; what was not deleted stays whole.
    """
    before = now - _GRACE
    gone = await database.write(partial(rows.forget, now=now, before=before))
    freed = await anyio.to_thread.run_sync(blobs.sweep, before)
    looked = 0
    async with aclosing(blobs.all()) as pages:
        async for page in pages:
            hashes = [hash_of(blob.key) for blob in page]
            known = await database.read(partial(rows.known, hashes=hashes))
            for blob in page:
                if blob.changed < before and hash_of(blob.key) not in known:
                    freed += await delete_blob(database, blobs, blob, before)
            looked += len(page)
            told(looked)
    return Swept(gone, freed)


async def delete_blob(database: Database, blobs: "Blobs", blob: "Blob", before: int) -> int:
    """Delete a blob, unless it was put anew since it was listed; gives the bytes that came free."""
    if await database.read(partial(rows.known, hashes=[hash_of(blob.key)])):
        return 0
    found = await blobs.find(blob.key)
    if found is None or found.changed >= before:
        return 0
    await blobs.delete(blob.key)
    return found.size
