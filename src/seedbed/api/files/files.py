"""The files of a project: kept, found, listed, handed out and deleted, whichever door they came by.

Floor 6. A file is an object that says what it is called, and an artifact that holds its bytes in
the name of that object. Moments are in epoch microseconds.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import cast

import anyio
from starlette.requests import Request
from starlette.responses import Response

from seedbed.api import handing_out
from seedbed.api.files.naming import checked, own
from seedbed.api.guard import Guard
from seedbed.core.access import Principal, Scope
from seedbed.core.artifact import Artifact, Hold
from seedbed.core.object import Object
from seedbed.core.value import value
from seedbed.kit.clock import Clock
from seedbed.store.artifacts import Artifacts
from seedbed.store.objects import MOST_LISTED, Objects, Wish

KIND = "file"
_A_DAY = 86_400 * 10**6


@value
class File:
    """A file. `purpose` is a vendor's word for what it is for, `more` what its door alone reads."""

    id: str
    project: str
    at: int
    hash: str
    size: int
    name: str
    media: str
    purpose: str
    until: int | None = None
    more: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """What the doors of files work with; a file has `longest` bytes at most."""

    objects: Objects
    artifacts: Artifacts
    guard: Guard
    clock: Clock
    longest: int

    @property
    def now(self) -> int:
        """The moment."""
        return round(self.clock.wall() * 1e6)

    @property
    def soon(self) -> int:
        """Until when bytes are held whose object is not written yet."""
        return self.now + _A_DAY

    async def admit(self, request: Request) -> Principal:
        """Who asks.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`.
        """
        return await self.guard.let_in(request.scope, Scope.MODELS)

    async def put(self, file: File) -> None:
        """Write down a file whose bytes are held under its id: from now on as long as it is."""
        body = {name: getattr(file, name) for name in ("hash", "size", "name", "media", "purpose")}
        body |= {"more": dict(file.more or {})}
        one = Object(file.id, KIND, file.project, file.at, body, until=file.until)
        await self.objects.put(one)

    async def write(self, stream: AsyncIterable[bytes], like: File) -> File:
        """Make a file, in all but its bytes like that one. What the stream raises passes."""
        artifact = await self.artifacts.put(
            stream,
            like.media,
            holder=like.id,
            project=like.project,
            name=like.name,
            until=self.soon,
        )
        file = replace(like, hash=artifact.hash, size=artifact.size)
        async with self.kept_if_sound([artifact], like.id):
            await self.put(file)
        return file

    @asynccontextmanager
    async def kept_if_sound(self, kept: Sequence[Artifact], holder: str) -> AsyncGenerator[None]:
        """Let go of what is held if the block fails."""
        try:
            yield
        except BaseException:
            with anyio.CancelScope(shield=True):
                for one in kept:
                    await self.artifacts.release(one.hash, holder)
            raise

    async def find(self, id_: str, project: str) -> File:
        """A file, by any vendor's form of its id.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        return _file(await self.objects.find(KIND, own(checked(KIND, id_)), project))

    async def hash_of(self, id_: str, project: str) -> str:
        """The artifact of a file's bytes.

        Raises:
            ObjectUnknown: the project has no file of that id.
        """
        return (await self.find(id_, project)).hash

    async def named(self, request: Request) -> File:
        """The file of a request's path, for whoever has a key whose project has it.

        Raises:
            AccessDenied: the caller has no such key.
            ObjectUnknown: it is not the caller's.
        """
        principal = await self.admit(request)
        return await self.find(request.path_params["id"], principal.project)

    async def page(
        self, project: str, wish: Wish, wanted: Callable[[str], bool] = lambda _: True
    ) -> tuple[list[File], bool]:
        """A part of the files whose purpose is wanted, and whether there are more behind it.

        Raises:
            ObjectUnknown: the part begins at no file of the project.
        """
        after, before = wish.after and own(wish.after), wish.before and own(wish.before)
        most = min(wish.limit + 1, MOST_LISTED)
        part = replace(wish, limit=most, after=after, before=before)
        found: list[File] = []
        while True:
            page = await self.objects.page(KIND, project, part)
            files = [_file(one) for one in page.objects]
            these = [one for one in files if wanted(one.purpose)]
            found = [*these, *found] if before else [*found, *these]
            if len(found) > wish.limit or not page.has_more:
                break
            edge = {"before": files[0].id} if before else {"after": files[-1].id}
            part = replace(part, **edge)
        shown_ = found[-wish.limit :] if before else found[: wish.limit]
        return shown_, len(found) > wish.limit

    async def content(self, request: Request, file: File) -> Response:
        """The bytes of a file, under its own name.

        Raises:
            ArtifactDamaged, RangeOutside: as of any artifact.
        """
        artifact = await self.artifacts.find(file.hash, file.project)
        held = replace(artifact, holds=(Hold(file.id, file.project, file.media, file.name),))
        return await handing_out.answer(self.artifacts, request, held)

    async def remove(self, file: File) -> None:
        """Delete a file.

        Raises:
            ObjectUnknown: somebody else just did.
        """
        await self.objects.remove(KIND, file.id, file.project)


def _file(one: Object) -> File:
    body = cast("Mapping[str, str]", one.body)
    size, more = cast(int, one.body["size"]), cast("Mapping[str, object]", one.body["more"])
    return File(
        *(one.id, one.project, one.at, body["hash"], size, body["name"], body["media"]),
        *(body["purpose"], one.until, more),
    )
