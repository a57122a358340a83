"""`GET /metrics`: what Prometheus reads.

Floor 6. With a key: how much is used and spent here is not for everyone.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seedbed.api.guard import Guard
from seedbed.core.access import Scope
from seedbed.serving.metrics import CONTENT_TYPE, Metrics


def routes(metrics: Metrics, guard: Guard) -> list[Route]:
    """The route, for keys that carry `Scope.METRICS`."""

    async def read(request: Request) -> Response:
        await guard.let_in(request.scope, Scope.METRICS)
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})

    return [Route("/metrics", read, methods=["GET"])]
