"""Everything over HTTP that is no model call: models, health, and what is not found.

Floor 6. Errors are told in the manner that a request wants.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from seedbed import __version__
from seedbed.api.edge import CALLED_BY, REQUEST_ID
from seedbed.api.manner import Manners
from seedbed.api.problems import broken
from seedbed.core.errors import PathUnknown, SeedbedError, SetupIncomplete

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Lifespan = Callable[[object], AbstractAsyncContextManager[None]]


def build_site(
    routes: Sequence[Route],
    *,
    manners: Manners,
    trouble: Callable[[], Mapping[str, str]],
    instance: str,
    lifespan: Lifespan,
) -> ASGIApp:
    """The application behind the model calls; `instance` tells one start from another."""

    async def tell(request: Request, error: Exception) -> Response:
        id_ = str(request.scope.get(REQUEST_ID, ""))
        if isinstance(error, SetupIncomplete):
            log.error("request.unready", request=id_, code=error.code, why=error.what)
        manner = manners.of(request.url.path, dict(request.scope["headers"]))
        known = error if isinstance(error, SeedbedError) else broken()
        told = manner.problem(known, request_id=id_)
        headers = {name.decode(): value.decode() for name, value in told.headers}
        return Response(told.body, told.status, headers, "application/json")

    async def not_found(request: Request, error: Exception) -> Response:
        headers = (error.headers or {}) if isinstance(error, HTTPException) else {}
        known = set(headers["Allow"].split(", ")) if "Allow" in headers else set[str]()
        allowed = tuple(sorted(known | set(request.scope.get(CALLED_BY, ()))))
        return await tell(request, PathUnknown(request.method, request.url.path, allowed=allowed))

    async def alive(_: Request) -> JSONResponse:
        """Whether the process answers at all."""
        return JSONResponse({"status": "ok", "version": __version__, "instance": instance})

    async def ready(_: Request) -> JSONResponse:
        """Whether it could answer a model call now, and if not, what keeps it."""
        kept = dict(trouble())
        if kept:
            return JSONResponse({"status": "waiting", "for": kept}, status_code=503)
        return JSONResponse({"status": "ready"})

    return Starlette(
        routes=[
            Route("/healthz", alive, methods=["GET"]),
            Route("/readyz", ready, methods=["GET"]),
            *routes,
        ],
        exception_handlers={
            SeedbedError: tell,
            404: not_found,
            405: not_found,
            Exception: tell,
        },
        lifespan=lifespan,
    )
