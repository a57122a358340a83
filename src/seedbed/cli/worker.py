"""`seedbed worker` and `seedbed worker ls`.

Floor 6.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast

import click

from seedbed.cli import show, telling
from seedbed.cli.house import House, pass_house
from seedbed.jobs.telling import moment
from seedbed.kit import processes
from seedbed.serving.worker_processes import number
from seedbed.store.workers import Worker


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Log JSON lines even to a terminal.")
@click.pass_context
def worker(context: click.Context, *, as_json: bool) -> None:
    """Run jobs here, in the foreground, until interrupted. The log goes to standard error.

    A worker that ends gives its jobs back; one that dies has them taken away, by those that live.
    """
    if context.invoked_subcommand is None:
        house = cast(Callable[[], House], context.obj)()
        with suppress(KeyboardInterrupt):  # by which people end it
            house.work(as_json)


@worker.command("ls")
@show.json_option
@pass_house
def ls(house: House, *, as_json: bool) -> None:
    """List the workers that live, on every machine, with the jobs that they run."""
    alive, running = living(house), house.overview().running_now()
    if as_json:
        show.as_json([_told(one, running) for one in alive])
    elif not alive:
        tell_none(house)
    else:
        now = round(house.clock.wall() * 1e6)
        show.table(
            ("machine", "process", "kinds", "since", "last sign", "runs"),
            [_row(one, running, now) for one in alive],
        )


def living(house: House) -> list[Worker]:
    """The workers that live; one of this machine that was killed does not, fenced or not yet."""
    here = processes.this_host()
    return [
        one
        for one in house.workers().living_now()
        if one.host != here or not processes.is_gone(one.process)
    ]


def tell_none(house: House) -> None:
    """Say so where no worker lives, since then no job is run."""
    if not living(house):
        program = show.program()
        show.say(
            f"No worker runs jobs. Start one with `{program} up`, or here with `{program} worker`."
        )


def _row(one: Worker, running: Mapping[str, Sequence[str]], now: int) -> Sequence[str]:
    here = " (here)" if one.host == processes.this_host() else ""
    return (
        one.host.partition("/")[0] + here,
        str(number(one)),
        " ".join(one.kinds),
        show.moment(one.began),
        f"{telling.span(now - one.beat)} ago",
        "\n".join(running.get(one.id, ())) or "nothing",
    )


def _told(one: Worker, running: Mapping[str, Sequence[str]]) -> dict[str, object]:
    return {
        "id": one.id,
        "host": one.host,
        "pid": number(one),
        "here": one.host == processes.this_host(),
        "kinds": list(one.kinds),
        "since": moment(one.began),
        "beat": moment(one.beat),
        "jobs": list(running.get(one.id, ())),
    }
