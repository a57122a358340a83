"""Servers of tools that a message may call: where each is, and which of its tools may be called.

Floor 6. What opens a server is held for the one request, and told to nobody else. Dropped is
`defer_loading`. The answer tells no `mcp_tool_listing`: a server is asked for its tools each time.
"""

from collections.abc import Container, Mapping

from seedbed.api.anthropic import wire
from seedbed.api.openai.body import missing
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.value import value
from seedbed.tools.menu import Offer
from seedbed.tools.programs import source_of
from seedbed.tools.remote import Bounds, McpServer

TOOLSET = "mcp_toolset"


@value
class Enabled:
    """The names of tools that may be called: as each is told, else as all are."""

    each: Mapping[str, bool]
    others: bool = True

    def __contains__(self, name: object) -> bool:
        """Whether a tool of that name may be."""
        return self.each.get(str(name), self.others)


def offers(body: wire.CountBody, bounds: Bounds) -> list[Offer]:
    """What is offered of the servers; they are held to the bounds.

    Raises:
        RequestMalformed: a toolset is of no server, or two are of one.
        FieldUnserved: a toolset tells what tools there are.
    """
    servers = body.mcp_servers or []
    toolsets = _toolsets(body)
    if unknown := toolsets.keys() - {one.name for one in servers}:
        raise _mismatch(f"has a toolset of {min(unknown)!r}, which is not in 'mcp_servers'")
    if len({one.name for one in servers}) < len(servers):
        raise _mismatch("goes with two servers of one name in 'mcp_servers'")
    return [
        Offer(source_of(_server(one), bounds), _allowed(one, toolsets.get(one.name)))
        for one in servers
    ]


def _toolsets(body: wire.CountBody) -> dict[str, wire.ToolSpec]:
    found: dict[str, wire.ToolSpec] = {}
    for at, spec in enumerate(body.tools or ()):
        if spec.type != TOOLSET:
            continue
        where = f"tools[{at}]"
        if spec.mcp_server_name is None:
            raise missing(f"{where}.mcp_server_name", "a toolset is of a server")
        if spec.tools is not None:
            because = "a server is asked for its tools each time."
            raise FieldUnserved(f"{where}.tools", value="[...]", because=because)
        if spec.mcp_server_name in found:
            raise _mismatch(f"has two toolsets of {spec.mcp_server_name!r}")
        found[spec.mcp_server_name] = spec
    return found


def _server(one: wire.ServerSpec) -> McpServer:
    token = one.authorization_token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return McpServer(one.name, one.url or "", headers)


def _allowed(one: wire.ServerSpec, toolset: wire.ToolSpec | None) -> Container[str] | None:
    """Which tools may be called: by the toolset where there is one, else by the server's words."""
    if toolset is not None:
        others = _is_enabled(toolset.default_config, usual=True)
        configs = toolset.configs or {}
        each = {name: _is_enabled(said, usual=others) for name, said in configs.items()}
        return Enabled(each, others)
    told = one.tool_configuration
    if told is None:
        return None
    if told.enabled is False:
        return frozenset[str]()
    return None if told.allowed_tools is None else frozenset(told.allowed_tools)


def _is_enabled(told: wire.ToolUse | None, *, usual: bool) -> bool:
    return usual if told is None or told.enabled is None else told.enabled


def _mismatch(what: str) -> RequestMalformed:
    return RequestMalformed(
        f"Field 'tools' {what}.",
        hint="Name each server once in 'mcp_servers', and in one 'mcp_toolset' at most.",
        field="tools",
    )
