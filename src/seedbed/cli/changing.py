"""`seedbed scene change | regions`: a Scene changed in plain words; what is marked in a picture.

Floor 6.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import anyio
import click

from seedbed.cli import show
from seedbed.cli.marking import Place
from seedbed.core.errors import SceneMalformed
from seedbed.core.scene.edit import compare
from seedbed.core.scene.form import parse_scene, write_scene
from seedbed.core.scene.measures import Box
from seedbed.core.scene.regions import Region
from seedbed.core.scene.scene import Scene
from seedbed.engines.drafting.editing.revising import revised
from seedbed.engines.drafting.planning.planner import Planner
from seedbed.kit import atomic
from seedbed.media.studio.orders import Find
from seedbed.media.studio.studio import Studio

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command("change")
@click.argument("file", type=_FILE)
@click.argument("words")
@click.option("--region", "places", type=Place(), multiple=True, help="Where; may be repeated.")
@click.option("--shot", help="The id of the shot; the first one, if none is named.")
@click.option("-o", "--out", type=_OUT, help="The file to write, in place of FILE.")
@show.json_option
def change(
    file: Path,
    words: str,
    *,
    places: tuple[Box, ...],
    shot: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Change the Scene in FILE as WORDS say: remove the cat, make the sky red, 把猫换成狗."""
    before = parse_scene(file.read_bytes())
    regions = [Region(box) for box in places]
    number = _number(before, shot)
    after = revised(before, words, regions, planner=Planner.ready(), shot=number)
    keep(after, out or file)
    changes = compare(before, after)
    if as_json:
        show.as_json([asdict(one) for one in changes])
    else:
        show.say(f"{out or file}: {len(changes)} changed.")


def keep(scene: Scene, path: Path) -> None:
    """Write the file of a Scene; until it is whole, the one that was there stays."""
    told = json.dumps(write_scene(scene), indent=2, ensure_ascii=False)
    atomic.write(path, f"{told}\n".encode())


@click.command("regions")
@click.argument("file", type=_FILE)
@click.option("-o", "--out", type=_OUT, help="A copy of the picture with the areas drawn in.")
@show.json_option
def regions(file: Path, *, out: Path | None, as_json: bool) -> None:
    """Find what is circled, boxed or outlined in a picture in a strong colour.

    Boxes are shares of the picture. The words in each area, and right beside it, are read by OCR.
    """
    order = Find(picture=file.read_bytes(), out="" if out is None else str(out.absolute()))
    told = anyio.run(Studio().do, order, _silent)
    if as_json:
        show.as_json(told)
        return
    found = cast("list[Mapping[str, Any]]", told["regions"])
    rows = [(str(number), *_row(one)) for number, one in enumerate(found, 1)]
    if rows:
        show.table(("", "form", "colour", "x,y,width,height", "words", "beside"), rows)
    else:
        show.say("Nothing is marked in it: no line of a strong colour goes around anything.")
    if out is not None:
        show.say(f"The areas are drawn in {out}.")


def _number(scene: Scene, shot: str | None) -> int:
    ids = [one.id for one in scene.shots]
    if shot is None:
        return 0
    if shot not in ids:
        raise SceneMalformed(
            "shots", why=f"there is no shot {shot!r}; there are: {', '.join(ids)}."
        )
    return ids.index(shot)


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    box = one["box"]
    place = ",".join(f"{box[side]:.3f}" for side in ("x", "y", "width", "height"))
    return one["form"], one["named"], place, " · ".join(one["words"]), " · ".join(one["beside"])


async def _silent(share: float, what: str) -> None:
    del share, what  # it takes seconds
