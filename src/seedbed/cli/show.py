"""How commands print: tables for people, JSON for programs, one sentence for errors.

Floor 6.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table

from seedbed.core.errors import SeedbedError

F = TypeVar("F", bound=Callable[..., object])

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


def json_option(command: F) -> F:
    """`--json`, which every command has."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(
        command
    )


def as_json(value: object) -> None:
    """Print a value for a program."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()
) -> None:
    """Print rows for a person; columns named in `right` hold numbers, the last one may wrap."""
    shown = Table(box=None, header_style="bold", pad_edge=False, show_header=any(columns))
    for at, column in enumerate(columns, start=1):
        justify = "right" if column in right else "left"
        last = at == len(columns)
        shown.add_column(column, justify=justify, no_wrap=not last, overflow="fold")
    for row in rows:
        shown.add_row(*row)
    OUT.print(shown)


def error(problem: SeedbedError, *, json_wanted: bool) -> None:
    """Print what went wrong and what to do."""
    if json_wanted:
        body = {"code": problem.code, "what": problem.what, "hint": problem.hint}
        click.echo(json.dumps({"error": body}, ensure_ascii=False), err=True)
        return
    ERR.print(f"[bold red]✗[/] {_plain(problem.what)}", soft_wrap=True)
    if problem.hint:
        ERR.print(f"  {_plain(problem.hint)}", soft_wrap=True)


def moment(epoch_microseconds: int) -> str:
    """A moment for a person: in UTC, to the second.

    >>> moment(1_800_000_000_000_000)
    '2027-01-15 08:00:00Z'
    """
    return f"{datetime.fromtimestamp(epoch_microseconds / 1e6, tz=UTC):%Y-%m-%d %H:%M:%SZ}"


def seconds(microseconds: int) -> str:
    """A duration for a person.

    >>> seconds(1_234_567)
    '1.23 s'
    """
    return f"{microseconds / 1e6:.2f} s"


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
