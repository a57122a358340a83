"""Servers of tools that a response may call: where each is, and which of its tools need a word.

Floor 6. What opens a server is held for the one ask: it is neither kept nor told again, and of its
address only the host is. Dropped are `server_description`, `allowed_callers` and `defer_loading`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from seedbed.api.openai.body import Refused, refuse
from seedbed.api.openai.wire import Name, Secret
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.tools.menu import Offer
from seedbed.tools.programs import source_of
from seedbed.tools.remote import Bounds, McpServer

Header: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")]

_UNSERVED: Refused = {
    "connector_id": ((), "only servers that the request gives the address of are called"),
    "tunnel_id": ((), "only servers that the request gives the address of are called"),
}
_HINTS_UNREAD = "what a server says of its own tools is not relied on."


class ToolFilter(msgspec.Struct):
    """Some tools of a server."""

    tool_names: list[str] | None = None
    read_only: bool | None = None


class Approval(msgspec.Struct):
    """Which tools need somebody's word before they are called, or which need none."""

    always: ToolFilter | None = None
    never: ToolFilter | None = None


class ServerTool(msgspec.Struct):
    """The tools of a server; without `require_approval` each call needs somebody's word."""

    server_label: Name
    server_url: str | None = None
    connector_id: str | None = None
    tunnel_id: str | None = None
    authorization: Secret | None = None
    headers: dict[Header, Secret] | None = None
    allowed_tools: list[str] | ToolFilter | None = None
    require_approval: Literal["always", "never"] | Approval | None = None


def check(server: ServerTool, where: str) -> None:
    """See that a server can be called; `where` names its field.

    Raises:
        FieldUnserved: it wants what is not served.
    """
    refuse(server, _UNSERVED)
    approval = server.require_approval
    filters = [server.allowed_tools]
    if isinstance(approval, Approval):
        filters += [approval.always, approval.never]
    if any(isinstance(one, ToolFilter) and one.read_only is not None for one in filters):
        raise FieldUnserved(f"{where}.read_only", value="true", because=_HINTS_UNREAD)


def told(server: ServerTool) -> Mapping[str, object]:
    """A server as its response tells it."""
    shown: dict[str, object] = msgspec.to_builtins(server)
    place = urlsplit(server.server_url or "")
    named = server.server_url and f"{place.scheme}://{place.netloc.rpartition('@')[2]}/<redacted>"
    hidden = {"server_url": named, "headers": None, "authorization": None}
    return {"type": "mcp"} | shown | hidden


def offers(servers: Sequence[ServerTool], bounds: Bounds) -> list[Offer]:
    """What is offered of the servers; they are held to the bounds."""
    return [
        Offer(source_of(_server(one), bounds), _allowed(one), asks_for(one.require_approval))
        for one in servers
    ]


def once_each(servers: Sequence[ServerTool]) -> tuple[ServerTool, ...]:
    """The servers, none of which has the label of another.

    Raises:
        RequestMalformed: one has.
    """
    labels = [one.server_label for one in servers]
    for label in labels:
        if labels.count(label) > 1:
            raise RequestMalformed(
                f"Two servers of tools have the label {label!r}.",
                hint="Give each a 'server_label' of its own.",
                field="tools",
            )
    return tuple(servers)


def asks_for(approval: Literal["always", "never"] | Approval | None) -> Callable[[str], bool]:
    """Whether a tool of that name needs somebody's word.

    Where tools are named that need none, all others do; where only those that need it, no other.
    """
    if not isinstance(approval, Approval):
        return lambda _: approval != "never"
    always, never = _names(approval.always), _names(approval.never)
    others = approval.never is not None or approval.always is None
    return lambda name: name in always or (others and name not in never)


def _server(one: ServerTool) -> McpServer:
    headers = dict(one.headers or {})
    if one.authorization:
        headers["Authorization"] = f"Bearer {one.authorization}"
    return McpServer(one.server_label, one.server_url or "", headers)


def _allowed(one: ServerTool) -> frozenset[str] | None:
    allowed = one.allowed_tools
    if isinstance(allowed, ToolFilter):
        allowed = allowed.tool_names
    return None if allowed is None else frozenset(allowed)


def _names(told: ToolFilter | None) -> frozenset[str]:
    return frozenset(told.tool_names or ()) if told else frozenset()
