"""`seedbed artifacts put | get | ls | rm | sweep`.

Floor 6. Works on the house itself, as its operator, whether a server runs or not.
"""

import mimetypes
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import anyio
import anyio.to_thread
import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.artifact import PLAIN, Artifact, is_media
from seedbed.kit import atomic

OPERATOR = "operator"
"""Who holds what was put by command."""
_PIECE = 1 << 20
_LEFT_OUT = ("created", "media", "held by", "size")
"""What a narrow terminal has no room for, the first first; `--json` tells it."""
_WIDE = 70
"""Columns from which a hash stands in one piece."""
Told = Callable[[int], None]
"""Hears how many bytes more have gone through."""


@click.group()
def artifacts() -> None:
    """Files of jobs, documents and keys, kept under their hash."""


@artifacts.command("put")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--project", default="default", show_default=True, help="Whose keys may read it.")
@click.option("--media", help="Its media type; by the file's name if left out.")
@show.json_option
@pass_house
def put(house: House, file: Path, *, project: str, media: str | None, as_json: bool) -> None:
    """Keep FILE, and print its hash. The same content is kept once."""
    if media and not is_media(media):
        raise click.UsageError(f"{media!r} is no media type; one is image/png.")
    name = "".join(letter if letter.isprintable() else "?" for letter in file.name)
    media = media or mimetypes.guess_type(file.name)[0] or PLAIN

    async def run(told: Told) -> Artifact:
        async with aclosing(_read(file, told)) as stream:
            return await house.artifacts().put(
                stream, media, holder=OPERATOR, project=project, name=name
            )

    with _bar(name, file.stat().st_size, quiet=as_json) as told:
        kept = anyio.run(run, told)
    if as_json:
        show.as_json(_told(kept))
    else:
        show.OUT.print(kept.hash, markup=False, soft_wrap=True)


@artifacts.command("get")
@click.argument("hash_", metavar="HASH")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file to write it to.")
@show.json_option
@pass_house
def get(house: House, hash_: str, *, output: Path | None, as_json: bool) -> None:
    """Print what is kept under HASH. To a file it is written once its hash is seen to be right."""
    kept = house.artifacts()
    found = anyio.run(kept.look, hash_)
    with _bar(found.name or hash_[:12], found.size, quiet=as_json or not output) as told:
        if output is None:
            anyio.run(_write, kept.open(found), sys.stdout.buffer, told)
            return
        beside = output.with_name(f".{output.name}.part")
        try:
            with beside.open("wb") as file:
                anyio.run(_write, kept.open(found), file, told)
            atomic.move(beside, output)
        finally:
            beside.unlink(missing_ok=True)
    if as_json:
        show.as_json(_told(found))


@artifacts.command("ls")
@show.json_option
@pass_house
def ls(house: House, *, as_json: bool) -> None:
    """List what is kept, and who holds it. What nobody holds goes with the next sweep."""
    found = anyio.run(house.artifacts().all)
    if as_json:
        show.as_json([_told(one) for one in found])
        return
    rows = [
        (
            one.hash,
            show.size(one.size),
            one.media,
            one.name,
            " ".join(hold.holder for hold in one.holds),
            show.moment(one.created),
        )
        for one in found
    ]
    columns = ("hash", "size", "media", "name", "held by", "created")
    table = show.fitted(columns, rows, left_out=_LEFT_OUT, right=("size",))
    table.columns[0].no_wrap = show.OUT.width > _WIDE
    show.OUT.print(table, crop=False)


@artifacts.command("rm")
@click.argument("hash_", metavar="HASH")
@click.option("--holder", default=OPERATOR, show_default=True, help="Who is to hold it no more.")
@show.json_option
@pass_house
def rm(house: House, hash_: str, *, holder: str, as_json: bool) -> None:
    """Hold HASH no more. It is deleted by a sweep once nobody holds it."""
    kept = house.artifacts()
    anyio.run(kept.release, hash_, holder)
    left = anyio.run(kept.look, hash_)
    if as_json:
        show.as_json(_told(left))
        return
    holders = ", ".join(hold.holder for hold in left.holds)
    after = f"it is still held by {holders}" if holders else "a sweep will delete it"
    show.OUT.print(f"{holder} holds it no more; {after}.", markup=False, soft_wrap=True)


@artifacts.command("sweep")
@show.json_option
@pass_house
def sweep(house: House, *, as_json: bool) -> None:
    """Delete what nobody holds any more. What broken uploads left goes, too, after an hour."""
    with show.ERR.status("Looking") as status:
        swept = anyio.run(
            partial(
                house.artifacts().sweep, told=lambda looked: status.update(f"{looked:,} looked at")
            )
        )
    if as_json:
        show.as_json({"artifacts": swept.artifacts, "bytes": swept.bytes})
        return
    show.OUT.print(f"{swept.artifacts} deleted; {show.size(swept.bytes)} came free.", markup=False)


async def _read(file: Path, told: Told) -> AsyncGenerator[bytes]:
    async with await anyio.open_file(file, "rb") as opened:
        while piece := await opened.read(_PIECE):
            yield piece
            told(len(piece))


async def _write(pieces: AsyncGenerator[bytes], file: BinaryIO, told: Told) -> None:
    async with aclosing(pieces):
        async for piece in pieces:
            await anyio.to_thread.run_sync(file.write, piece)
            told(len(piece))


@contextmanager
def _bar(title: str, total: int, *, quiet: bool) -> Generator[Told]:
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=show.ERR,
        disable=quiet,
    )
    task = bar.add_task(title, total=total)
    with bar:
        yield lambda length: bar.advance(task, length)


def _told(kept: Artifact) -> dict[str, object]:
    return {
        "hash": kept.hash,
        "size": kept.size,
        "media": kept.media,
        "name": kept.name,
        "created": show.moment(kept.created),
        "holders": [hold.holder for hold in kept.holds],
    }
