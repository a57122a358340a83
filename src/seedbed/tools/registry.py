"""The tools of this house, by their names.

Floor 5.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext

from seedbed.core.access import Principal
from seedbed.core.ask import Tool
from seedbed.core.errors import SeedbedError
from seedbed.tools.tool import HouseTool, Progress, Said

HOUSE = "seedbed"
"""What this house is called as a server of tools."""
PRINCIPAL = "seedbed.principal"
"""Where whoever calls stands in a request's ASGI scope."""


class Registry:
    """Finds them and calls them; as a source it is always open."""

    label = HOUSE
    fault = ""

    def __init__(self, tools: Iterable[HouseTool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    @property
    def tools(self) -> tuple[Tool, ...]:
        """All of them, as a model is told of them."""
        return tuple(
            Tool(tool.name, tool.description, tool.schema) for tool in self._tools.values()
        )

    def open(self, principal: Principal) -> "AbstractAsyncContextManager[Registry]":
        """The same, for whoever takes tools from several places."""
        del principal  # each call tells it
        return nullcontext(self)

    def has(self, name: str) -> bool:
        """Whether there is one of that name."""
        return name in self._tools

    async def call(
        self,
        name: str,
        arguments: Mapping[str, object],
        principal: Principal,
        progress: Progress,
    ) -> Said:
        """Call one. What it raises on purpose becomes a sentence for whoever called."""
        if name not in self._tools:
            known = ", ".join(self._tools)
            return Said.wrong(f"There is no tool {name[:64]!r} here. Call one of {known}.")
        try:
            return await self._tools[name].call(arguments, principal, progress)
        except SeedbedError as error:
            return Said.wrong(error)
