"""Where what films are made of lies: artifacts of a job, and pieces that are found again.

Floor 5.
"""

import shutil
from collections.abc import AsyncGenerator, AsyncIterable, Generator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import anyio

from seedbed.core.errors import ArtifactUnknown, ObjectUnknown, StoreUnusable
from seedbed.core.job import Job
from seedbed.core.object import Object
from seedbed.kit.clock import Clock
from seedbed.store.artifacts import Artifacts
from seedbed.store.objects import Objects

PIECE = "piece"
"""The kind of the object by which a piece is found again."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where what is made lies. `signer` is the folder of the certificate that it is signed with,
    `fonts` that of the user's own; files that are worked on lie below `bench`. The `mark` tells
    this house from others.
    """

    artifacts: Artifacts
    objects: Objects
    clock: Clock
    signer: Path
    bench: Path
    fonts: Path
    mark: str

    @contextmanager
    def folder(self, job: Job) -> Generator[Path]:
        """A folder for the files of a job; what a run of it that was killed left there is cleared
        away, and so it is at the end.
        """
        path = self.bench / job.id
        shutil.rmtree(path, ignore_errors=True)
        with _room():
            path.mkdir(parents=True)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    async def keep(self, job: Job, stream: AsyncIterable[bytes], media: str) -> str:
        """Keep what was made for the film of a job; gives its hash.

        Raises:
            StoreUnusable: there is no room.
        """
        until, film = cast("int", job.input["until"]), str(job.input["film"])
        project = job.owner.project
        kept = await self.artifacts.put(stream, media, holder=film, project=project, until=until)
        return kept.hash

    async def read(self, hash_: str, project: str) -> bytes:
        """The bytes of an artifact.

        Raises:
            ArtifactUnknown: the project has none of that hash.
        """
        found = await self.artifacts.find(hash_, project)
        async with aclosing(self.artifacts.open(found)) as stream:
            return b"".join([part async for part in stream])

    async def lay(self, hash_: str, path: Path, project: str) -> str:
        """An artifact as a file; gives its path.

        Raises:
            ArtifactUnknown: the project has none of that hash.
            StoreUnusable: there is no room.
        """
        found = await self.artifacts.find(hash_, project)
        reading = self.artifacts.open(found)
        with _room():
            async with await anyio.open_file(path, "wb") as file, aclosing(reading) as stream:
                async for part in stream:
                    await file.write(part)
        return str(path)

    async def known(self, id_: str, job: Job) -> str | None:
        """The hash of a piece that was made before; it is kept for this film, too."""
        project, until = job.owner.project, cast("int", job.input["until"])
        try:
            found = await self.objects.find(PIECE, id_, project)
            hash_ = str(found.body["hash"])
            film = str(job.input["film"])
            await self.artifacts.hold(hash_, film, project=project, until=until)
        except (ObjectUnknown, ArtifactUnknown):
            return None
        return hash_

    async def remember(self, id_: str, hash_: str, job: Job) -> None:
        """Have a piece found again by its id."""
        project, until = job.owner.project, cast("int", job.input["until"])
        now = round(self.clock.wall() * 1e6)
        await self.artifacts.hold(hash_, id_, project=project, until=until)
        await self.objects.keep(Object(id_, PIECE, project, now, {"hash": hash_}, until=until))


@contextmanager
def _room() -> Generator[None]:
    try:
        yield
    except OSError as error:
        hint = "Make room in the house's folder; a film that is a job goes on by itself."
        what = f"A film cannot be worked on: {error.strerror}."
        raise StoreUnusable(what, hint=hint, reason=str(error.strerror), path="") from error


async def once(data: bytes) -> AsyncIterable[bytes]:
    """Bytes as a stream."""
    yield data


async def read_file(path: Path) -> AsyncGenerator[bytes]:
    """A file as a stream."""
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(1 << 20):
            yield piece
