"""Tools of a response: functions, tools that take any text, and those that a house itself runs.

Floor 6. A tool that takes any text is a function with one argument, `input`, for the model.
"""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from seedbed.api.openai.body import missing
from seedbed.api.openai.responses import searching, servers
from seedbed.api.openai.responses.searching import SearchTool
from seedbed.api.openai.responses.servers import ServerTool
from seedbed.api.openai.responses.wire import AskBody, ChosenTools
from seedbed.api.openai.wire import Name
from seedbed.core.ask import Tool, ToolPolicy
from seedbed.core.errors import FieldUnserved, RequestMalformed
from seedbed.core.value import value
from seedbed.tools.file_search import NAME

_T = TypeVar("_T", bound=msgspec.Struct)
_ANY_TEXT: Mapping[str, object] = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
    "additionalProperties": False,
}


class FunctionTool(msgspec.Struct):
    """A function that may be called."""

    name: Name
    description: str | None = None
    parameters: dict[str, object] | None = None
    strict: bool | None = None


class CustomFormat(msgspec.Struct):
    """What a tool's text looks like."""

    type: str = "text"


class CustomTool(msgspec.Struct):
    """A tool that takes any text."""

    name: Name
    description: str | None = None
    format: CustomFormat | None = None


@value
class Tools:
    """The tools as the model has them, which of them take any text, how a response tells them, and
    what else this house runs: tools of servers, and a search of files.
    """

    tools: tuple[Tool, ...]
    custom: frozenset[str]
    told: tuple[Mapping[str, object], ...]
    servers: tuple[ServerTool, ...] = ()
    search: SearchTool | None = None

    @property
    def are_run(self) -> bool:
        """Whether this house runs some of them."""
        return bool(self.servers or self.search)


def read_tools(body: AskBody) -> Tools:
    """The tools of a body.

    Raises:
        RequestMalformed: one lacks a field, or has one of a wrong type.
        FieldUnserved: the house has none of that type.
    """
    tools: list[Tool] = []
    told: list[Mapping[str, object]] = []
    custom: set[str] = set()
    elsewhere: list[ServerTool] = []
    searches: list[SearchTool] = []
    for at, said in enumerate(body.tools or ()):
        match said.get("type"):
            case "function":
                tool = _read(said, FunctionTool, at)
                tools.append(_function(tool))
                told.append({"type": "function", **msgspec.to_builtins(tool)})
            case "custom":
                tools.append(_custom(_read(said, CustomTool, at), at))
                custom.add(tools[-1].name)
                told.append(said)
            case "mcp":
                elsewhere.append(server := _read(said, ServerTool, at))
                servers.check(server, f"tools[{at}]")
                told.append(servers.told(server))
            case "file_search":
                searches.append(_search(said, at, is_first=not searches))
                told.append(said)
            case None:
                raise missing(f"tools[{at}].type", "a tool is of some type")
            case kind:
                why = "this house has no such tool of its own."
                raise FieldUnserved(f"tools[{at}].type", value=repr(kind), because=why)
    apart = servers.once_each(elsewhere)
    return Tools(tuple(tools), frozenset(custom), tuple(told), apart, next(iter(searches), None))


def read_policy(body: AskBody, tools: Tools) -> ToolPolicy:
    """Whether a tool may or must be called, and which.

    Raises:
        RequestMalformed: it names one that was not sent.
        FieldUnserved: it wants one of the house's.
    """
    parallel = body.parallel_tool_calls is not False
    match body.tool_choice:
        case None:
            return ToolPolicy(parallel=parallel)
        case ChosenTools(type="function" | "custom", name=name):
            return ToolPolicy("required", _known((name,), tools), parallel)
        case ChosenTools(type="allowed_tools", mode=mode, tools=allowed):
            names = tuple(one.name for one in allowed or ())
            return ToolPolicy(mode or "auto", _known(names, tools), parallel)
        case ChosenTools(type="file_search") if tools.search and not _has(tools, NAME):
            return ToolPolicy("required", (NAME,), parallel)
        case ChosenTools(type=kind):
            why = "it is no tool that was sent."
            raise FieldUnserved("tool_choice.type", value=repr(kind), because=why)
        case mode:
            return ToolPolicy(mode, (), parallel)


def _function(tool: FunctionTool) -> Tool:
    schema = tool.parameters or {}
    return Tool(tool.name, tool.description or "", schema, strict=bool(tool.strict))


def _custom(tool: CustomTool, at: int) -> Tool:
    if tool.format is not None and tool.format.type != "text":
        why = "a tool takes any text, and no grammar."
        raise FieldUnserved(f"tools[{at}].format", value=repr(tool.format.type), because=why)
    return Tool(tool.name, tool.description or "", _ANY_TEXT)


def _search(said: Mapping[str, object], at: int, *, is_first: bool) -> SearchTool:
    tool = _read(said, SearchTool, at)
    searching.check(tool, f"tools[{at}]")
    if not is_first:
        raise RequestMalformed(
            "Two tools search files.",
            hint="Name all stores in the 'vector_store_ids' of one.",
            field=f"tools[{at}]",
        )
    return tool


def _has(tools: Tools, name: str) -> bool:
    """Whether the caller has a tool of that name, by which a model would call the wrong one."""
    return any(tool.name == name for tool in tools.tools)


def _known(names: tuple[str | None, ...], tools: Tools) -> tuple[str, ...]:
    known = {tool.name for tool in tools.tools}
    named = tuple(name for name in names if name in known)
    if len(named) < len(names) or not names:
        raise RequestMalformed(
            f"Field 'tool_choice' names {', '.join(map(str, names)) or 'no tool'}; sent were "
            f"{', '.join(sorted(known)) or 'none'}.",
            hint="Name tools that are in 'tools'.",
            field="tool_choice",
        )
    return tuple(map(str, named))


def _read(said: Mapping[str, object], kind: type[_T], at: int) -> _T:
    try:
        return msgspec.convert(said, kind)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at ")
        path = f"tools[{at}]" + place.strip("`").removeprefix("$")
        raise RequestMalformed(
            f"Field {path!r}: {what}.", hint="A tool has a type and a name.", field=path
        ) from error
