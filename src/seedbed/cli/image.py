"""`seedbed image`.

Floor 6. Asked at the door that every client uses.
"""

import base64
from pathlib import Path

import click

from seedbed.cli import show
from seedbed.cli.door import Door
from seedbed.cli.house import House, pass_house
from seedbed.cli.sizes import Size
from seedbed.core.scene.form import parse_scene, write_scene
from seedbed.kit import atomic

DRAWS = "draft"
"""Who draws where nobody else is named."""


@click.command()
@click.argument("prompt", default="")
@click.option(
    "--scene",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A Scene to be drawn, in place of the prompt.",
)
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
@show.json_option
@pass_house
def image(  # noqa: PLR0913 - each is an option
    house: House,
    prompt: str,
    *,
    scene: Path | None,
    model: str,
    size: tuple[int, int] | None,
    seed: int,
    clear: bool,
    output: Path,
    as_json: bool,
) -> None:
    """Make a picture of what PROMPT says, or of a Scene."""
    form = {".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}.get(output.suffix.lower(), "png")
    body: dict[str, object] = {
        "model": model,
        "prompt": prompt,
        "seed": seed,
        "output_format": form,
    }
    if scene is not None:
        body |= {
            "scene": write_scene(parse_scene(scene.read_bytes())),
            "prompt": prompt or "a scene",
        }
    elif not prompt:
        raise click.UsageError("Say what is to be seen, or name a Scene by --scene.")
    if size is not None:
        body["size"] = f"{size[0]}x{size[1]}"
    if clear:
        body["background"] = "transparent"
    told = Door(house).post("/v1/images/generations", body)
    data = base64.b64decode(told["data"][0]["b64_json"])
    atomic.write(output, data)
    if as_json:
        show.as_json({"file": str(output), "bytes": len(data), "usage": told.get("usage")})
    else:
        show.OUT.print(
            f"{output} ({show.size(len(data))})", markup=False, highlight=False, soft_wrap=True
        )
