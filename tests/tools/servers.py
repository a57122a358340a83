"""A server of tools made with the official library, on this machine."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import anyio
import mcp_types as types
import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from sse_starlette.sse import AppStatus

from seedbed.tools.remote import Bounds

HERE = Bounds(connect_seconds=10, call_seconds=20, inward=True)
PAGES = {None: ["add", "fail"], "2": ["odd.name", "long", "parts", "slow"]}


def make_server(seen: list[Any] | None = None) -> Server:
    """Adds, fails, says much, says what is no text, and never ends."""

    async def list_tools(
        _: ServerRequestContext, wish: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        cursor = wish.cursor if wish else None
        schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
        tools = [
            types.Tool(name=name, description=f"It does {name}.", input_schema=schema)
            for name in PAGES[cursor]
        ]
        return types.ListToolsResult(tools=tools, next_cursor=None if cursor else "2")

    async def call_tool(
        context: ServerRequestContext, wish: types.CallToolRequestParams
    ) -> types.CallToolResult:
        given = wish.arguments or {}
        if seen is not None:
            seen.append((wish.name, given))
        match wish.name:
            case "add":
                await context.session.report_progress(1, 2, "adding")
                return _text(str(given["a"] + given["b"]))
            case "long":
                return _text("x" * given["length"])
            case "parts":
                return types.CallToolResult(
                    content=[
                        types.ImageContent(data="AAAA", mime_type="image/png"),
                        types.ResourceLink(uri="file:///a", name="a"),
                        types.EmbeddedResource(
                            resource=types.TextResourceContents(uri="file:///b", text="of b")
                        ),
                    ]
                )
            case "odd.name":
                return types.CallToolResult(content=[], structured_content={"sum": "é"})
            case "slow":
                await anyio.sleep_forever()
            case _:
                pass
        return types.CallToolResult(
            content=[types.TextContent(text="It cannot be done.")], is_error=True
        )

    return Server("adder", version="1", on_list_tools=list_tools, on_call_tool=call_tool)


def _text(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=text)])


@contextmanager
def serving(app: Any) -> Generator[str]:
    """An application on a port of this machine, in a thread; gives its address.

    The library that streams for it takes the end of any server of this process for the end of all.
    """
    AppStatus.should_exit = False
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    held.listen()
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [held]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        held.close()


@contextmanager
def tool_server(seen: list[Any] | None = None, **ways: Any) -> Generator[str]:
    """The address of such a server."""
    with serving(make_server(seen).streamable_http_app(**ways)) as url:
        yield f"{url}/mcp"
