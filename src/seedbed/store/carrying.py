"""Artifacts carried from one place to another, each checked by its hash on the way.

Floor 2.
"""

import hashlib
import os
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from seedbed.core.artifact import blob_key
from seedbed.store import fetch
from seedbed.store.premises import ARTIFACTS, Told

if TYPE_CHECKING:
    from seedbed.store.blobs import Blobs

GONE = "its bytes are gone"


class _Damaged(Exception):
    """An artifact is not what it was; the words say why."""


def carry(
    artifacts: Iterable[tuple[str, int]], source: "Blobs", target: "Blobs", told: Told
) -> Mapping[str, str]:
    """Copy artifacts, given by hash and size. Those that are damaged are left out: gives why.

    Raises:
        DiskFull: there is no room.
        StoreUnusable: one of the two places refused.
    """
    wanted = list(artifacts)
    return anyio.run(_carry, wanted, source, target, told)


def link(artifacts: Iterable[tuple[str, int]], earlier: list[Path], folder: Path) -> set[str]:
    """Link the artifacts that lie sound in earlier backups into a new one; those that it did.

    Nothing is linked where the file system has no links.
    """
    return {hash_ for hash_, _ in artifacts if any(_link(hash_, one, folder) for one in earlier)}


def _link(hash_: str, earlier: Path, folder: Path) -> bool:
    source, target = (place / ARTIFACTS / blob_key(hash_) for place in (earlier, folder))
    if target.exists():
        return True
    with suppress(OSError):
        if fetch.digest(source) == hash_:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(source, target)
            return True
    return False


async def _carry(
    wanted: list[tuple[str, int]], source: "Blobs", target: "Blobs", told: Told
) -> dict[str, str]:
    damaged: dict[str, str] = {}
    done, total = 0, sum(size for _, size in wanted)
    for hash_, size in wanted:
        try:
            async with aclosing(_checked(source, hash_, size)) as pieces:
                await target.put(blob_key(hash_), pieces)
        except _Damaged as error:
            damaged[hash_] = str(error)
        done += size
        told("artifacts", done, total)
    return damaged


async def _checked(source: "Blobs", hash_: str, size: int) -> AsyncGenerator[bytes]:
    """The bytes of an artifact; at their end it is known whether they were right."""
    if not (found := await source.find(blob_key(hash_))):
        raise _Damaged(GONE)
    if found.size != size:
        raise _Damaged(f"it has {found.size:,} bytes in place of {size:,}")
    digest = hashlib.sha256()
    async with aclosing(source.read(blob_key(hash_), 0, size)) as pieces:
        async for piece in pieces:
            digest.update(piece)
            yield piece
    if digest.hexdigest() != hash_:
        raise _Damaged(f"its SHA-256 is now {digest.hexdigest()}")
