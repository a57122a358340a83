"""`/seedbed/artifacts`: files are uploaded, read whole or in part, and opened to others by links.

Floor 6. What is handed out, and how, is in `handing_out.py`.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.guard import Guard
from seedbed.api.handing_out import answer
from seedbed.api.intake import body, heard
from seedbed.api.limits import LONG_BODY
from seedbed.api.links import PATH, Link, Links
from seedbed.core.access import Principal, Scope
from seedbed.core.artifact import PLAIN, Artifact, Hold, is_hash, is_media
from seedbed.core.errors import (
    ArtifactUnknown,
    CodingUnserved,
    RequestMalformed,
    RequestTooLarge,
)
from seedbed.kit.clock import Clock
from seedbed.store.artifacts import Artifacts

_LONGEST_NAME = 200
_A_WEEK = 7 * 24 * 3600


class LinkBody(msgspec.Struct, forbid_unknown_fields=True):
    """How long a link is good, in seconds."""

    seconds: Annotated[int, msgspec.Meta(ge=1, le=_A_WEEK)] = 3600


@dataclass(frozen=True, slots=True)
class Shelf:
    """What these routes work with; an upload has `longest` bytes at most."""

    artifacts: Artifacts
    links: Links
    guard: Guard
    clock: Clock
    longest: int

    async def admit(self, request: Request) -> Principal:
        """Who asks.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`.
        """
        return await self.guard.let_in(request.scope, Scope.MODELS)

    async def find(self, request: Request) -> Artifact:
        """The artifact of the path, for whoever has a key whose project holds it.

        Raises:
            AccessDenied: the caller has no such key.
            ArtifactUnknown: it is not the caller's.
        """
        principal = await self.admit(request)
        return await self.artifacts.find(_named(request), principal.project)

    async def find_by_link(self, request: Request) -> Artifact:
        """The artifact that a link opens, as the link calls it.

        Raises:
            LinkForged, LinkExpired: it opens nothing.
            ArtifactUnknown: it was deleted meanwhile.
        """
        link = await self.links.read(request.path_params["hash"], request.query_params)
        found = await self.artifacts.look(link.hash)
        return replace(found, holds=(Hold("", "", link.media, link.name),))


def routes(shelf: Shelf) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`; a link needs no key."""

    async def put(request: Request) -> Response:
        return await _put(shelf, request)

    async def read(request: Request) -> Response:
        by_link = "signature" in request.query_params
        found = await (shelf.find_by_link if by_link else shelf.find)(request)
        return await answer(shelf.artifacts, request, found)

    async def release(request: Request) -> Response:
        principal = await shelf.admit(request)
        await shelf.artifacts.release(_named(request), principal.key)
        return Response(status_code=204)

    async def link(request: Request) -> Response:
        return await _link(shelf, request)

    return [
        Route(PATH, heard(put), methods=["POST"]),
        Route(f"{PATH}/{{hash}}", read, methods=["GET"]),
        Route(f"{PATH}/{{hash}}", release, methods=["DELETE"]),
        Route(f"{PATH}/{{hash}}/link", heard(link), methods=["POST"]),
    ]


def _named(request: Request) -> str:
    """The hash of the path.

    Raises:
        ArtifactUnknown: it is none, so that there is no such artifact.
    """
    hash_: str = request.path_params["hash"]
    if not is_hash(hash_):
        raise ArtifactUnknown(hash_)
    return hash_


async def _put(shelf: Shelf, request: Request) -> Response:
    principal = await shelf.admit(request)
    media = request.headers.get("content-type", PLAIN).lower()
    name = request.query_params.get("name", "")
    _check(media, name)
    request.scope[LONG_BODY] = True
    artifact = await shelf.artifacts.put(
        bounded(request, shelf.longest),
        media,
        holder=principal.key,
        project=principal.project,
        name=name,
    )
    return JSONResponse(_told(artifact), status_code=201)


def _check(media: str, name: str) -> None:
    if not is_media(media):
        raise RequestMalformed(
            f"The Content-Type {media[:60]!r} is no media type.",
            hint=f"Send one such as image/png, or none for {PLAIN}.",
        )
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise RequestMalformed(
            f"The name {name[:60]!r} is none: it has {len(name)} characters.",
            hint=f"Take at most {_LONGEST_NAME} that can be printed.",
            field="name",
        )


async def bounded(request: Request, limit: int) -> AsyncGenerator[bytes]:
    """The body as it comes, and not without end.

    Raises:
        CodingUnserved: it is compressed.
        RequestTooLarge: it is longer than `limit` bytes.
        ClientDisconnect: the caller left before its end.
    """
    coding = request.headers.get("content-encoding", "identity")
    if coding != "identity":
        raise CodingUnserved(coding)
    if int(request.headers.get("content-length", "0")) > limit:
        raise RequestTooLarge(limit=limit)
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise RequestTooLarge(limit=limit)
        yield piece


async def _link(shelf: Shelf, request: Request) -> Response:
    found = await shelf.find(request)
    try:
        sent = await body(request.receive, dict(request.scope["headers"]), limit=1000)
        wish = msgspec.json.decode(sent, type=LinkBody) if sent else LinkBody()
    except msgspec.DecodeError as error:
        raise RequestMalformed(
            f"The body is not understood: {error}.",
            hint=f'Send {{"seconds": 3600}}, at most {_A_WEEK}, or nothing.',
        ) from error
    until = round(shelf.clock.wall()) + wish.seconds
    path = await shelf.links.write(Link(found.hash, until, found.media, found.name))
    url = str(request.base_url).rstrip("/") + path
    return JSONResponse({"url": url, "until": until})


def _told(artifact: Artifact) -> Mapping[str, object]:
    return {
        "id": artifact.hash,
        "size": artifact.size,
        "media": artifact.media,
        "name": artifact.name,
        "url": f"{PATH}/{artifact.hash}",
    }
