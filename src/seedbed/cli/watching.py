"""`seedbed jobs watch`: a bar for each job, until all have ended.

Floor 6.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence

import click
from rich.live import Live

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.cli.listing import jobs_table, print_jobs
from seedbed.cli.worker import tell_none
from seedbed.core.errors import JobUnfinished
from seedbed.core.job import Job, State
from seedbed.jobs.telling import told
from seedbed.store.jobs import Filter

_LOOK_SECONDS = 0.25
_MOST = 100
"""Jobs that are watched where none is named."""


@click.command("watch")
@click.argument("jobs", nargs=-1, metavar="[JOB]...")
@show.json_option
@pass_house
def watch(house: House, jobs: tuple[str, ...], *, as_json: bool) -> None:
    """Watch jobs until they have ended.

    Without a name these are all that wait or run now.
    With --json each change is a line. It fails if one of the jobs does.
    """
    found = _wanted(house, jobs)
    if not any(job.state.is_end for job in found):
        tell_none(house)
    try:
        ended = _lines(house, found) if as_json else _bars(house, found)
    except KeyboardInterrupt:
        show.ERR.print("They go on without you.", markup=False)
        return
    bad = [job for job in ended if job.state is not State.SUCCEEDED]
    for job in bad:
        fault = job.fault.what if job.fault else ""
        problem = JobUnfinished(job.id, job.state.value, fault=fault)
        show.error(problem, json_wanted=as_json)
    if bad:
        sys.exit(1)


def _wanted(house: House, names: Sequence[str]) -> list[Job]:
    """The jobs that are named, or those that have not ended, the eldest first."""
    jobs = house.jobs()
    if names:
        return [jobs.find_now(name) for name in dict.fromkeys(names)]
    living = [
        job
        for state in (State.RUNNING, State.QUEUED)
        for job in jobs.newest_now(Filter(state=state), last=_MOST)
    ]
    return sorted(living, key=lambda job: job.created)


def _lines(house: House, jobs: Sequence[Job]) -> list[Job]:
    """Print each change as a line of JSON; the jobs as they ended."""
    seqs: dict[str, int] = {}
    found = list(jobs)
    for found in _looks(house, jobs):
        for job in found:
            if seqs.get(job.id) != job.seq:
                seqs[job.id] = job.seq
                click.echo(json.dumps(told(job), ensure_ascii=False))
    return found


def _bars(house: House, jobs: Sequence[Job]) -> list[Job]:
    """Show how they stand, on a terminal in place; the jobs as they ended."""
    found = list(jobs)
    if not found:
        show.OUT.print("No job waits or runs.")
        return found
    if not show.OUT.is_terminal:
        *_, found = _looks(house, jobs)
        print_jobs(found, _now(house))
        return found
    with Live(console=show.OUT, auto_refresh=False) as live:
        for found in _looks(house, jobs):
            live.update(jobs_table(found, _now(house)), refresh=True)
    return found


def _looks(house: House, jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """The jobs as they stand, again and again, until all have ended."""
    overview = house.overview()
    known = {job.id: job for job in jobs}
    yield list(known.values())
    while living := {job.id: job.seq for job in known.values() if not job.state.is_end}:
        time.sleep(_LOOK_SECONDS)
        known |= {job.id: job for job in overview.changed_now(living)}
        yield list(known.values())


def _now(house: House) -> int:
    return round(house.clock.wall() * 1e6)
