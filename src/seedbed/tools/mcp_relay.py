"""The tools of a running server between two streams, for an assistant that starts programs.

Floor 5. What comes is asked of that server's own `/mcp`, each request by itself, so that the server
may be started anew in between.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar, cast

import httpx2
import mcp_types as types
from mcp import MCPError
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types.version import LATEST_MODERN_VERSION

from seedbed import __version__
from seedbed.core.errors import ServerUnreachable
from seedbed.tools.registry import HOUSE

T = TypeVar("T")
_PATIENCE = httpx2.Timeout(10, read=None)


class Relay:
    """Asks the server at `url` what it is asked itself, with those headers."""

    def __init__(
        self, url: str, headers: Mapping[str, str], client: Callable[[], httpx2.AsyncClient]
    ) -> None:
        self._url, self._headers, self._client = url, headers, client
        self.server = Server(
            HOUSE, version=__version__, on_list_tools=self._list, on_call_tool=self._call
        )

    async def run(self) -> None:
        """Serve over standard input and output until the first ends."""
        async with stdio_server() as (incoming, outgoing):
            options = self.server.create_initialization_options()
            await self.server.run(incoming, outgoing, options)

    async def _list(
        self, context: ServerRequestContext, wish: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        del context
        cursor = wish.cursor if wish else None
        return await self._ask(lambda client: client.list_tools(cursor=cursor))

    async def _call(
        self, context: ServerRequestContext, wish: types.CallToolRequestParams
    ) -> types.CallToolResult:
        heard = context.session.report_progress
        return await self._ask(
            lambda client: client.call_tool(wish.name, wish.arguments, progress_callback=heard)
        )

    async def _ask(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """Ask the server, which is of our own version and need not be asked for its."""
        try:
            async with self._client() as http:
                http.headers.update(self._headers)
                http.timeout = _PATIENCE
                way = streamable_http_client(f"{self._url}/mcp", http_client=http)
                async with Client(way, mode=LATEST_MODERN_VERSION) as client:
                    return await work(client)
        except ExceptionGroup as faults:  # as task groups raise whatever is raised in them
            raise _told(cast(Exception, faults), self._url) from None


def _told(fault: Exception, url: str) -> MCPError:
    """What went wrong, for the assistant: the server's own words, or that it is not there."""
    if isinstance(fault, ExceptionGroup):
        return _told(cast(Sequence[Exception], fault.exceptions)[0], url)
    if isinstance(fault, MCPError):
        return fault
    why = str(fault) or type(fault).__name__
    return MCPError(types.INTERNAL_ERROR, str(ServerUnreachable(url, why=why)))
