"""Where the bytes of artifacts lie: in a folder or a bucket, through obstore.

Floor 2. The only importer of obstore, and loaded when the first artifact is asked for, or where
saved prefixes have a bucket. A blob is there whole or not at all. What obstore leaves out for a
folder is done here: what was written reaches the disk, and what a killed program left half written
is found.
"""

import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

import anyio.to_thread
import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from seedbed.core.errors import DiskFull, SettingRefused, StoreUnusable
from seedbed.kit import atomic

if TYPE_CHECKING:
    from obstore import ObjectMeta  # which are not there at run time
    from obstore.store import S3Config

PIECE = 256 << 10
"""Bytes of a folder that are read at once: a slow reader holds some pieces in memory."""
FAR_PIECE = 2 << 20
"""Those of a bucket, by a request of its own, so that none waits for a slow reader."""
_PART = 5 << 20
_PARTS_AT_ONCE = 2
_PATIENCE = timedelta(seconds=30)
"""How long a bucket that does not answer is asked again."""
_NO_ROOM = ("(os error 28)", "(os error 122)")


@dataclass(frozen=True, slots=True)
class Blob:
    """One that lies there; `changed` is in epoch microseconds."""

    key: str
    size: int
    changed: int


class Blobs:
    """The blobs at one place. `folder` is that place, where it is one of this machine."""

    def __init__(self, store: LocalStore | S3Store, where: str, folder: Path | None) -> None:
        self._store = store
        self._where = where
        self._folder = folder

    async def put(self, key: str, stream: AsyncIterable[bytes]) -> None:
        """Write a blob as it comes; it is there once all of it is. What the stream raises passes.

        Raises:
            DiskFull: there is no room, and nothing of it is kept.
            StoreUnusable: the place refused.
        """
        with self._told():
            await obstore.put_async(
                self._store, key, stream, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE
            )
        await self._flush(key)

    async def copy(self, source: str, target: str) -> None:
        """Have the same bytes under `target`, too, in place of what is there.

        Raises:
            DiskFull, StoreUnusable: as `put`.
        """
        with self._told():
            await obstore.copy_async(self._store, source, target)
        await self._flush(target)

    async def find(self, key: str) -> Blob | None:
        """The blob that lies there, if one does.

        Raises:
            StoreUnusable: the place refused.
        """
        with self._told():
            try:
                return _blob(await obstore.head_async(self._store, key))
            except FileNotFoundError:
                return None

    async def read(self, key: str, start: int, stop: int) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to `stop`, piece by piece.

        Raises:
            FileNotFoundError: there is no such blob, or it is shorter.
            StoreUnusable: the place refused.
        """
        found = await self.find(key)
        if found is None or found.size < stop:
            raise FileNotFoundError(key)
        length = PIECE if self._folder else FAR_PIECE
        for begin in range(start, stop, length):
            with self._told():
                end = min(begin + length, stop)
                piece = await obstore.get_range_async(self._store, key, start=begin, end=end)
            yield bytes(piece)

    async def delete(self, key: str) -> None:
        """Take a blob away, if it is there.

        Raises:
            StoreUnusable: the place refused.
        """
        with self._told(), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)

    async def all(self) -> AsyncGenerator[list[Blob]]:
        """Every blob, some hundreds at a time.

        Raises:
            StoreUnusable: the place refused.
        """
        with self._told():
            pages = cast("AsyncIterator[Sequence[ObjectMeta]]", obstore.list(self._store))  # pyright: ignore[reportUnknownMemberType] - of Arrow, which we do not have
            async for page in pages:
                yield [_blob(meta) for meta in page]

    def sweep(self, before: int) -> int:
        """Delete what was half written when its program was killed, if it has not changed since
        `before`, in epoch microseconds; gives the number of bytes. In a bucket its own rules do so.
        """
        freed = 0
        for path in self._folder.rglob("*#*") if self._folder else ():
            with suppress(FileNotFoundError):  # whoever writes it has ended meanwhile
                found = path.stat()
                if found.st_mtime * 1e6 < before:
                    path.unlink()
                    freed += found.st_size
        return freed

    async def _flush(self, key: str) -> None:
        """See that a blob has reached the disk, so that a row never outlives it."""
        if self._folder:
            path = self._folder / key
            await anyio.to_thread.run_sync(atomic.flush, path)
            await anyio.to_thread.run_sync(atomic.flush, path.parent)

    @contextmanager
    def _told(self) -> Generator[None]:
        try:
            yield
        except BaseError as error:
            self._tell(error)

    def _tell(self, error: BaseError) -> NoReturn:
        said = str(error).partition("\n")[0]
        if self._folder and said.endswith(_NO_ROOM):
            disk = os.statvfs(self._folder)
            free = disk.f_bavail * disk.f_frsize
            raise DiskFull(self._where, needed=_PART, free=free) from error
        raise _unusable(self._where, said) from error


def open_blobs(where: str, home: Path, environment: Mapping[str, str]) -> Blobs:
    """The blobs at `s3://BUCKET/PREFIX`, with access by the `AWS_*` of `environment`; or, where
    nothing is said, in the folder `artifacts` of the home.

    Raises:
        SettingRefused: it is no such place.
        StoreUnusable: the folder cannot be made.
    """
    try:
        if where:
            return open_bucket(where, environment, setting="artifacts")
        folder = home / "artifacts"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Blobs(LocalStore(folder), str(folder), folder)
    except OSError as error:
        raise _unusable(str(home / "artifacts"), str(error)) from error


def open_bucket(where: str, environment: Mapping[str, str], *, setting: str) -> Blobs:
    """The blobs at `s3://BUCKET/PREFIX`, as that setting has it.

    Raises:
        SettingRefused: it is no such place, or access is lacking.
    """
    try:
        return Blobs(_bucket(where, environment), where, None)
    except BaseError as error:
        raise SettingRefused(
            f"Setting {setting!r} is {where!r}: {str(error).partition(chr(10))[0]}.",
            hint="Write s3://BUCKET/PREFIX, and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
            "AWS_REGION and, where it is not Amazon's, AWS_ENDPOINT_URL.",
        ) from None  # what it was made of holds the secret


def _bucket(where: str, environment: Mapping[str, str]) -> S3Store:
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL", "")
    return S3Store.from_url(
        where,
        config=cast("S3Config", dict(environment)),
        retry_config={"max_retries": 4, "retry_timeout": _PATIENCE},
        disable_bulk_delete=True,  # which many a bucket that is not Amazon's does not know
        client_options={"allow_http": endpoint.startswith("http://")},
    )


def _blob(meta: "ObjectMeta") -> Blob:
    return Blob(meta["path"], meta["size"], round(meta["last_modified"].timestamp() * 1e6))


def _unusable(where: str, why: str) -> StoreUnusable:
    return StoreUnusable(
        f"The artifacts in {where} cannot be used: {why}.",
        hint="Check that the folder can be written by you, or that the bucket is there and the "
        "AWS_* variables give access to it.",
        reason=why,
    )
