"""Pictures made larger, once they are painted, in a process of the studio.

Floor 6.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import anyio
import click

from seedbed.cli.house import House
from seedbed.media.studio.orders import Enlarge, Told
from seedbed.media.studio.studio import Studio

_Command: TypeAlias = Callable[..., None]
_OPTIONS = (
    click.option("--upscale", type=click.Choice(["2", "4"]), help="So many times as large."),
    click.option(
        "--by",
        type=click.Choice(["filter", "net"]),
        default="filter",
        show_default=True,
        help="The net is for drawings, and comes with the extra `upscale`.",
    ),
)


def form_of(output: Path) -> str:
    """The form of a picture as its file is named; where that names none it is PNG."""
    return {".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}.get(output.suffix.lower(), "png")


def enlarging(command: _Command) -> _Command:
    """Give a command the options `upscale` and `by`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def enlarged(house: House, data: bytes, output: Path, *, model: str, factor: int, by: str) -> bytes:
    """A picture so many times as large, in the form that its name says; it says what was done.

    Raises:
        RequestMalformed: its ground is clear, or there is no net.
    """
    made = "drawn" if "draft" in house.catalogue.find(model).engines else "generated"
    signer = str(house.home / "certificates")

    async def tell(_: float, __: str) -> None: ...

    with TemporaryDirectory(prefix="enlarging-", dir=house.home) as folder:
        given, out = Path(folder) / "given", Path(folder) / f"large.{form_of(output)}"
        given.write_bytes(data)
        order = Enlarge(
            picture=str(given),
            out=str(out),
            factor=factor,
            by_net=by == "net",
            told=Told(output.stem, model, [made, "upscaled"], signer),
        )
        anyio.run(Studio().do, order, tell)
        return out.read_bytes()
