"""What takes media apart does it in a process of its own, in bounds that it cannot leave."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import msgspec
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from seedbed.kit.film.about import About
from seedbed.kit.media import workshop
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Coded, Confines, Film, Pages, Picture, Probe, Sound
from seedbed.kit.media.workshop import Workshop
from tests.kit.media.made import document, film, opened, picture

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SMALL = Picture(side=10)
CONFINED = """
import socket, sys
from seedbed.kit.media.orders import Confines
from seedbed.kit.media.workers.confined import confine
confine(Confines())
for attempt in (lambda: open("/etc/passwd"), socket.socket):
    try:
        attempt()
    except OSError as error:
        print(error.errno)
"""


async def test_each_kind_of_order_has_its_worker() -> None:
    shop = Workshop()
    (plain,) = await shop.make(picture(), SMALL)
    assert opened(plain.picture).size == (10, 7)
    assert len(await shop.make(film(), Film("mov"))) == 5
    (told,) = await shop.make(film(), Probe("mov"))
    assert About.of(told.words).frames == 50
    (page,) = await shop.make(document("One."), Pages(pixels=100_000))
    assert page.words == "One."
    assert page.picture


async def test_each_kind_of_picture_is_read_though_nothing_can_be_opened_any_more() -> None:
    shop = Workshop()
    exif, words = Image.Exif(), PngInfo()
    exif[0x0112] = 6
    words.add_text("where", "Grüße")
    words.add_itxt("where", "Grüße", zip=True)
    for kind in ("JPEG", "GIF", "BMP", "WEBP", "PNG"):
        data = picture(kind=kind, mode="L", exif=exif, pnginfo=words)
        (piece,) = await shop.make(data, SMALL)
        assert piece.picture


async def test_why_a_medium_is_not_had_is_told_in_its_words() -> None:
    with pytest.raises(MediumFault, match="it is cut off, or no PNG, JPEG, GIF, WebP or BMP"):
        await Workshop().make(b"", SMALL)


async def test_films_want_a_library_that_need_not_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "find_spec", {"PIL": True}.get)
    with pytest.raises(MediumFault, match=r"`seedbed\[films\]` is installed"):
        await Workshop().make(b"", Film("mov"))


async def test_sound_is_written_and_made_plain_though_nothing_can_be_opened_any_more() -> None:
    shop = Workshop()
    for kind, container in (("mp3", "mp3"), ("opus", "ogg"), ("aac", "aac"), ("flac", "flac")):
        (file,) = await shop.make(bytes(48_000), Coded(kind))
        (plain,) = await shop.make(file.sound, Sound(container))
        assert 32_000 <= len(plain.sound) <= 36_000


@pytest.mark.parametrize(
    ("confines", "order", "why"),
    [
        (Confines(memory=200 << 20), Picture(), r"more than 209,715,200 bytes of memory"),
        (Confines(output=99), Picture(), "takes more than 99 bytes"),
        (Confines(seconds=0.01), Picture(), r"was not read within 0\.01 s"),
    ],
)
async def test_who_takes_more_than_it_may_is_ended(
    confines: Confines, order: Picture, why: str
) -> None:
    with pytest.raises(MediumFault, match=why):
        await Workshop(confines).make(picture((6_000, 6_000)), order)


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        (f"os.kill(os.getpid(), {signal.SIGXCPU.value})", "more than 20 s of a processor"),
        ("os.abort()", "it breaks what reads it"),
        ("sys.stderr.write('x' * 9_999); sys.exit(3)", "^x{400}$"),
    ],
)
async def test_whichever_way_it_ends_is_told(
    ending: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport os, sys\n{ending}\n")
    program.chmod(0o700)
    monkeypatch.setattr(workshop.sys, "executable", str(program))
    with pytest.raises(MediumFault, match=why):
        await Workshop().make(bytes(1 << 20), SMALL)


async def test_who_leaves_takes_the_worker_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, begun = tmp_path / "program", tmp_path / "begun"
    os.mkfifo(begun)
    program.write_text(f"#!/bin/sh\necho $$ > {begun}\nexec sleep 600\n")
    program.chmod(0o700)
    monkeypatch.setattr(workshop.sys, "executable", str(program))
    numbers = list[int]()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Workshop().make, bytes(1 << 20), SMALL)
        numbers.append(int(await anyio.Path(begun).read_text()))
        tasks.cancel_scope.cancel()
    (number,) = numbers
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_a_confined_process_opens_no_file_and_no_connection() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CONFINED], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["24", "24"]


def test_orders_are_told_apart_on_the_wire() -> None:
    for order in (Picture(), Film("mov"), Pages()):
        told = msgspec.json.encode(order)
        assert msgspec.json.decode(told, type=Picture | Film | Pages) == order
