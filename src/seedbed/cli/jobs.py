"""`seedbed jobs ls | show | watch | cancel | resume | retry | schedule | schedules | secret`.

Floor 6. They work on the store itself, and so without a server; the server has the same at
`/seedbed/jobs`.
"""

import click

from seedbed.cli import show
from seedbed.cli.budgets import money
from seedbed.cli.details import details
from seedbed.cli.house import House, pass_house
from seedbed.cli.listing import print_jobs
from seedbed.cli.schedules import schedule, schedules
from seedbed.cli.watching import watch
from seedbed.cli.worker import tell_none
from seedbed.core.job import Job, State
from seedbed.core.money import Amount
from seedbed.jobs.callback import key_of
from seedbed.jobs.telling import moment, told, whole
from seedbed.kit import webhook
from seedbed.store.jobs import Filter

_ID = click.argument("job", metavar="JOB")


@click.group()
def jobs() -> None:
    """Jobs: what takes longer than a request and outlives a crash."""


jobs.add_command(watch)
jobs.add_command(schedule)
jobs.add_command(schedules)


@jobs.command("ls")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Those alone.")
@click.option("--kind", help="Those of one kind alone.")
@click.option("--project", help="Those of one project alone.")
@click.option(
    "--last",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="How many of the newest to list.",
)
@show.json_option
@pass_house
def ls(
    house: House,
    *,
    state: str | None,
    kind: str | None,
    project: str | None,
    last: int,
    as_json: bool,
) -> None:
    """List the newest jobs, the newest first."""
    wanted = Filter(project, State(state) if state else None, kind)
    found = house.jobs().newest_now(wanted, last=last)
    if as_json:
        show.as_json([told(job) for job in found])
        return
    if not found:
        show.OUT.print("There is no such job." if state or kind or project else "There is no job.")
        return
    print_jobs(found, _now(house))


@jobs.command("show")
@_ID
@show.json_option
@pass_house
def show_one(house: House, job: str, *, as_json: bool) -> None:
    """Tell all that is known of a job, its steps included."""
    found, steps = house.jobs().find_now(job), house.jobs().steps_now(job)
    if as_json:
        done = [{"number": one.number, "name": one.name, "at": moment(one.at)} for one in steps]
        show.as_json(whole(found) | {"steps": done})
        return
    show.table(("", ""), details(found, steps, _now(house)))


@jobs.command("cancel")
@_ID
@show.json_option
@pass_house
def cancel(house: House, job: str, *, as_json: bool) -> None:
    """Have a job end. Where it waits that is at once, where it runs within a moment."""
    found = house.jobs().cancel_now(job, now=_now(house))
    ending = "is cancelled" if found.state.is_end else "ends within a moment"
    _tell(found, f"{found.id} {ending}.", as_json=as_json)


@jobs.command("resume")
@_ID
@click.option("--cap", metavar="SUM", help="The most that it may spend in all, in place of before.")
@show.json_option
@pass_house
def resume(house: House, job: str, *, cap: str | None, as_json: bool) -> None:
    """Have a job that ended without success go on from its last step."""
    most = None if cap is None else Amount(money(house, cap), house.hardware.currency)
    found = house.jobs().resume_now(job, cap=most)
    _tell(found, f"{found.id} is queued, and goes on from its last step.", as_json=as_json)
    tell_none(house)


@jobs.command("retry")
@_ID
@show.json_option
@pass_house
def retry(house: House, job: str, *, as_json: bool) -> None:
    """Run it anew from its start, as another job. It must have ended."""
    found = house.jobs().retry_now(job, now=_now(house))
    _tell(found, f"{found.id} is queued, and does what {job} did.", as_json=as_json)
    tell_none(house)


@jobs.command("secret")
@click.option("--project", default="default", show_default=True, help="Whose jobs are told of.")
@show.json_option
@pass_house
def secret(house: House, *, project: str, as_json: bool) -> None:
    """Print the secret by which callbacks of a project's jobs are known to be ours."""
    told_ = webhook.written(key_of(house.secrets().get_now("callbacks"), project))
    if as_json:
        show.as_json({"project": project, "secret": told_})
    else:
        show.OUT.print(told_, soft_wrap=True)


def _tell(job: Job, sentence: str, *, as_json: bool) -> None:
    if as_json:
        show.as_json(told(job))
    else:
        show.OUT.print(sentence, markup=False, soft_wrap=True)


def _now(house: House) -> int:
    return round(house.clock.wall() * 1e6)
