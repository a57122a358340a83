"""The operator's own servers of tools, as `[mcp_servers.LABEL]` in the settings' file has them.

Floor 7.
"""

from collections.abc import Callable, Mapping
from typing import Annotated

import msgspec

from seedbed.core.errors import SettingRefused
from seedbed.tools.programs import Program
from seedbed.tools.remote import Bounds, McpServer

_Word = Annotated[str, msgspec.Meta(min_length=1)]


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    command: _Word
    arguments: tuple[str, ...] = ()
    environment: dict[_Word, str] = {}
    tools: frozenset[str] | None = None
    projects: frozenset[str] | None = None
    most: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4


def programs_of(
    tables: Mapping[str, object], secret: Callable[[str], str], bounds: Bounds
) -> dict[str, Program]:
    """Each by its label. The values of `environment` are references that `secret` reads.

    Raises:
        SettingRefused: a table cannot be understood, or a secret cannot be had.
    """
    return {label: _program(label, table, secret, bounds) for label, table in tables.items()}


def _program(label: str, table: object, secret: Callable[[str], str], bounds: Bounds) -> Program:
    try:
        told = msgspec.convert(table, _Table)
    except msgspec.ValidationError as error:
        raise SettingRefused(
            f"The table [mcp_servers.{label}] cannot be understood: {error}.",
            hint="It has `command`, and may have `arguments`, `environment`, `tools`, `projects` "
            "and `most`.",
        ) from error
    environment = {name: secret(reference) for name, reference in told.environment.items()}
    command = (told.command, *told.arguments)
    server = McpServer(label, command=command, environment=environment)
    return Program(server, bounds, allowed=told.tools, projects=told.projects, most=told.most)
