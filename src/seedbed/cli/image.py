"""`seedbed image`.

Floor 6. Asked at the door that every client uses.
"""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from seedbed.cli import show
from seedbed.cli.door import Door
from seedbed.cli.enlarging import enlarged, enlarging, form_of
from seedbed.cli.house import House, pass_house
from seedbed.cli.marking import Place, mask_of
from seedbed.cli.sizes import Size
from seedbed.core.scene.form import parse_scene, write_scene
from seedbed.core.scene.measures import Box
from seedbed.kit import atomic

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DRAWS = "draft"
"""Who draws where nobody else is named."""


@click.command()
@click.argument("prompt", default="")
@click.option(
    "--scene",
    type=_FILE,
    help="A Scene to be drawn, in place of the prompt.",
)
@click.option("--edit", type=_FILE, help="A picture to be changed as the prompt says.")
@click.option("--mask", type=_FILE, help="A PNG that is clear where it is to be changed.")
@click.option("--region", "places", type=Place(), multiple=True, help="Where; may be repeated.")
@click.option("--model", default=DRAWS, show_default=True, help="Who paints.")
@click.option("--size", type=Size(), help="Such as 2K or 1600x900.")
@click.option("--seed", type=click.IntRange(0, (1 << 31) - 1), default=0, show_default=True)
@click.option("--clear", is_flag=True, help="Without a ground behind.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("picture.png"),
    show_default=True,
    help="PNG, JPEG or WebP, by its name.",
)
@enlarging
@show.json_option
@pass_house
def image(  # noqa: PLR0913 - each is an option
    house: House,
    prompt: str,
    *,
    scene: Path | None,
    edit: Path | None,
    mask: Path | None,
    places: tuple[Box, ...],
    model: str,
    size: tuple[int, int] | None,
    seed: int,
    clear: bool,
    output: Path,
    upscale: str | None,
    by: str,
    as_json: bool,
) -> None:
    """Make a picture of what PROMPT says, or of a Scene, or change one."""
    _agree(prompt, scene, edit, has_places=bool(mask or places))
    if clear and upscale is not None:
        raise click.UsageError("What is clear is not made larger: leave --clear or --upscale out.")
    body: dict[str, object] = {
        "model": model,
        "prompt": prompt or "a scene",
        "seed": seed,
        "output_format": form_of(output),
    }
    if scene is not None:
        body["scene"] = write_scene(parse_scene(scene.read_bytes()))
    if size is not None:
        body["size"] = f"{size[0]}x{size[1]}"
    if clear:
        body["background"] = "transparent"
    told = _painted(house, body, edit, _mask(mask, places))
    data = base64.b64decode(told["data"][0]["b64_json"])
    atomic.write(output, data)  # it is paid, and stays where it cannot be made larger
    if upscale is not None:
        data = enlarged(house, data, output, model=model, factor=int(upscale), by=by)
        atomic.write(output, data)
    _tell(told, output, len(data), as_json=as_json)


def _agree(prompt: str, scene: Path | None, edit: Path | None, *, has_places: bool) -> None:
    """Refuse options that do not go together."""
    if scene is None and not prompt:
        raise click.UsageError("Say what is to be seen, or name a Scene by --scene.")
    if edit is None and has_places:
        raise click.UsageError("Name the picture that is to be changed by --edit.")
    if edit is not None and scene is not None:
        raise click.UsageError("A Scene is changed by `seedbed scene change`, a picture by --edit.")


def _painted(
    house: House, body: Mapping[str, object], edit: Path | None, mask: bytes | None
) -> Any:  # noqa: ANN401 - as JSON has it
    """What the server says of a picture that is new, or changed."""
    if edit is None:
        return Door(house).post("/v1/images/generations", body)
    files = {"image": edit.read_bytes()} | ({} if mask is None else {"mask": mask})
    fields = {name: str(value) for name, value in body.items()}
    return Door(house).post_form("/v1/images/edits", fields, files)


def _mask(mask: Path | None, places: tuple[Box, ...]) -> bytes | None:
    """What marks the places that are named."""
    if mask is not None and places:
        raise click.UsageError("Name the places by --mask or by --region, not by both.")
    if mask is not None:
        return mask.read_bytes()
    return mask_of(places) if places else None


def _tell(told: Mapping[str, Any], output: Path, size: int, *, as_json: bool) -> None:
    """Say where the picture is, and what the server noted of it."""
    notes = told.get("seedbed", {}).get("notes", [])
    if as_json:
        facts = {"file": str(output), "bytes": size, "usage": told.get("usage")}
        show.as_json(facts | ({"notes": notes} if notes else {}))
        return
    for note in notes:
        show.say(note)
    show.OUT.print(f"{output} ({show.size(size)})", markup=False, highlight=False, soft_wrap=True)
