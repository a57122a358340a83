"""Where Responses answer.

Floor 6. Model calls are in `calls`, carried by `seedbed.api.hot`; the rest are routes of the site.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from seedbed.api.dialect import Dialect
from seedbed.api.guard import Guard
from seedbed.api.openai.listing import part, read_wish
from seedbed.api.openai.responses.call import InputTokens, Responses
from seedbed.api.openai.responses.replay import followed
from seedbed.api.openai.responses.state import Past, Turn
from seedbed.api.openai.usual import Usual
from seedbed.core.access import Scope
from seedbed.core.errors import PathUnserved, RequestMalformed
from seedbed.knowledge.search import Searching
from seedbed.tools.remote import BOUNDS, Bounds

PATH = "/v1/responses"
_STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Archive:
    """What was said before, and who is let in to it: keys with the scope `models`."""

    past: Past
    guard: Guard

    async def admit(self, request: Request) -> str:
        """The project of who asks.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`.
        """
        return (await self.guard.let_in(request.scope, Scope.MODELS)).project

    async def turn(self, request: Request) -> Turn:
        """The response of the path.

        Raises:
            AccessDenied, ObjectUnknown
        """
        project = await self.admit(request)
        return await self.past.turn(request.path_params["id"], project)


def calls(
    archive: Archive,
    usual: Usual,
    bounds: Bounds = BOUNDS,
    searching: Searching | None = None,
) -> Mapping[tuple[str, str], Dialect]:
    """The model calls; servers of tools are held to the bounds, and files are searched by
    `searching`.
    """
    return {
        ("POST", PATH): Responses(archive.past, usual, bounds, searching),
        ("POST", f"{PATH}/input_tokens"): InputTokens(archive.past, usual),
    }


def routes(archive: Archive, path: str = PATH) -> list[Route]:
    """The routes besides model calls, below that path."""

    async def show(request: Request) -> Response:
        id_, project = request.path_params["id"], await archive.admit(request)
        turn = await archive.past.turn(id_, project)
        if request.query_params.get("stream") != "true":
            return JSONResponse(turn.response)
        after = _after(request)
        if request.method == "HEAD":
            return Response(headers=_STREAM)
        return StreamingResponse(
            followed(archive.past, turn.response, project, after=after), headers=_STREAM
        )

    async def delete(request: Request) -> Response:
        id_, project = request.path_params["id"], await archive.admit(request)
        await archive.past.forget(id_, project)
        return JSONResponse({"id": id_, "object": "response", "deleted": True})

    async def cancel(request: Request) -> Response:
        id_, project = request.path_params["id"], await archive.admit(request)
        return JSONResponse((await archive.past.cancel(id_, project)).response)

    async def list_items(request: Request) -> Response:
        turn = await archive.turn(request)
        return JSONResponse(part(turn.items, read_wish(request.query_params)))

    async def compact(request: Request) -> Response:
        await archive.admit(request)
        raise PathUnserved(request.url.path, because="no engine here compacts what was said.")

    return [
        Route(f"{path}/compact", compact, methods=["POST"]),
        Route(f"{path}/{{id}}", show, methods=["GET"]),
        Route(f"{path}/{{id}}", delete, methods=["DELETE"]),
        Route(f"{path}/{{id}}/cancel", cancel, methods=["POST"]),
        Route(f"{path}/{{id}}/input_items", list_items, methods=["GET"]),
    ]


def _after(request: Request) -> int:
    """The number of the last event that the caller has seen.

    Raises:
        RequestMalformed: it is no number.
    """
    said = request.query_params.get("starting_after", "-1")
    if not (said.removeprefix("-").isascii() and said.removeprefix("-").isdigit()):
        raise RequestMalformed(
            f"Parameter 'starting_after' is {said[:40]!r}.",
            hint="Send the sequence_number of the last event that you have seen.",
            field="starting_after",
        )
    return int(said[:9])
