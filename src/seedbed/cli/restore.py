"""`seedbed restore`.

Floor 6.
"""

from pathlib import Path

import click

from seedbed.cli import show
from seedbed.cli.backup import bars, checks_told, end, manifest_told, moment, print_checks, summed
from seedbed.cli.house import House, pass_house
from seedbed.store import restore as restoring
from seedbed.store.premises import SETTINGS
from seedbed.store.rehearsal import rehearse
from seedbed.store.restore import Restored
from seedbed.store.upgrading import go_back


@click.command()
@click.argument("source", metavar="FROM", type=click.Path(path_type=Path), required=False)
@click.option("--rehearse", "tries", is_flag=True, help="Only where it does no harm, and tell.")
@click.option("--replace", is_flag=True, help="Put the house that is there aside.")
@click.option("--back", is_flag=True, help="Go back to the database from before the last upgrade.")
@show.json_option
@pass_house
def restore(
    house: House, *, source: Path | None, tries: bool, replace: bool, back: bool, as_json: bool
) -> None:
    """Restore the house from the backup FROM. Jobs that were running wait to be taken up."""
    if back and not (source or tries or replace):
        _go_back(house, as_json=as_json)
    elif source is None or back:
        raise click.UsageError("Restore what? Name a backup, or give --back alone.")
    elif tries:
        _rehearse(house, source.absolute(), as_json=as_json)
    else:
        _restore(house, source.absolute(), replace=replace, as_json=as_json)


def _restore(house: House, source: Path, *, replace: bool, as_json: bool) -> None:
    settled = house.home if (house.home / SETTINGS).exists() else source
    with bars(quiet=as_json) as told:
        premises = house.premises(settled)
        done = restoring.restore(source, premises, replace=replace, now=moment(house), told=told)
    if as_json:
        beside = {"restored": str(house.home), "waiting": done.jobs, "aside": done.aside}
        show.as_json(beside | manifest_told(done.manifest))
    else:
        _print(house, done)


def _print(house: House, done: Restored) -> None:
    taken = show.moment(done.manifest.taken)
    lines = [f"{house.home} is as it was at {taken}: {summed(done.manifest)}."]
    if done.jobs:
        lines.append(f"Jobs that were running and wait now: {done.jobs:,}.")
    if done.aside:
        lines.append(f"What was there before is in {done.aside}.")
    models = ", ".join(one.model for one in done.manifest.models)
    lines.append(f"Start it with `{show.program()} up`{models and f', which brings {models}'}.")
    for line in lines:
        show.say(line, on=show.OUT)


def _rehearse(house: House, source: Path, *, as_json: bool) -> None:
    with bars(quiet=as_json) as told:
        checks = rehearse(source, now=moment(house), told=told)
    is_right = all(check.is_right for check in checks)
    if as_json:
        show.as_json({"backup": str(source), "is_right": is_right, "checks": checks_told(checks)})
    else:
        print_checks(checks)
    end(is_right=is_right)


def _go_back(house: House, *, as_json: bool) -> None:
    copy, aside = go_back(house.premises(house.home), now=moment(house))
    if as_json:
        show.as_json({"restored": str(copy), "aside": str(aside)})
        return
    show.say(
        f"The database is what it was before the upgrade, from {copy.name}. What was there before "
        f"is in {aside}. Go on with the Seedbed from before: this one would upgrade it again.",
        on=show.OUT,
    )
