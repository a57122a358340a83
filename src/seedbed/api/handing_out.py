"""An artifact as a browser gets it: whole or in part, and never in a way that something of it runs.

Floor 6. What somebody uploaded is not the house's own word: whatever is not known to be harmless is
handed out as a file to save, and a browser is told to guess nothing and run nothing.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import quote

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from seedbed.api.ranges import is_same, read_range
from seedbed.core.artifact import Artifact, is_inert
from seedbed.core.errors import ArtifactDamaged
from seedbed.store.artifacts import Artifacts

log: structlog.stdlib.BoundLogger = structlog.get_logger()


async def answer(artifacts: Artifacts, request: Request, found: Artifact) -> Response:
    """The bytes of an artifact, or those of them that are asked for.

    Raises:
        ArtifactDamaged: they are not what was put, and nothing of them was sent yet.
        RangeOutside: none of those that are asked for is there.
    """
    headers = _headers(found)
    if is_same(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)
    asked = None
    if request.headers.get("if-range", headers["etag"]) == headers["etag"]:
        asked = read_range(request.headers.get("range"), size=found.size)
    start, stop = asked or (0, found.size)
    status = 206 if asked else 200
    headers["content-length"] = str(stop - start)
    if asked:
        headers["content-range"] = f"bytes {start}-{stop - 1}/{found.size}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    pieces = _watched(found, artifacts.open(found, start, stop))
    first = await anext(pieces, b"")  # what is wrong with it may be seen now, while it can be told
    return StreamingResponse(_relay(first, pieces), status, headers)


async def _watched(found: Artifact, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The pieces; where they are damaged the operator is told, too."""
    async with aclosing(pieces):
        try:
            async for piece in pieces:
                yield piece
        except ArtifactDamaged as error:
            log.error("artifact.damaged", artifact=found.hash, why=error.what)
            raise


async def _relay(first: bytes, pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(pieces):
        yield first
        del first  # whoever reads slowly is to hold as little as can be
        async for piece in pieces:
            yield piece


def _headers(found: Artifact) -> dict[str, str]:
    shown = "inline" if is_inert(found.media) else "attachment"
    name = f"; filename*=UTF-8''{quote(found.name, safe='')}" if found.name else ""
    return {
        "content-type": found.media,
        "content-disposition": shown + name,
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "x-content-type-options": "nosniff",
        "etag": f'"{found.hash}"',
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
    }
