"""The operator's own servers of tools: programs on this machine, which callers name by a label.

Floor 5. What is run stands in the operator's settings alone. A program is started for each answer
that calls for it and ended with it, so that no project meets what another left there.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager

from seedbed.core.access import Principal, payer
from seedbed.core.ask import Tool
from seedbed.tools.remote import BOUNDS, Bounds, McpServer, Remote
from seedbed.tools.tool import Progress, Said, Source, Toolbox

_UNKNOWN = "none of that label is set up here, and no address was given"


class Program:
    """A source of the tools of one: of those `allowed`, for those `projects`; without either, all.

    At most `most` answers have it run at once; others wait as long as for a server elsewhere.
    """

    def __init__(
        self,
        server: McpServer,
        bounds: Bounds = BOUNDS,
        *,
        allowed: frozenset[str] | None = None,
        projects: frozenset[str] | None = None,
        most: int = 4,
    ) -> None:
        self.label = server.label
        self._remote, self._bounds = Remote(server, bounds), bounds
        self._allowed, self._projects = allowed, projects
        self._room = asyncio.Semaphore(most)

    @asynccontextmanager
    async def open(self, principal: Principal) -> AsyncGenerator[Toolbox]:
        """Its tools. To other projects it is as unknown as any."""
        if self._projects is not None and payer(principal.project) not in self._projects:
            yield _Closed(_UNKNOWN)
            return
        try:
            await asyncio.wait_for(self._room.acquire(), self._bounds.connect_seconds)
        except TimeoutError:
            yield _Closed("as many answers use it as may")
            return
        try:
            async with self._remote.open(principal) as box:
                yield box if self._allowed is None else _Fewer(box, self._allowed)
        finally:
            self._room.release()


class Absent:
    """A source that is not there."""

    def __init__(self, label: str) -> None:
        self.label = label

    @asynccontextmanager
    async def open(self, principal: Principal) -> AsyncGenerator[Toolbox]:
        """No tools."""
        del principal
        yield _Closed(_UNKNOWN)


def source_of(server: McpServer, bounds: Bounds) -> Source:
    """Where the tools of a server come from that a caller names: from its address, or by its label
    from a program of the operator's.
    """
    if server.url:
        return Remote(server, bounds)
    return bounds.programs.get(server.label) or Absent(server.label)


class _Closed:
    """No tools, and why."""

    def __init__(self, fault: str) -> None:
        self.tools: Sequence[Tool] = ()
        self.fault = fault

    async def call(
        self,
        name: str,
        arguments: Mapping[str, object],
        principal: Principal,
        progress: Progress,
    ) -> Said:
        """Say so."""
        del name, arguments, principal, progress
        return Said.wrong(self.fault)


class _Fewer:
    """Some of the tools of another box."""

    def __init__(self, box: Toolbox, allowed: frozenset[str]) -> None:
        self.tools: Sequence[Tool] = [tool for tool in box.tools if tool.name in allowed]
        self.fault = box.fault
        self._box, self._allowed = box, allowed

    async def call(
        self,
        name: str,
        arguments: Mapping[str, object],
        principal: Principal,
        progress: Progress,
    ) -> Said:
        """Call one of them."""
        if name not in self._allowed:
            return Said.wrong(f"There is no tool {name!r}.")
        return await self._box.call(name, arguments, principal, progress)
