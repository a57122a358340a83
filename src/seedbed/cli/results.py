"""`seedbed scene draw | check`: what a Scene comes to, whether it can, and whether it did.

Floor 6.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import anyio
import click

from seedbed.cli import show
from seedbed.cli.door import Door
from seedbed.cli.house import House, pass_house
from seedbed.cli.image import DRAWS, image
from seedbed.cli.video import video
from seedbed.core.scene.form import parse_scene, write_scene
from seedbed.core.scene.scene import Scene
from seedbed.jobs.film import LOOK
from seedbed.media.studio.orders import Check, Repair
from seedbed.media.studio.studio import Studio

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WORDS = {True: "yes", False: "no"}


@click.command("draw")
@click.argument("file", type=FILE)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--model", default=DRAWS, show_default=True, help="Who draws.")
@show.json_option
@click.pass_context
def draw(
    context: click.Context, file: Path, *, output: Path | None, model: str, as_json: bool
) -> None:
    """Make the picture or the film that the Scene in FILE is a draft of."""
    is_film = parse_scene(file.read_bytes()).is_film
    out = output or file.with_suffix(".mp4" if is_film else ".png")
    command = video if is_film else image
    context.invoke(command, scene=file, model=model, output=out, as_json=as_json)


@click.command("check")
@click.argument("file", type=FILE)
@click.argument("result", type=FILE, required=False)
@click.option("--model", default=DRAWS, show_default=True, help="Who would draw it.")
@click.option(
    "--repair",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A PNG to write, in which each text of the picture that is wrong is set anew.",
)
@show.json_option
@pass_house
def check(
    house: House,
    file: Path,
    result: Path | None,
    *,
    model: str,
    repair: Path | None,
    as_json: bool,
) -> None:
    """Read RESULT back, a picture or a film, and hold it against the Scene in FILE.

    Texts are read by OCR. It fails if something is not as the Scene has it; what cannot be told for
    sure is printed, and fails nothing. Without RESULT it is told whether the Scene can be drawn,
    which costs nothing.
    """
    scene = parse_scene(file.read_bytes())
    if result is None:
        told = Door(house).post(LOOK, {"model": model, "scene": write_scene(scene)})
        show.as_json(told) if as_json else show.say(f"{file} can be drawn.")
        return
    order = _order(house, scene, result.absolute(), repair)
    report = anyio.run(Studio().do, order, _silent)
    if as_json:
        show.as_json(report)
    else:
        _print(report)
    if not report["ok"]:
        sys.exit(1)


def _order(house: House, scene: Scene, result: Path, repair: Path | None) -> Check | Repair:
    """What the studio is told: to look, or to look and to set anew what is wrong."""
    told = write_scene(scene)
    if repair is None:
        return Check(file=str(result), scene=told)
    fonts, out = [str(house.home / "fonts")], str(repair.absolute())
    return Repair(picture=str(result), out=out, scene=told, fonts=fonts)


async def _silent(share: float, what: str) -> None:
    del share, what  # it takes seconds


def _print(report: Mapping[str, object]) -> None:
    findings = cast("list[Mapping[str, Any]]", report["findings"])
    rows = [
        (
            one["at"],
            one["rule"],
            one["expected"],
            one["found"],
            _WORDS[one["ok"]] if one.get("sure", True) else "not sure",
        )
        for one in findings
    ]
    show.table(("place", "rule", "expected", "found", "right"), rows)
    for place in cast("list[str]", report.get("repaired", [])):
        show.say(f"Set anew: {place}")
    for note in cast("list[str]", report["notes"]):
        show.say(note)
