"""How commands print: tables for people, JSON for programs, one sentence for errors.

Floor 6.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from seedbed.core.errors import SeedbedError

F = TypeVar("F", bound=Callable[..., object])

OUT = Console(highlight=False, emoji=False)
ERR = Console(stderr=True, highlight=False, emoji=False)
_LONGEST_LINE = 10_000


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write one as in 2026-11-30.", param, ctx)


DAY = _Day()
"""An option's value that is a day."""


def json_option(command: F) -> F:
    """`--json`, which every command has."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(
        command
    )


def as_json(value: object) -> None:
    """Print a value for a program."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[str] = ()
) -> None:
    """Print rows for a person; columns named in `right` hold numbers."""
    OUT.print(laid(columns, rows, right=right), crop=False)


def laid(
    columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, right: Sequence[str] = ()
) -> Table:
    """Rows as they are to be printed.

    Nothing is cut off: on a terminal words fold, in a pipe a line is as long as it must be.
    """
    shown = Table(box=None, header_style="bold", pad_edge=False, show_header=any(columns))
    for column in columns:
        justify = "right" if column in right else "left"
        shown.add_column(column, justify=justify, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    if not OUT.is_terminal:
        shown.width = OUT.measure(shown, options=OUT.options.update_width(_LONGEST_LINE)).maximum
    return shown


def fitted(
    columns: Sequence[str],
    rows: Sequence[Sequence[str | Text]],
    *,
    left_out: Sequence[str],
    right: Sequence[str] = (),
) -> Table:
    """Rows as `laid` has them; a terminal that is too narrow goes without `left_out`, in order."""
    left = list(columns)
    shown = laid(columns, rows, right=right)
    for name in left_out:
        if not OUT.is_terminal or OUT.measure(shown).maximum < OUT.width:
            break
        left.remove(name)
        places = [columns.index(column) for column in left]
        shown = laid(left, [[row[place] for place in places] for row in rows], right=right)
    return shown


def say(words: str, *, on: Console | None = None) -> None:
    """Print a sentence, to standard error if nothing else is said. A terminal folds it at words."""
    console = on or ERR
    console.print(words, markup=False, soft_wrap=not console.is_terminal)


def error(problem: SeedbedError, *, json_wanted: bool) -> None:
    """Print what went wrong and what to do."""
    if json_wanted:
        body = {"code": problem.code, "what": problem.what, "hint": problem.hint}
        click.echo(json.dumps({"error": body}, ensure_ascii=False), err=True)
        return
    _indented(Text("✗", "bold red"), problem.what)
    if problem.hint:
        _indented(Text(" "), problem.hint)


def _indented(sign: Text, words: str) -> None:
    """Print a sentence behind a sign. On a terminal it folds at words, and stays behind it."""
    room = ERR.width - 2 if ERR.is_terminal else _LONGEST_LINE
    for line in Text(words).wrap(ERR, room, overflow="fold"):
        line.rstrip()
        ERR.print(Text.assemble(sign, " ", line), soft_wrap=True)
        sign = Text(" ")


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


def size(count: int) -> str:
    """A size for a person.

    >>> [size(count) for count in (612, 20_857, 98_362_432, 1_234_567_890)]
    ['612 bytes', '21 kB', '98 MB', '1.2 GB']
    """
    if count < 1e3:
        return f"{count} bytes"
    if count < 1e6:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e6:.0f} MB" if count < 1e9 else f"{count / 1e9:,.1f} GB"


def program() -> str:
    """How the caller would name this program again."""
    called = Path(sys.argv[0])
    if called.name != "seedbed" or shutil.which("seedbed") == str(called.absolute()):
        return "seedbed"
    return os.path.relpath(called)
