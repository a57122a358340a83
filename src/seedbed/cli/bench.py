"""`seedbed bench`: figures that the docs print, measured anew.

Floor 6.
"""

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from seedbed import __version__
from seedbed.bench.engines import Row, figures
from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.kit import atomic

_QUICK = 1
_MEASURED = ("openvino-genai", "xllamacpp")
"""Packages whose versions stand beside the figures."""


@click.group()
def bench() -> None:
    """Measure this house, always beside what it is compared with."""


@bench.command("engines")
@click.option("--turns", type=click.IntRange(1, 50), default=5, show_default=True, help="Pairs.")
@click.option("--quick", is_flag=True, help="One pair alone: the same figures, less sure.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write them to FILE, too.")
@pass_house
def engines(house: House, turns: int, *, quick: bool, file: Path | None) -> None:
    """What of a bare engine's speed is kept by our worker, for one stream and for sixteen."""
    turns = _QUICK if quick else turns
    with show.ERR.status("Starting") as status:
        rows = house.bench_engines(turns, status.update)
    show.table(
        ("figure", "streams", "bare", "ours", "kept"),
        [
            (
                f"engines.{row.engine}.{row.workload.name}",
                str(row.workload.streams),
                f"{row.rate(row.bare):.1f}",
                f"{row.rate(row.ours):.1f}",
                f"{row.kept:.3f}",
            )
            for row in rows
        ],
        right=("streams", "bare", "ours", "kept"),
    )
    show.OUT.print("\nTokens for a second of the processor; kept: the median pair.", style="dim")
    if file:
        told = json.dumps(_told(house, rows, turns), indent=2) + "\n"
        atomic.write(file, told.encode())


def _told(house: House, rows: Sequence[Row], turns: int) -> dict[str, object]:
    machine = house.machine
    return {
        "figures": figures(rows),
        "runs": {
            "on": f"{datetime.fromtimestamp(house.clock.wall(), tz=UTC):%Y-%m-%d}",
            "model": house.serves[0],
            "turns": turns,
            "rows": [_row(row) for row in rows],
        },
        "machine": f"{machine.system} on {machine.architecture}, {machine.cores} cores",
        "versions": {"seedbed": __version__, "python": platform.python_version()} | _versions(),
    }


def _versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for package in _MEASURED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def _row(row: Row) -> dict[str, object]:
    return {
        "engine": row.engine,
        "workload": row.workload.name,
        "streams": row.workload.streams,
        "bare_tokens_per_cpu_second": round(row.rate(row.bare), 1),
        "ours_tokens_per_cpu_second": round(row.rate(row.ours), 1),
        "bare_tokens_per_second": round(row.speed(row.bare), 1),
        "ours_tokens_per_second": round(row.speed(row.ours), 1),
        "kept": round(row.kept, 3),
    }
