"""`seedbed`: the group of all commands, and how their errors end.

Floor 6.
"""

import sys
from collections.abc import Callable

import click

from seedbed import __version__
from seedbed.cli import show
from seedbed.cli.bench import bench
from seedbed.cli.chat import chat
from seedbed.cli.doctor import doctor
from seedbed.cli.house import House
from seedbed.cli.keys import keys
from seedbed.cli.models import models
from seedbed.cli.server import down, serve, up
from seedbed.cli.settings import settings
from seedbed.cli.usage import usage
from seedbed.core.errors import SeedbedError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="seedbed")
def group() -> None:
    """An AI cloud that you run yourself."""


for _command in (up, down, serve, chat, models, keys, usage, settings, doctor, bench):
    group.add_command(_command)


def run(build: Callable[[], House]) -> None:
    """Run the command that the program was called with."""
    try:
        group(obj=build, prog_name="seedbed")
    except SeedbedError as problem:
        show.error(problem, json_wanted="--json" in sys.argv)
        sys.exit(1)
