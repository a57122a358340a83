"""`seedbed batch run`.

Floor 6. The file becomes an artifact and a job; the command only watches. Who runs it again, after
whatever happened, is given what the job has come to.
"""

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from seedbed.cli import show
from seedbed.cli.answers import tell
from seedbed.cli.budgets import money
from seedbed.cli.caller import owner
from seedbed.cli.house import House, pass_house
from seedbed.cli.worker import tell_none
from seedbed.core.errors import JobUnfinished
from seedbed.core.job import Draft, Job, State
from seedbed.core.money import Amount
from seedbed.jobs.batch import LINES, read_lines

_LOOK_SECONDS = 0.2
_INTERRUPTED = 130
"""The status of a command that was interrupted, as shells have it."""
_KEPT_SECONDS = 7 * 86_400
"""How long the file of asks is kept where nobody holds it but who brought it."""


@dataclass(frozen=True, slots=True)
class _File:
    said: bytes
    name: str


@click.group()
def batch() -> None:
    """Files of asks: each line answered once, and in order."""


@batch.command("run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the answers go."
)
@click.option("--budget", help="The most that it may cost, such as 0.50.")
@click.option("--priority", type=click.IntRange(0, 9), default=0, show_default=True)
@click.option("--again", is_flag=True, help="Ask anew what was answered before.")
@click.option("--detach", is_flag=True, help="Submit it, and do not wait.")
@show.json_option
@pass_house
def run(  # noqa: PLR0913 - each is an option
    house: House,
    file: Path,
    *,
    out: Path | None,
    budget: str | None,
    priority: int,
    again: bool,
    detach: bool,
    as_json: bool,
) -> None:
    """Answer every line of FILE, as OpenAI's batches have them.

    A file that was submitted before is not submitted again: its job is watched to its end, or has
    ended, and the answers are written. So after a crash run the same command again.
    """
    said = file.read_bytes()
    lines = len(read_lines(said))
    cap = Amount(money(house, budget), house.hardware.currency) if budget else None
    job = _submit(house, _File(said, file.name), cap, priority, again=again)
    if not detach:
        job = _watch(house, job, lines, quiet=as_json)
    tell(house, job, out or file.with_suffix(".answers.jsonl"), as_json=as_json)
    if job.state.is_end and job.state is not State.SUCCEEDED:
        raise JobUnfinished(job.id, job.state.value, fault=job.fault.what if job.fault else "")


def _submit(house: House, file: _File, cap: Amount | None, priority: int, *, again: bool) -> Job:
    """Keep the file, and put the job down that answers it."""
    who, now = owner(house), round(house.clock.wall() * 1e6)
    until = now + round(_KEPT_SECONDS * 1e6)

    async def submit() -> Job:
        shelf = house.artifacts()
        put = partial(shelf.put, holder=who.key, project=who.project, until=until)
        kept = await put(_whole(file.said), LINES, name=file.name)
        once = f"batch:{kept.hash}" + (f":{now}" if again else "")
        said = {"file": kept.hash}
        draft = Draft("batch", said, who, priority=priority, cap=cap, once=once)
        job = await house.jobs().submit(draft, now=now)
        await shelf.hold(kept.hash, job.id, project=who.project)
        return job

    return anyio.run(submit)


async def _whole(said: bytes) -> AsyncGenerator[bytes]:
    yield said


def _watch(house: House, job: Job, lines: int, *, quiet: bool) -> Job:
    """Show how far it is until it has ended. Who stops watching stops nothing."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    if not (quiet or job.state.is_end):
        tell_none(house)
    try:
        with Progress(*columns, console=show.ERR, disable=quiet) as bars:
            bar = bars.add_task(job.state.value, total=lines)
            while True:
                job = house.jobs().find_now(job.id)
                bars.update(bar, completed=job.progress.done, description=job.state.value)
                if job.state.is_end:
                    return job
                time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        show.say(f"It goes on without you: `{show.program()} jobs watch {job.id}`.")
        click.get_current_context().exit(_INTERRUPTED)
