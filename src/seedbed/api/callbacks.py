"""`/seedbed/callbacks/secret`: what those who are told of a job's end know our word by.

Floor 6. The address itself is named with the job.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.jobs import Desk
from seedbed.jobs.callback import key_of
from seedbed.kit import webhook

PATH = "/seedbed/callbacks/secret"


def routes(desk: Desk, secret: Callable[[], Awaitable[bytes]]) -> list[Route]:
    """The route, for keys that carry `Scope.MODELS`: each is told its project's own secret."""

    async def show(request: Request) -> Response:
        who = await desk.admit(request)
        told = webhook.written(key_of(await secret(), who.project))
        return JSONResponse({"secret": told}, headers={"cache-control": "no-store"})

    return [Route(PATH, show, methods=["GET"])]
