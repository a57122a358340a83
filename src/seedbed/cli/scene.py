"""`seedbed scene plan | edit | compare | schema | show | draw | check | change | regions`.

Floor 6. Scenes are files of JSON. Nothing here draws or pays, but for `plan --model`, which asks a
model through the server; `results.py` and `changing.py` have the last four.
"""

import json
from dataclasses import asdict
from pathlib import Path

import anyio
import click

from seedbed.cli import show
from seedbed.cli.changing import change, keep, regions
from seedbed.cli.door import Door
from seedbed.cli.house import House, pass_house
from seedbed.cli.layout import facts, print_scene
from seedbed.cli.results import check, draw
from seedbed.cli.writing import writing
from seedbed.core.errors import SceneMalformed
from seedbed.core.scene.edit import Change, compare, edited
from seedbed.core.scene.form import parse_scene, scene_schema, write_scene
from seedbed.core.scene.measures import MOST_FPS, MOST_SECONDS
from seedbed.core.scene.scene import Scene
from seedbed.engines.drafting.planning.asked import sizes
from seedbed.engines.drafting.planning.planner import Plan, Planner
from seedbed.media.planning import Wanted, planned

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)


class _Size(click.ParamType[tuple[int, int]]):
    name = "size"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        found = sizes(value)[1]
        if not found:
            self.fail(f"{value!r} is no size; write 16:9, 4k, or 1280x720.", param, ctx)
        return found[-1]


@click.group()
def scene() -> None:
    """Scenes: the drafts that pictures and films are made of."""


scene.add_command(draw)
scene.add_command(check)
scene.add_command(change)
scene.add_command(regions)


@scene.command("plan")
@click.argument("prompt")
@click.option("--size", type=_Size(), help="Such as 16:9, 4k, 9:16, or 1280x720.")
@click.option("--fps", type=click.IntRange(1, MOST_FPS), help="Frames a second; makes it a film.")
@click.option(
    "--seconds", type=click.FloatRange(0.1, MOST_SECONDS), help="How long it takes; as well."
)
@click.option("--seed", type=click.IntRange(0, 1 << 31), default=0, show_default=True)
@click.option("--model", help="A chat model that plans it, instead of the rules.")
@_OUT
@show.json_option
@pass_house
def plan(  # noqa: PLR0913 - one argument an option, as click has it
    house: House,
    prompt: str,
    *,
    size: tuple[int, int] | None,
    fps: int | None,
    seconds: float | None,
    seed: int,
    model: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Make a Scene of PROMPT, in plain English or Chinese."""
    wanted = Wanted(True if fps or seconds else None, size, fps, seconds, seed)
    made = _planned(house, prompt, wanted, model)
    if out:
        keep(made.scene, out)
    if as_json:
        show.as_json({"scene": write_scene(made.scene), "notes": list(made.notes)})
        return
    print_scene(made.scene)
    for note in made.notes:
        show.say(note)
    if out:
        show.say(f"The Scene is in {out}.")


@scene.command("edit")
@click.argument("file", type=_FILE)
@click.argument("place")
@click.argument("value")
@_OUT
@click.option("--show", "is_shown", is_flag=True, help="Print what changed.")
@show.json_option
def edit(
    file: Path, place: str, value: str, *, out: Path | None, is_shown: bool, as_json: bool
) -> None:
    """Put VALUE at PLACE of the Scene in FILE, such as shots.shot-1.layers.text-1.text.

    VALUE is JSON, or else a text; null takes away what is there. FILE itself is changed, unless
    another is named.
    """
    before = parse_scene(file.read_bytes())
    after = _edited(before, place, value)
    keep(after, out or file)
    changes = compare(before, after)
    if as_json:
        show.as_json([asdict(one) for one in changes])
    elif is_shown:
        _print_changes(changes)
    else:
        show.say(f"{out or file}: {len(changes)} changed.")


@scene.command("compare")
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@show.json_option
def compare_two(before: Path, after: Path, *, as_json: bool) -> None:
    """Tell what differs between two Scenes, place by place."""
    changes = compare(parse_scene(before.read_bytes()), parse_scene(after.read_bytes()))
    if as_json:
        show.as_json([asdict(one) for one in changes])
    elif changes:
        _print_changes(changes)
    else:
        show.OUT.print("They are the same.")


@scene.command("schema")
@show.json_option
def schema(*, as_json: bool) -> None:
    """Print the JSON schema of Scenes."""
    show.as_json(scene_schema())


@scene.command("show")
@click.argument("file", type=_FILE)
@show.json_option
def show_one(file: Path, *, as_json: bool) -> None:
    """Draw the Scene in FILE: where things lie in each shot, and when the shots are seen."""
    found = parse_scene(file.read_bytes())
    if as_json:
        show.as_json(facts(found))
    else:
        print_scene(found)


def _planned(house: House, prompt: str, wanted: Wanted, model: str | None) -> Plan:
    planner = Planner.ready()
    if model is None:
        return planner.plan(prompt, **asdict(wanted))

    async def ask() -> Plan:
        return await planned(prompt, wanted, write=writing(Door(house), model), planner=planner)

    return anyio.run(ask)


def _edited(before: Scene, place: str, value: str) -> Scene:
    """With the value as JSON, or as a text where it is none or cannot stand there."""
    try:
        data: object = json.loads(value)
    except ValueError:
        return edited(before, place, value)
    try:
        return edited(before, place, data)
    except SceneMalformed as fault:
        if not isinstance(data, int | float):
            raise
        try:
            return edited(before, place, value)
        except SceneMalformed:
            raise fault from None


def _print_changes(changes: tuple[Change, ...]) -> None:
    rows = [(one.at, _told(one.before), _told(one.after)) for one in changes]
    show.table(("place", "before", "after"), rows)


def _told(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
