"""`/v1/uploads`: a file that comes in parts, each by a request of its own.

Floor 6. An upload is there while it is pending, for an hour at most: once it is completed or
cancelled it is unknown like one whose hour is over, so that `expired` is never told. The bytes of
its parts go with that hour.
"""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated, TypeVar, cast

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.files.files import File, Files
from seedbed.api.files.form import media_of
from seedbed.api.files.naming import checked, fresh, shown
from seedbed.api.files.receiving import received
from seedbed.api.intake import LONGEST_BODY, body, heard
from seedbed.api.openai import files as door
from seedbed.api.openai.body import read_body
from seedbed.api.openai.files import Ends, Purpose
from seedbed.core.errors import ObjectUnknown, RequestMalformed, RequestTooLarge
from seedbed.core.object import Object
from seedbed.kit import ids

PATH = "/v1/uploads"
LONGEST_PART = 64 << 20
_KIND, _PART = "upload", "upload.part"
_AN_HOUR = 3600 * 10**6
_MOST_PARTS = 1_000
Wish = TypeVar("Wish", bound=msgspec.Struct)


class UploadBody(msgspec.Struct):
    """A file that is to come."""

    bytes: Annotated[int, msgspec.Meta(ge=0)]
    filename: str
    mime_type: str
    purpose: Purpose
    expires_after: Ends | None = None


class CompleteBody(msgspec.Struct):
    """Its parts in their order, and the MD5 of the whole in hexadecimal."""

    part_ids: Annotated[list[str], msgspec.Meta(max_length=_MOST_PARTS)]
    md5: str | None = None


def routes(files: Files) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""

    async def create(request: Request) -> Response:
        principal = await files.admit(request)
        said = await _read(request, UploadBody)
        if said.bytes > files.longest:
            raise RequestTooLarge(limit=files.longest)
        upload = _upload(said, principal.project, files.now)
        await files.objects.put(upload)
        return JSONResponse(_told(upload, "pending"))

    async def add(request: Request) -> Response:
        upload, id_ = await _named(files, request), ids.fresh("part")
        longest = min(LONGEST_PART, cast(int, upload.body["bytes"]))
        async with received(
            files, request, upload.project, id_, field="data", longest=longest
        ) as form:
            body = {"hash": form.artifact.hash, "size": form.artifact.size}
            await files.objects.put(
                Object(id_, _PART, upload.project, files.now, body, upload.id, upload.until)
            )
        told = {"id": id_, "object": _PART, "upload_id": upload.id}
        return JSONResponse(told | {"created_at": files.now // 10**6})

    async def complete(request: Request) -> Response:
        upload = await _named(files, request)
        file = await _completed(files, upload, await _read(request, CompleteBody))
        return JSONResponse(_told(upload, "completed") | {"file": door.told(file)})

    async def cancel(request: Request) -> Response:
        upload = await _named(files, request)
        await files.objects.remove(_KIND, upload.id, upload.project)
        return JSONResponse(_told(upload, "cancelled"))

    return [
        Route(PATH, heard(create), methods=["POST"]),
        Route(f"{PATH}/{{id}}/parts", heard(add), methods=["POST"]),
        Route(f"{PATH}/{{id}}/complete", heard(complete), methods=["POST"]),
        Route(f"{PATH}/{{id}}/cancel", cancel, methods=["POST"]),
    ]


async def _read(request: Request, kind: type[Wish]) -> Wish:
    sent = await body(request.receive, dict(request.scope["headers"]), limit=LONGEST_BODY)
    return read_body(sent, kind)[0]


async def _named(files: Files, request: Request) -> Object:
    principal = await files.admit(request)
    id_ = checked(_KIND, request.path_params["id"])
    return await files.objects.find(_KIND, id_, principal.project)


def _upload(said: UploadBody, project: str, now: int) -> Object:
    body = {
        "bytes": said.bytes,
        "name": shown(said.filename),
        "media": media_of(said.mime_type.lower()),
        "purpose": said.purpose,
        "seconds": said.expires_after and said.expires_after.seconds,
    }
    return Object(ids.fresh("upload"), _KIND, project, now, body, until=now + _AN_HOUR)


async def _completed(files: Files, upload: Object, said: CompleteBody) -> File:
    """The file that an upload has become; whoever comes second finds none.

    Raises:
        RequestMalformed: its parts are not those that were announced.
        ObjectUnknown: a part is not there, or the upload was ended meanwhile.
    """
    parts = [await _part(files, upload, id_) for id_ in said.part_ids]
    announced, come = upload.body["bytes"], sum(cast(int, one.body["size"]) for one in parts)
    if come != announced:
        raise RequestMalformed(
            f"The parts have {come:,} bytes together; the upload was to have {announced:,}.",
            hint="Name every part once, in their order.",
            field="part_ids",
        )
    body, now = cast("dict[str, str]", upload.body), files.now
    seconds = cast("int | None", upload.body["seconds"])
    wish = Ends("created_at", seconds) if seconds else None
    like = File(
        *(fresh(), upload.project, now, "", 0, body["name"], body["media"], body["purpose"]),
        until=door.ends(body["purpose"], wish, now),
    )
    file = await files.write(_joined(files, parts, said.md5), like)
    try:
        await files.objects.remove(_KIND, upload.id, upload.project)
    except ObjectUnknown:  # it was ended meanwhile, by whoever came first
        await files.remove(file)
        raise
    return file


async def _part(files: Files, upload: Object, id_: str) -> Object:
    part = await files.objects.find(_PART, checked(_PART, id_), upload.project)
    if part.parent != upload.id:
        raise RequestMalformed(
            f"The part {id_!r} is another upload's.", hint="Name its own.", field="part_ids"
        )
    return part


async def _joined(files: Files, parts: Sequence[Object], md5: str | None) -> AsyncGenerator[bytes]:
    """The bytes of the parts. Where they are not as announced nothing of them is kept.

    Raises:
        RequestMalformed: their MD5 is another.
    """
    digest = hashlib.md5(usedforsecurity=False)
    for part in parts:
        artifact = await files.artifacts.find(str(part.body["hash"]), part.project)
        async with aclosing(files.artifacts.open(artifact)) as pieces:
            async for piece in pieces:
                digest.update(piece)
                yield piece
    if md5 is not None and digest.hexdigest() != md5.lower():
        raise RequestMalformed(
            f"The MD5 of the parts is {digest.hexdigest()}, and not {md5[:40]!r}.",
            hint="Send them again, or leave 'md5' out.",
            field="md5",
        )


def _told(upload: Object, status: str) -> dict[str, object]:
    return {
        "id": upload.id,
        "object": _KIND,
        "bytes": upload.body["bytes"],
        "created_at": upload.at // 10**6,
        "expires_at": (upload.until or 0) // 10**6,
        "filename": upload.body["name"],
        "purpose": upload.body["purpose"],
        "status": status,
        "file": None,
    }
