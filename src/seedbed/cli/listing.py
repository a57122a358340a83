"""Jobs as a table for people: a row each, with a bar.

Floor 6.
"""

from collections.abc import Callable, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from seedbed.cli import show, telling
from seedbed.core.job import Job

_CELLS: Mapping[str, Callable[[Job, int], str | Text]] = {
    "job": lambda job, _: job.id,
    "kind": lambda job, _: job.kind,
    "state": lambda job, _: telling.state(job),
    "": lambda job, _: telling.bar(job),
    "done": lambda job, _: telling.counted(job.progress),
    "spent": lambda job, _: str(job.spent),
    "when": telling.when,
}
_RIGHT = ("done", "spent")
_LEFT_OUT = ("when", "kind", "spent", "")
"""What a narrow terminal has no room for, the first first; `jobs show` and `--json` tell it."""


def jobs_table(jobs: Sequence[Job], now: int) -> Table:
    """The table, in a line for each job where there is room; `now` is in epoch microseconds."""
    rows = [[cell(job, now) for cell in _CELLS.values()] for job in jobs]
    return show.fitted(tuple(_CELLS), rows, left_out=_LEFT_OUT, right=_RIGHT)


def print_jobs(jobs: Sequence[Job], now: int) -> None:
    """Print the table."""
    show.OUT.print(jobs_table(jobs, now), crop=False)
