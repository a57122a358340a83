"""The edge of the site: every request gets an id, and a fault that nobody foresaw gets an answer.

Floor 6. One of the three places where any exception may be caught; the others are `hot.py` and
`jobs/outcome.py`.
"""

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from seedbed.api.manner import Manners
from seedbed.api.problems import broken
from seedbed.kit import ids

log: structlog.stdlib.BoundLogger = structlog.get_logger()

REQUEST_ID = "seedbed.request_id"
"""Where a request's id stands in its ASGI scope."""
CALLED_BY = "seedbed.methods"
"""Where the methods stand by which a request's path is a model call, if it is any."""


class Edge:
    """Wraps the site."""

    def __init__(self, app: ASGIApp, *, manners: Manners) -> None:
        self._app = app
        self._manners = manners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope[REQUEST_ID] = ids.fresh("req")
        sent = dict(scope["headers"])
        manner = self._manners.of(scope["path"], sent)
        head = manner.head(request_id, sent)
        started = False

        async def named(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], *head]
            await send(message)

        try:
            await self._app(scope, receive, named)
        except Exception:
            log.exception("request.broke", request=request_id, path=scope["path"])
            if not started:
                told = manner.problem(broken(), request_id=request_id)
                headers = [(b"content-type", b"application/json"), *told.headers]
                await named(
                    {"type": "http.response.start", "status": told.status, "headers": headers}
                )
                await send({"type": "http.response.body", "body": told.body})
