"""`seedbed bench simulate`: a trace of requests over a fleet that is only described.

Floor 6.
"""

import json
from pathlib import Path

import click

from seedbed.bench.simulate import fleet as fleets
from seedbed.bench.simulate import mixed, telling, trace
from seedbed.bench.simulate.judging import Judged, judge
from seedbed.bench.simulate.replay import RANDOM, replay
from seedbed.cli import show
from seedbed.core.errors import SettingRefused
from seedbed.core.policy import Policy
from seedbed.kit import atomic

_POLICIES = (RANDOM, Policy.CHEAPEST.value, Policy.FASTEST.value, Policy.BALANCED.value)
_file = click.Path(path_type=Path)


@click.command("simulate")
@click.argument("path", metavar="TRACE", type=_file)
@click.option("--fleet", metavar="FILE", type=_file, help="The fleet that it is replayed over.")
@click.option(
    "--policy",
    "policies",
    type=click.Choice(_POLICIES),
    multiple=True,
    help="By what a deployment is chosen; each in turn, if none is named.",
)
@click.option("--make", type=click.IntRange(1), metavar="N", help="Write N mixed requests first.")
@click.option("--force", is_flag=True, help="Write over a file that is there, with --make.")
@click.option(
    "--rate",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Requests a second, with --make.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chance, made repeatable.")
@click.option("--json", "file", type=_file, help="Write the figures to FILE, too.")
def simulate(  # noqa: PLR0913 - each is an option
    path: Path,
    fleet: Path | None,
    policies: tuple[str, ...],
    *,
    make: int | None,
    force: bool,
    rate: float,
    seed: int,
    file: Path | None,
) -> None:
    """What a fleet would have made of the requests in TRACE: cost, speed, and who was refused.

    Chosen is by the code that chooses in a server; only engines and time are simulated.
    """
    if not (fleet or make):
        raise click.UsageError("Name the fleet with --fleet, or have a trace made with --make.")
    if make:
        if path.exists() and not force:
            raise SettingRefused(
                f"There is a file {path} already.",
                hint="Name another, or write over it with --force.",
            )
        trace.write(path, mixed.make(make, seed=seed, rate=rate))
        show.say(f"Wrote {make:,} requests to {path}.")
    if fleet is None:
        return
    requests, groups = trace.read(path), fleets.read(fleet)
    judged: list[Judged] = []
    with show.ERR.status("Starting") as status:
        for policy in policies or _POLICIES:
            status.update(f"Replaying {len(requests):,} requests: {policy}")
            judged.append(judge(replay(requests, groups, policy, seed=seed)))
    show.table(telling.COLUMNS, map(telling.row, judged), right=telling.COLUMNS[1:])
    if file:
        told = {"requests": len(requests), "seed": seed, "policies": telling.figures(judged)}
        atomic.write(file, (json.dumps(told, indent=2) + "\n").encode())
