"""The body of a request, as it comes in: whole, not compressed, and not without end.

Floor 6. One that comes too slowly is refused by the connection, in `listening.py`; here its caller
has left then.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive

from seedbed.core.errors import CodingUnserved, RequestTooLarge

Answering: TypeAlias = Callable[[Request], Awaitable[Response]]
"""What answers at a route."""
LONGEST_BODY = 32 << 20
_LEFT = Response(status_code=400)
"""For a caller who is gone and reads nothing."""


class Left(Exception):
    """The caller is gone."""


async def body(receive: Receive, headers: Mapping[bytes, bytes], *, limit: int) -> bytes:
    """The whole body.

    Raises:
        CodingUnserved: it is compressed.
        RequestTooLarge: it is longer than `limit` bytes.
        Left: the caller left before its end.
    """
    coding = headers.get(b"content-encoding", b"identity")
    if coding != b"identity":
        raise CodingUnserved(coding.decode("latin-1"))
    if int(headers.get(b"content-length", b"0")) > limit:
        raise RequestTooLarge(limit=limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Left
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise RequestTooLarge(limit=limit)
        if not message.get("more_body", False):
            return b"".join(parts)


def heard(answer: Answering) -> Answering:
    """For those that read a body: nobody is told anything who left before its end."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except (ClientDisconnect, Left):
            return _LEFT

    return answered
