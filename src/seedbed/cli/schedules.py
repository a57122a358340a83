"""`seedbed jobs schedules` and `seedbed jobs schedule`: jobs that are submitted by the clock.

Floor 6.
"""

from typing import IO, Any

import click
import msgspec

from seedbed.cli import show, telling
from seedbed.cli.caller import owner
from seedbed.cli.house import House, pass_house
from seedbed.cli.worker import living, tell_none
from seedbed.core.errors import JobRefused, SettingRefused
from seedbed.jobs.schedule import following
from seedbed.jobs.telling import moment
from seedbed.store.jobs import LONGEST_INPUT
from seedbed.store.schedules import Schedule

_LONGEST = {"NAME": 100, "--cron": 100, "--kind": 40}
"""Letters that each may have."""


@click.command("schedules")
@show.json_option
@pass_house
def schedules(house: House, *, as_json: bool) -> None:
    """List what is submitted by the clock, and when next."""
    _list(house, as_json=as_json)


@click.command("schedule")
@click.argument("name")
@click.option("--cron", metavar="LINE", help='When, as in "0 6 * * 1-5"; hours are UTC.')
@click.option("--kind", help="What kind of job is submitted.")
@click.option("--input", "file", type=click.File(encoding="utf-8"), help="Its input, as JSON.")
@click.option("--remove", is_flag=True, help="Take the schedule away.")
@show.json_option
@pass_house
def schedule(  # noqa: PLR0913 - each is an option
    house: House,
    name: str,
    *,
    cron: str | None,
    kind: str | None,
    file: IO[str] | None,
    remove: bool,
    as_json: bool,
) -> None:
    """Have jobs submitted by the clock. One of the same name is replaced.

    They are submitted on behalf of the key in SEEDBED_KEY, or of the first one. What was due while
    no worker ran is made up for once.
    """
    if remove:
        if cron or kind or file:
            raise click.UsageError("--remove goes alone with the name of a schedule.")
        house.schedules().remove_now(name)
    elif cron and kind:
        _check({"NAME": name, "--cron": cron, "--kind": kind})
        now = round(house.clock.wall() * 1e6)
        due, said = following(cron, now), _input(file)
        house.schedules().put_now(Schedule(name, kind, said, owner(house), cron, due))
        _tell_strange(house, kind)
    else:
        raise click.UsageError("Say when with --cron, and what with --kind; or --remove it.")
    _list(house, as_json=as_json)


def _check(named: dict[str, str]) -> None:
    for what, text in named.items():
        if not (0 < len(text) <= _LONGEST[what] and text.isprintable()):
            raise JobRefused(
                f"{what} is {text[:60]!r}, of {len(text)} letters.",
                hint=f"Give it 1 to {_LONGEST[what]} that can be printed.",
            )


def _input(file: IO[str] | None) -> dict[str, Any]:
    """What the jobs are given.

    Raises:
        SettingRefused: it is no JSON object.
        JobRefused: it is too long.
    """
    if file is None:
        return {}
    try:
        said = file.read(LONGEST_INPUT + 1)
        if len(said) > LONGEST_INPUT:
            raise JobRefused(
                f"The input of a job has at most {LONGEST_INPUT:,} characters.",
                hint="Put what is long into an artifact, and name that.",
            )
        return msgspec.json.decode(said, type=dict[str, Any])
    except (ValueError, msgspec.MsgspecError) as error:
        raise _no_object(file.name, str(error)) from error


def _no_object(name: str, why: str) -> SettingRefused:
    return SettingRefused(
        f"The input in {name} is no JSON object: {why}.", hint='Write one, such as {"file": "..."}.'
    )


def _tell_strange(house: House, kind: str) -> None:
    """Say so where no worker that lives runs such jobs."""
    tell_none(house)
    known = {name for one in living(house) for name in one.kinds}
    if known and kind not in known:
        others = ", ".join(sorted(known))
        show.say(f"No worker that lives runs jobs of the kind {kind!r}; theirs are {others}.")


def _list(house: House, *, as_json: bool) -> None:
    found, now = house.schedules().all_now(), round(house.clock.wall() * 1e6)
    if as_json:
        show.as_json([_told(one) for one in found])
    elif not found:
        show.OUT.print("Nothing is scheduled.")
    else:
        show.table(
            ("name", "cron", "kind", "due next", "", "of"),
            [
                (
                    one.name,
                    one.cron,
                    one.kind,
                    show.moment(one.due),
                    f"in {telling.span(one.due - now)}" if one.due > now else "now",
                    f"{one.owner.user}, project {one.owner.project}",
                )
                for one in found
            ],
        )


def _told(one: Schedule) -> dict[str, object]:
    return {
        "name": one.name,
        "cron": one.cron,
        "kind": one.kind,
        "input": one.input,
        "user": one.owner.user,
        "project": one.owner.project,
        "due": moment(one.due),
    }
