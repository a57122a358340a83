"""`POST /mcp`: the house's tools, for assistants that speak the Model Context Protocol.

Floor 6. The same keys as everywhere. What speaks the protocol is loaded at the first request, since
most servers are never asked: until then this door weighs nothing. Errors are told as JSON-RPC has
them, with the statuses of the other doors; what is dropped is by name: sessions, the stream of
`GET`, and `DELETE` with them, resources, prompts, sampling, roots and logging.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol, cast

import anyio
import msgspec
import structlog
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from seedbed.api import problems
from seedbed.api.guard import Guard
from seedbed.api.manner import Headers, Sent
from seedbed.api.problems import Problem
from seedbed.api.stopping import Stopping
from seedbed.core.access import Principal
from seedbed.core.access import Scope as Right
from seedbed.core.errors import AccessDenied, SeedbedError, ServerStopping
from seedbed.kit import plug
from seedbed.kit.interrupt import Interrupt
from seedbed.tools.registry import PRINCIPAL, Registry

log: structlog.stdlib.BoundLogger = structlog.get_logger()

PATH = "/mcp"
_FAILED = -32000
"""The number that JSON-RPC leaves to servers for what they refuse."""


class _Served(Protocol):
    def run(self) -> AbstractAsyncContextManager[None]: ...

    async def handle_request(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def wants(path: str, sent: Sent) -> bool:
    """Whether a request is to be told in this manner."""
    del sent
    return path == PATH


class Mcp:
    """The manner of this door."""

    def problem(self, error: SeedbedError, *, request_id: str) -> Problem:
        """An error as the whole response, to a message that was not read and so has no id."""
        del request_id
        error = problems.told(error)
        said: Mapping[str, object] = {
            "jsonrpc": "2.0",
            "id": None,
            "error": {"code": _FAILED, "message": str(error), "data": {"code": error.code}},
        }
        asked = ((b"www-authenticate", b"Bearer"),) if isinstance(error, AccessDenied) else ()
        headers = (*problems.headers(error), *asked)
        return Problem(problems.status(error), headers, msgspec.json.encode(said))

    def head(self, request_id: str, sent: Sent) -> Headers:
        """The headers that every response has."""
        del sent
        return ((b"x-request-id", request_id.encode()),)


MANNER = (wants, Mcp())
"""For `Manners`."""


class McpDoor:
    """Lets keys in, and hands what they ask to whoever speaks the protocol, once that runs."""

    def __init__(
        self, registry: Registry, guard: Guard, *, stopping: Stopping | None = None
    ) -> None:
        self._registry, self._guard = registry, guard
        self._under_way = (stopping or Stopping()).under_way
        self._is_wanted, self._is_ready = anyio.Event(), anyio.Event()
        self._served: _Served | None = None

    def routes(self) -> list[Route]:
        """The one route."""
        return [Route(PATH, self, methods=["POST"])]

    async def run(self) -> None:
        """Wait for the first request, then serve until cancelled."""
        await self._is_wanted.wait()
        loaded = await anyio.to_thread.run_sync(partial(plug.load, "seedbed.tools", "mcp_server"))
        served = cast(_Served, loaded.make(self._registry))
        async with served.run():
            self._served = served
            self._is_ready.set()
            log.info("mcp.started")
            await anyio.sleep_forever()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`.
            ServerStopping: the server ends before there is an answer.
        """
        asked = dict(scope) | {PRINCIPAL: await self._admitted(scope)}
        is_begun = False

        async def noted(message: Message) -> None:
            nonlocal is_begun
            is_begun = True
            await send(message)

        async with Interrupt() as interrupt:
            self._under_way.add(interrupt)
            try:
                served = await self._running()
                await served.handle_request(asked, receive, noted)
            finally:
                self._under_way.discard(interrupt)
        if interrupt.reason is not None and not is_begun:
            raise ServerStopping

    async def _admitted(self, scope: Scope) -> Principal:
        return await self._guard.let_in(scope, Right.MODELS)

    async def _running(self) -> _Served:
        self._is_wanted.set()
        await self._is_ready.wait()
        return cast(_Served, self._served)
