"""Items of what this house did itself for an answer: tools that it found, calls that it made,
searches.

Floor 6.
"""

from seedbed.api.openai.responses import searching
from seedbed.api.openai.responses.items import Kept
from seedbed.core.ask import Tool
from seedbed.core.event import ToolPhase, ToolRan, ToolsListed


def told(event: ToolsListed | ToolRan, status: str, *, shows: bool) -> Kept:
    """All of an item but its id and its type; the tools of a server are told at its end, and with
    `shows` what a search found.
    """
    if isinstance(event, ToolsListed):
        tools = [] if status == "in_progress" else [_tool(tool) for tool in event.tools]
        return {"server_label": event.server, "tools": tools, "error": None}
    if not event.server:
        return searching.told(event, status, shows=shows)
    if event.phase is ToolPhase.ASKED:
        return {"server_label": event.server, "name": event.name, "arguments": event.arguments}
    return _call(event, status)


def _call(event: ToolRan, status: str) -> Kept:
    """A call, with what it brought where that is known."""
    failed = event.phase is ToolPhase.FAILED
    said = [{"type": "text", "text": event.error}]
    return {
        "status": "failed" if failed else status,
        "approval_request_id": event.approval or None,
        "server_label": event.server,
        "name": event.name,
        "arguments": "" if status == "in_progress" else event.arguments,
        "output": event.output if event.phase is ToolPhase.DONE else None,
        "error": {"type": "mcp_tool_execution_error", "content": said} if failed else None,
    }


def _tool(tool: Tool) -> Kept:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": tool.schema,
        "annotations": None,
    }
