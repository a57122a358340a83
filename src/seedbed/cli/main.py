"""`seedbed`: the group of all commands, and how their errors end.

Floor 6.
"""

import importlib
import sys
from collections.abc import Callable
from typing import cast

import click
from click.exceptions import NoSuchCommand

from seedbed import __version__
from seedbed.cli import show
from seedbed.cli.house import House
from seedbed.core.errors import SeedbedError

_FILES = {
    "up": "server",
    "down": "server",
    "serve": "server",
    "chat": "chat",
    "models": "models",
    "keys": "keys",
    "usage": "usage",
    "prices": "prices",
    "audit": "audit",
    "backup": "backup",
    "restore": "restore",
    "artifacts": "artifacts",
    "settings": "settings",
    "doctor": "doctor",
    "bench": "bench",
    "batch": "batch",
    "consents": "consents",
    "jobs": "jobs",
    "route": "route",
    "scene": "scene",
    "worker": "worker",
    "mcp": "mcp",
    "image": "image",
    "video": "video",
}
"""Every command, and the file beside this one that it is in."""


class Commands(click.Group):
    """Imports a command when it is called, so that the server carries nothing of the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the alphabet."""
        return sorted(_FILES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, if there is one."""
        if cmd_name not in _FILES:
            return None
        file = importlib.import_module(f"seedbed.cli.{_FILES[cmd_name]}")
        return cast(click.Command, getattr(file, cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words begin with; one that is not there is told with its likes."""
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as unknown:
            raise NoSuchCommand(unknown.command_name, possibilities=_FILES, ctx=ctx) from None


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="seedbed")
def group() -> None:
    """An AI cloud that you run yourself."""


def run(build: Callable[[], House]) -> None:
    """Run the command that the program was called with."""
    try:
        group(obj=build, prog_name="seedbed")
    except SeedbedError as problem:
        show.error(problem, json_wanted="--json" in sys.argv)
        sys.exit(1)
