"""Whatever strangers send is read, or refused in words; nothing is left behind of either."""

import re
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from seedbed.kit.film.about import About
from seedbed.kit.media.containers import film_in, sound_in
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.orders import Picture, Probe, Sound
from seedbed.kit.media.sniffing import media_type_of
from seedbed.kit.media.workshop import Workshop
from tests.kit.media import hostile
from tests.kit.media.made import opened

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PLAIN = Picture(side=4_096, pixels=4_096 * 4_096, clear=True, texts=("seedbed.scene",))
TOLD = re.compile(r"(it|what|nothing|to read) [\w%'].{5,}")
"""Every fault is a sentence without its end."""


def children() -> set[str]:
    """The processes of this one."""
    return set(
        chain(*(one.read_text().split() for one in Path("/proc/self/task").glob("*/children")))
    )


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    processes = children()
    yield
    assert children() == processes
    assert not [*tmp_path.iterdir()]


def refused(fault: MediumFault) -> None:
    assert TOLD.fullmatch(str(fault)), str(fault)
    assert hostile.SECRET.decode() not in str(fault)


async def picture(data: bytes) -> None:
    if not media_type_of(data).startswith("image/"):
        raise MediumFault("it is no picture")
    (piece,) = await Workshop().make(data, PLAIN)
    made = opened(piece.picture)
    made.load()
    assert (made.format, max(made.size) <= 4_096) == ("PNG", True)


async def film(data: bytes) -> None:
    (piece,) = await Workshop().make(data, Probe(film_in(media_type_of(data))))
    if not About.of(piece.words).codec:
        raise MediumFault("it holds no pictures")


async def sound(data: bytes) -> None:
    order = Sound(sound_in(data), rate=48_000, channels=2, most=10, cut=True)
    (piece,) = await Workshop().make(data, order)
    assert 0 < len(piece.sound) <= 10 * 48_000 * 4


READ = {"pictures": picture, "films": film, "sounds": sound}


def every(group: str) -> pytest.MarkDecorator:
    """Each of a group, of each kind."""
    cases = [
        pytest.param(kind, make, id=f"{kind}: {name}")
        for kind in READ
        for name, make in getattr(hostile, f"{group}_{kind.upper()}").items()
    ]
    return pytest.mark.parametrize(("kind", "make"), cases)


@every("ODD")
async def test_what_is_odd_is_read(kind: str, make: hostile.Maker) -> None:
    await READ[kind](make())


@every("BAD")
async def test_what_is_bad_is_refused_in_words(kind: str, make: hostile.Maker) -> None:
    with pytest.raises(MediumFault) as fault:
        await READ[kind](make())
    refused(fault.value)


@every("EITHER")
async def test_what_may_be_either_is_read_or_refused(kind: str, make: hostile.Maker) -> None:
    try:
        await READ[kind](make())
    except MediumFault as fault:
        refused(fault)
