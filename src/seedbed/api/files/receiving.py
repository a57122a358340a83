"""A file that comes in a form: its bytes are kept as they come, and let go of if anything is wrong.

Floor 6.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from starlette.requests import Request

from seedbed.api.artifacts import bounded
from seedbed.api.files.files import File, Files
from seedbed.api.files.form import FRAME, Head, read_form
from seedbed.api.files.naming import fresh, shown
from seedbed.api.limits import LONG_BODY
from seedbed.api.openai.body import missing
from seedbed.core.artifact import Artifact
from seedbed.core.errors import RequestTooLarge
from seedbed.core.value import value


@value
class Received:
    """What came in a form: a file in `field`, whose bytes are held under the id, and the rest."""

    id: str
    field: str
    fields: Mapping[str, str]
    kept: Artifact | None

    @property
    def artifact(self) -> Artifact:
        """The bytes that came.

        Raises:
            RequestMalformed: the form had no file.
        """
        if self.kept is None:
            raise missing(self.field, "the form has no file")
        return self.kept


@asynccontextmanager
async def received(
    files: Files, request: Request, project: str, id_: str, *, field: str, longest: int
) -> AsyncGenerator[Received]:
    """What comes in a form, its file in `field`; if the block fails nothing of it is kept.

    Raises:
        RequestMalformed: it is no such form, has several files, or is cut off.
        RequestTooLarge: its file is longer than `longest` bytes.
        ClientDisconnect: the caller left before its end.
    """
    request.scope[LONG_BODY] = True
    kept: list[Artifact] = []

    async def keep(head: Head, pieces: AsyncGenerator[bytes]) -> None:
        kept.append(
            await files.artifacts.put(
                _at_most(pieces, longest),
                head.media,
                holder=id_,
                project=project,
                name=shown(head.name),
                until=files.soon,
            )
        )

    sent = bounded(request, longest + FRAME)
    told = request.headers.get("content-type", "")
    async with files.kept_if_sound(kept, id_):
        fields = await read_form(sent, told, keep, file=field)
        yield Received(id_, field, fields, next(iter(kept), None))


@asynccontextmanager
async def uploaded(files: Files, request: Request) -> AsyncGenerator[Received]:
    """What comes in a form as a file; `keep` makes it one. Raises as `received`."""
    principal = await files.admit(request)
    form = received(files, request, principal.project, fresh(), field="file", longest=files.longest)
    async with form as come:
        yield come


async def keep(
    files: Files,
    come: Received,
    purpose: str,
    *,
    until: int | None = None,
    more: Mapping[str, object] | None = None,
) -> File:
    """Make a file of what came.

    Raises:
        RequestMalformed: the form had no file.
    """
    (hold,) = come.artifact.holds
    file = File(
        *(come.id, hold.project, files.now, come.artifact.hash, come.artifact.size),
        *(hold.name, hold.media, purpose, until, more),
    )
    await files.put(file)
    return file


async def _at_most(pieces: AsyncGenerator[bytes], limit: int) -> AsyncGenerator[bytes]:
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > limit:
            raise RequestTooLarge(limit=limit)
        yield piece
