"""The house as a server of tools, by the Model Context Protocol: over HTTP, or between two streams.

Floor 5. Loaded at the first use, since the library weighs 33 MB and takes a second. It keeps no
sessions: each request stands for itself, in the revisions that begin with a handshake, too.
"""

import base64
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
from seedbed.core.message import Media, Part, Text
from seedbed.tools.apart import apart
from seedbed.tools.registry import HOUSE, PRINCIPAL, Registry


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
        base = str(request.base_url).rstrip("/")
        content = [_content(part, base) for part in said.parts]
        return types.CallToolResult(content=content, is_error=said.is_error)

    server = Server(HOUSE, version=__version__, on_list_tools=list_tools, on_call_tool=call_tool)
    server.middleware.clear()  # spans of its own; ours are the gateway's
    return StreamableHTTPSessionManager(server, stateless=True)


def _told(tool: Tool) -> types.Tool:
    return types.Tool(name=tool.name, description=tool.description, input_schema=dict(tool.schema))


def _content(part: Part, base: str) -> types.ContentBlock:
    """A part as the protocol has it; a path is an address below `base`, where callers see us."""
    match part:
        case Media(source=bytes() as data, options=told):
            packed = base64.b64encode(data).decode()
            return types.ImageContent(data=packed, mime_type=str(told["media"]))
        case Media(source=str() as path, options=told):
            name = path.partition("?")[0].rpartition("/")[2]
            return types.ResourceLink(uri=base + path, name=name, mime_type=str(told["media"]))
        case _:
            return types.TextContent(text=cast(Text, part).text)
