"""`seedbed backup`, and how backups are told.

Floor 6.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.artifact import is_hash
from seedbed.core.money import Amount
from seedbed.store.backup import take
from seedbed.store.manifest import Manifest
from seedbed.store.premises import Told
from seedbed.store.rehearsal import Check, rehearse


@click.command()
@click.argument("to", type=click.Path(path_type=Path))
@click.option("--rehearse", "tries", is_flag=True, help="Restore it at once where it does no harm.")
@show.json_option
@pass_house
def backup(house: House, to: Path, *, tries: bool, as_json: bool) -> None:
    """Back the house up into a new folder TO, while it serves.

    The folder has the keys and prices of the house, its ledger, jobs and artifacts: it holds
    secrets. The weights of models are not in it.
    """
    to, now = to.absolute(), moment(house)
    with bars(quiet=as_json) as told:
        manifest = take(house.premises(house.home), to, now=now, told=told)
        checks = rehearse(to, now=now, told=told) if tries else []
    if as_json:
        show.as_json({"backup": str(to), **manifest_told(manifest), "checks": checks_told(checks)})
    else:
        show.say(f"{to}: {summed(manifest)}.", on=show.OUT)
        for one, why in manifest.damaged.items():
            what = "artifact" if is_hash(one) else "document"
            show.say(f"The {what} {one} is not in it: {why}.")
        print_checks(checks)
    end(is_right=not manifest.damaged and all(check.is_right for check in checks))


@contextmanager
def bars(*, quiet: bool) -> Generator[Told]:
    """A bar for each thing that is done; none where a program reads."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    shown = Progress(*columns, TimeRemainingColumn(), console=show.ERR, disable=quiet)
    tasks: dict[str, TaskID] = {}

    def told(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = shown.add_task(stage, total=total)
        shown.update(tasks[stage], completed=done, total=total)

    with shown:
        yield told


def print_checks(checks: Sequence[Check]) -> None:
    """Print what a rehearsal found, but for tables that were and are empty; then the verdict."""
    if not checks:
        return
    right, wrong = Text("as it should be", "green"), Text("amiss", "bold red")
    rows = [(c.what, c.found, right if c.is_right else wrong) for c in checks if c.found != "0"]
    show.table(("checked", "found", ""), rows)
    amiss = sum(not check.is_right for check in checks)
    verdict = f"{amiss} amiss: do not rely on this backup." if amiss else "The backup is sound."
    show.OUT.print(f"\n{verdict}", markup=False)


def checks_told(checks: Sequence[Check]) -> list[dict[str, object]]:
    """What a rehearsal found, as JSON has it."""
    return [{"what": c.what, "found": c.found, "is_right": c.is_right} for c in checks]


def summed(manifest: Manifest) -> str:
    """What is in a backup, in a line."""
    rows = manifest.rows
    spent = ", ".join(str(Amount(micros, name)) for name, micros in manifest.spent.items())
    return (
        f"{rows.get('entries', 0):,} entries over {spent or 'nothing'}, {rows.get('jobs', 0):,} "
        f"jobs, {manifest.artifacts:,} artifacts, {show.size(manifest.bytes)}"
    )


def manifest_told(manifest: Manifest) -> dict[str, object]:
    """What is in a backup, as JSON has it."""
    return {
        "taken": show.moment(manifest.taken),
        "seedbed": manifest.seedbed,
        "shape": manifest.shape,
        "database": manifest.database,
        "rows": manifest.rows,
        "spent": {name: Amount(spent, name).decimal for name, spent in manifest.spent.items()},
        "artifacts": manifest.artifacts,
        "bytes": manifest.bytes,
        "damaged": manifest.damaged,
        "models": [one.model for one in manifest.models],
    }


def moment(house: House) -> int:
    """Now, in epoch microseconds."""
    return round(house.clock.wall() * 1e6)


def end(*, is_right: bool) -> None:
    """End with a status that tells a program what a table tells a person."""
    if not is_right:
        click.get_current_context().exit(1)
