"""A server of tools elsewhere: where it is, what may be called there, and what it is held to.

Floor 5. Its client is loaded at the first use: it weighs 33 MB, and most servers need none.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import field
from functools import partial
from typing import Protocol, cast

import anyio

from seedbed.core.access import Principal
from seedbed.core.value import value
from seedbed.kit import plug
from seedbed.kit.http.connecting import Resolve, resolved
from seedbed.tools.tool import Source, Toolbox


@value
class McpServer:
    """One server. `command` is run on this machine, with the `environment` and little besides, so
    it is for the operator to set, and never read from a request.
    """

    label: str
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


@value
class Bounds:
    """What a server of tools is held to: seconds, bytes of one response, and tools.

    With `inward` it may lie in this network, or on this machine. Without an address it is one of
    the operator's `programs`, by its label.
    """

    connect_seconds: float = 10.0
    call_seconds: float = 120.0
    close_seconds: float = 5.0
    most_bytes: int = 8 << 20
    most_tools: int = 128
    most_text: int = 200_000
    inward: bool = False
    resolve: Resolve = resolved
    programs: Mapping[str, Source] = field(default_factory=dict[str, Source])


BOUNDS = Bounds()


class _Connected(Toolbox, Protocol):
    async def close(self) -> None: ...


class Remote:
    """A source of the tools of one server, connected anew for each who opens it."""

    def __init__(self, server: McpServer, bounds: Bounds = BOUNDS) -> None:
        self.label = server.label
        self._server, self._bounds = server, bounds

    @asynccontextmanager
    async def open(self, principal: Principal) -> AsyncGenerator[Toolbox]:
        """Its tools; where it cannot be had there are none, and the fault says why."""
        del principal  # who asks is not told there
        load = partial(plug.load, "seedbed.tools", "mcp_client")
        client = await anyio.to_thread.run_sync(load)
        box = cast(_Connected, await client.connect(self._server, self._bounds))
        try:
            yield box
        finally:
            await box.close()
