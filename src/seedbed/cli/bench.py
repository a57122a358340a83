"""`seedbed bench`: figures that the docs print, measured anew.

Floor 6.
"""

from datetime import UTC, datetime

import click
from rich.table import Table

from seedbed.bench.engines import Row, figures
from seedbed.cli import show
from seedbed.cli.house import House, pass_house


@click.group()
def bench() -> None:
    """Measure this house, always beside what it is compared with."""


@bench.command("engines")
@click.option("--turns", type=click.IntRange(1, 50), default=5, show_default=True, help="Pairs.")
@show.json_option
@pass_house
def engines(house: House, turns: int, *, as_json: bool) -> None:
    """What of a bare engine's speed is kept by our worker, for one stream and for sixteen."""
    with show.ERR.status("Starting") as status:
        rows = house.bench_engines(turns, status.update)
    if as_json:
        machine = house.machine
        show.as_json(
            {
                "bench": "engines",
                "on": f"{datetime.fromtimestamp(house.clock.wall(), tz=UTC):%Y-%m-%d}",
                "machine": f"{machine.architecture}, {machine.cores} cores",
                "model": house.serves[0],
                "turns": turns,
                "figures": figures(rows),
                "rows": [_row(row) for row in rows],
            }
        )
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("figure")
    for column in ("streams", "bare", "ours", "kept"):
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            f"engines.{row.engine}.{row.workload.name}",
            str(row.workload.streams),
            f"{row.rate(row.bare):.1f}",
            f"{row.rate(row.ours):.1f}",
            f"{row.kept:.3f}",
        )
    show.OUT.print(table)
    show.OUT.print("\nTokens for a second of the processor; kept: the median pair.", style="dim")


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
