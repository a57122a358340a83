"""The client of one server of tools, by the Model Context Protocol.

Floor 5. Loaded by `remote.py` alone. The library keeps cancel scopes open for as long as it is
connected, so it lives in a task of its own, and an answer that waits for it holds none.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import cast

import anyio
import httpx2
from mcp import MCPError, StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, EmbeddedResource, ResourceLink, TextContent
from mcp_types import TextResourceContents as Resource

from seedbed.core.access import Principal
from seedbed.core.ask import Tool
from seedbed.core.message import Text
from seedbed.tools.guarded import Guarded
from seedbed.tools.remote import Bounds, McpServer
from seedbed.tools.tool import Progress, Said

logging.getLogger("mcp.client").setLevel(logging.CRITICAL)  # what fails is told to who called

_FAULTS = (
    MCPError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    OSError,
    ValueError,
    RuntimeError,
    ExceptionGroup,
    anyio.ClosedResourceError,
    anyio.BrokenResourceError,
)
"""What the library raises where a server is at fault."""


async def connect(server: McpServer, bounds: Bounds) -> "Connected":
    """The tools of a server; where it cannot be had there are none, and `fault` says why."""
    connected = Connected(server, bounds)
    await connected.ready()
    return connected


class Connected:
    """One connection, held by a task of its own until it is closed."""

    def __init__(self, server: McpServer, bounds: Bounds) -> None:
        self.tools: Sequence[Tool] = ()
        self.fault = ""
        self._server, self._bounds = server, bounds
        self._http: Guarded | None = None
        self._client: Client | None = None
        self._is_ready, self._is_over = anyio.Event(), anyio.Event()
        self._task = asyncio.create_task(self._hold())

    async def ready(self) -> None:
        """Wait until it is connected and knows the tools, or has failed to."""
        try:
            await self._is_ready.wait()
        except asyncio.CancelledError:
            self._task.cancel()
            raise

    async def close(self) -> None:
        """Part, and wait until that is done."""
        self._is_over.set()
        await asyncio.wait([self._task], timeout=self._bounds.close_seconds)
        self._task.cancel()
        await asyncio.wait([self._task])

    async def call(
        self,
        name: str,
        arguments: Mapping[str, object],
        principal: Principal,
        progress: Progress,
    ) -> Said:
        """Call one of its tools. Who asks is not told there."""
        del principal
        tell = progress

        async def heard(progress: float, total: float | None, message: str | None) -> None:
            await tell(progress, total, message or "")

        seconds = self._bounds.call_seconds
        if self._client is None:
            return Said.wrong(self._told(self.fault or "it is not connected"))
        try:
            async with asyncio.timeout(seconds):
                result = await self._client.call_tool(
                    name, dict(arguments), progress_callback=heard
                )
        except TimeoutError:
            return Said.wrong(self._told(f"{name} took longer than {seconds:g} s"))
        except _FAULTS as fault:
            return Said.wrong(self._told(_why(fault)))
        return _said(result, self._bounds.most_text)

    async def _hold(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._bounds.connect_seconds):
                    client = await stack.enter_async_context(await self._made(stack))
                    self.tools = await self._listed(client)
                self._client = client
                self._is_ready.set()
                await self._is_over.wait()
        except TimeoutError:
            self.fault = f"it did not answer within {self._bounds.connect_seconds:g} s"
        except _FAULTS as fault:
            self.fault = (self._http and self._http.fault) or _why(fault)
        finally:
            self._client = None
            self._is_ready.set()

    async def _made(self, stack: AsyncExitStack) -> Client:
        server = self._server
        if server.command:
            command, *words = server.command
            told = dict(server.environment)
            return Client(
                stdio_client(StdioServerParameters(command=command, args=words, env=told))
            )
        self._http = Guarded(httpx2.AsyncHTTPTransport(trust_env=False), self._bounds)
        http = await stack.enter_async_context(
            httpx2.AsyncClient(
                transport=self._http,
                headers=dict(server.headers),
                timeout=httpx2.Timeout(
                    self._bounds.connect_seconds, read=self._bounds.call_seconds
                ),
                trust_env=False,
            )
        )
        return Client(streamable_http_client(server.url, http_client=http))

    async def _listed(self, client: Client) -> list[Tool]:
        found: list[Tool] = []
        cursor: str | None = None
        while len(found) < self._bounds.most_tools:
            page = await client.list_tools(cursor=cursor)
            found += [Tool(one.name, one.description or "", one.input_schema) for one in page.tools]
            cursor = page.next_cursor
            if cursor is None or not page.tools:
                break
        return found[: self._bounds.most_tools]

    def _told(self, why: str) -> str:
        return f"The server of tools {self._server.label!r} failed: {why}."


def _said(result: CallToolResult, most: int) -> Said:
    """What a result says, in words: what is no text is named and not passed on."""
    texts = [_text(block) for block in result.content]
    if not texts and result.structured_content is not None:
        texts = [json.dumps(result.structured_content, ensure_ascii=False)]
    said = "\n".join(texts)
    if len(said) > most:
        said = f"{said[:most]}\n[{len(said) - most:,} more characters are left out]"
    return Said((Text(said),), is_error=result.is_error)


def _text(block: object) -> str:
    match block:
        case TextContent(text=text):
            return text
        case ResourceLink(uri=uri, name=name):
            return f"[{name}: {uri}]"
        case EmbeddedResource(resource=Resource(text=text)):
            return text
        case _:
            return f"[{getattr(block, 'type', 'a part')} is not passed on]"


def _why(fault: Exception) -> str:
    """The first sentence of those within it, in one line."""
    if isinstance(fault, ExceptionGroup):
        return _why(cast(Sequence[Exception], fault.exceptions)[0])
    return " ".join(str(fault).split())[:300].rstrip(".") or type(fault).__name__
