"""`seedbed video`.

Floor 6. A film is a job; the command only watches. Who runs it again, after whatever happened, is
given what the job has come to.
"""

import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, cast

import anyio
import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from seedbed.cli import show
from seedbed.cli.caller import owner
from seedbed.cli.finishing import finished, finishing
from seedbed.cli.house import House, pass_house
from seedbed.cli.sizes import Size
from seedbed.cli.worker import tell_none
from seedbed.core import record
from seedbed.core.consent import Use
from seedbed.core.errors import JobUnfinished
from seedbed.core.finish import CODECS, FIELD, Finish
from seedbed.core.job import Draft, Job, State
from seedbed.core.object import Object
from seedbed.core.scene.form import parse_scene, read_scene, write_scene
from seedbed.jobs.film import DRAWN, KIND
from seedbed.kit import atomic, ids
from seedbed.media.captions import check_finish
from seedbed.media.consenting import Consenting

_LOOK_SECONDS = 0.2
_INTERRUPTED = 130
_KEPT = 7 * 86_400 * 10**6
_ENGINE = "draft"


@click.command()
@click.argument("prompt", default="")
@click.option(
    "--scene",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A Scene to be filmed, in place of the prompt.",
)
@click.option("--model", default="draft", show_default=True, help="Who films.")
@click.option("--size", type=Size(), help="Such as 4k or 1280x720; else as the prompt says.")
@click.option("--fps", type=click.IntRange(1, 60), help="Frames a second.")
@click.option("--seconds", type=click.FloatRange(0.1, 60), help="How long it is.")
@click.option(
    "--codec", type=click.Choice(["h264", "hevc", "av1", "vp9"]), help="Else as its format has it."
)
@finishing
@click.option("--seed", type=click.IntRange(0, (1 << 31) - 1), default=0, show_default=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default="film.mp4",
)
@click.option("--again", is_flag=True, help="Make anew what was made before.")
@click.option("--detach", is_flag=True, help="Submit it, and do not wait.")
@show.json_option
@pass_house
def video(  # noqa: PLR0913 - each is an option
    house: House,
    prompt: str,
    *,
    scene: Path | None,
    model: str,
    output: Path | None,
    again: bool,
    detach: bool,
    as_json: bool,
    codec: str | None,
    wish: dict[str, object],
    **wanted: object,
) -> None:
    """Make a film of what PROMPT says, or of a Scene.

    The same command again watches the same film, so after a crash run it again. What a film shares
    with those that were made before is not drawn again.
    """
    if scene is None and not prompt:
        raise click.UsageError("Say what is to be seen, or name a Scene by --scene.")
    if scene is not None and wanted["seconds"] is not None:
        raise click.UsageError("A Scene says how long each of its shots is: leave --seconds out.")
    finish, output = finished(wish, output, codec)
    ask = {"model": model, "prompt": prompt, "codec": codec if codec in CODECS["mp4"] else "h264"}
    ask |= {name: value for name, value in wanted.items() if value is not None}
    if scene is not None:
        ask["scene"] = write_scene(parse_scene(scene.read_bytes()))
    job = _submit(house, ask, finish, again=again)
    if not detach:
        job = _watch(house, job, quiet=as_json)
        _bring(house, job, output)
    facts = _facts(job)
    if as_json:
        show.as_json({"job": job.id, "state": job.state.value, "file": str(output), **facts})
    elif job.state is State.SUCCEEDED:
        show.OUT.print(_said(facts, output), markup=False, highlight=False, soft_wrap=True)
    else:
        show.OUT.print(f"{job.id} is {job.state.value}.", markup=False)


def _submit(house: House, ask: dict[str, object], finish: Finish, *, again: bool) -> Job:
    """Put the job down that makes it."""
    who, now = owner(house), round(house.clock.wall() * 1e6)
    id_ = ids.fresh("film")
    drawn = _ENGINE in house.catalogue.find(str(ask["model"])).engines
    check_finish(finish, drawn=drawn)
    wish = record.write(finish)
    told = {"film": id_, "until": now + _KEPT, "ask": ask, FIELD: wish, DRAWN: drawn}
    same = hashlib.sha256(json.dumps([ask, wish], sort_keys=True).encode()).hexdigest()
    once = f"film:{same}" + (f":{now}" if again else "")

    async def submit() -> Job:
        scene = read_scene(ask["scene"]) if "scene" in ask else None
        if scene is not None:
            consenting = Consenting(house.consents(), house.clock)
            await consenting.permit_all(scene.references, who, Use.FILMS)
        job = await house.jobs().submit(Draft(KIND, told, who, once=once), now=now)
        kept = {"job": job.id, "ask": ask, "more": {}}
        mine = Object(id_, KIND, who.project, now, kept, until=now + _KEPT)
        if job.input["film"] == id_:
            await house.objects().put(mine)
        return job

    return anyio.run(submit)


def _watch(house: House, job: Job, *, quiet: bool) -> Job:
    """Show how far it is until it has ended. Who stops watching stops nothing."""
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    if not (quiet or job.state.is_end):
        tell_none(house)
    try:
        with Progress(*columns, console=show.ERR, disable=quiet) as bars:
            bar = bars.add_task(job.state.value, total=None)
            while True:
                job = house.jobs().find_now(job.id)
                progress = job.progress
                note = progress.note or job.state.value
                bars.update(bar, completed=progress.done, total=progress.total, description=note)
                if job.state.is_end:
                    return job
                time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        show.say(f"It goes on without you: `{show.program()} jobs watch {job.id}`.")
        click.get_current_context().exit(_INTERRUPTED)


def _bring(house: House, job: Job, output: Path) -> None:
    """Write the film where it is wanted.

    Raises:
        JobUnfinished: there is none.
    """
    if job.state is not State.SUCCEEDED:
        fault = job.fault.what if job.fault else ""
        raise JobUnfinished(job.id, job.state.value, fault=fault)
    hash_, beside = str(_facts(job)["hash"]), output.with_name(f".{output.name}.part")

    async def bring() -> None:
        shelf = house.artifacts()
        found = await shelf.look(hash_)
        reading = shelf.open(found)
        async with await anyio.open_file(beside, "wb") as file, aclosing(reading) as stream:
            async for piece in stream:
                await file.write(piece)

    try:
        anyio.run(bring)
        atomic.move(beside, output)
    finally:
        beside.unlink(missing_ok=True)


def _facts(job: Job) -> Mapping[str, Any]:
    """What is told of the film, once it is there."""
    return cast("Mapping[str, Any]", job.result) if job.state is State.SUCCEEDED else {}


def _said(facts: Mapping[str, Any], output: Path) -> str:
    size = f"{facts['width']}x{facts['height']}, {facts['fps']:g} frames a second"
    pieces = facts.get("pieces")
    drawn = f"; {pieces['drawn']} pieces drawn, {pieces['again']} found again" if pieces else ""
    done = ", ".join(facts.get("finished", {}).get("done", ()))
    return f"{output}: {facts['seconds']:g} s of {size}{drawn}{done and f'; {done}'}"
