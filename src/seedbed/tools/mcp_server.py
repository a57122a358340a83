"""The house as a server of tools, by the Model Context Protocol: over HTTP, or between two streams.

Floor 5. Loaded at the first use, since the library weighs 33 MB and takes a second. It keeps no
sessions: each request stands for itself, in the revisions that begin with a handshake, too.
"""

from typing import cast

import mcp_types as types
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import Request

from seedbed import __version__
from seedbed.core.access import Principal
from seedbed.core.ask import Tool
from seedbed.tools.apart import apart
from seedbed.tools.registry import HOUSE, PRINCIPAL, Registry
from seedbed.tools.tool import Said


def make(registry: Registry) -> StreamableHTTPSessionManager:
    """The house's tools over HTTP, for requests whose scope says who asks."""

    async def list_tools(
        context: ServerRequestContext, _: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        del context
        return types.ListToolsResult(tools=[_told(tool) for tool in registry.tools])

    async def call_tool(
        context: ServerRequestContext, wish: types.CallToolRequestParams
    ) -> types.CallToolResult:
        if not registry.has(wish.name):
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {wish.name[:64]!r} here.")

        async def progress(done: float, total: float | None, note: str) -> None:
            await context.session.report_progress(done, total, note)

        request = cast(Request, context.request)
        principal = cast(Principal, request.scope[PRINCIPAL])
        said = await apart(registry.call(wish.name, wish.arguments or {}, principal, progress))
        return _result(said)

    server = Server(HOUSE, version=__version__, on_list_tools=list_tools, on_call_tool=call_tool)
    server.middleware.clear()  # spans of its own; ours are the gateway's
    return StreamableHTTPSessionManager(server, stateless=True)


def _told(tool: Tool) -> types.Tool:
    return types.Tool(name=tool.name, description=tool.description, input_schema=dict(tool.schema))


def _result(said: Said) -> types.CallToolResult:
    content = [types.TextContent(text=said.text)]
    return types.CallToolResult(content=list(content), is_error=said.is_error)
