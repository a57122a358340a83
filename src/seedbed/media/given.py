"""What films go by was given by strangers: it is looked at before it costs anything, and its sounds
are made plain before the studio has them. What lies elsewhere is fetched.

Floor 5. It is taken apart in the workshop; what the libraries of the studio open was written here.
Pictures are made plain on the road of each piece.
"""

import io
import wave
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from math import ceil
from pathlib import Path

import anyio

from seedbed.core.errors import MediumRefused
from seedbed.core.message import Media, MediaKind
from seedbed.core.scene.scene import Reference
from seedbed.kit.media.containers import film_in, sound_in
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.fetching import Fetcher
from seedbed.kit.media.orders import Confines, Order, Picture, Probe, Sound
from seedbed.kit.media.sniffing import media_type_of
from seedbed.kit.media.workshop import Workshop
from seedbed.serving.media.sources import called
from seedbed.store.artifacts import Artifacts

_MOST_BYTES = 64 << 20
_CONFINES = Confines(output=160 << 20)
"""Enough for the sound of the longest film."""
_RATE, _CHANNELS, _WIDTH = 48_000, 2, 2
_SMALL = 64
"""The side of a picture that is only looked at."""


class Given:
    """Reads what lies in a project or elsewhere, and what strangers made."""

    def __init__(self, artifacts: Artifacts, fetcher: Fetcher) -> None:
        self._artifacts, self._fetcher = artifacts, fetcher
        self._workshop = Workshop(_CONFINES)

    async def check(self, references: Sequence[Reference], project: str) -> None:
        """See that all that a Scene refers to can be read.

        Raises:
            MediumRefused: something cannot.
            ArtifactUnknown: it is not the project's.
        """
        for one in references:
            await self._read(one, project, seconds=1.0)

    async def fetch(self, ref: Mapping[str, str]) -> bytes:
        """What lies at the address that a film goes by; nobody has looked at it.

        Raises:
            MediumRefused: it cannot be had.
        """
        try:
            return await self._fetcher.fetch(ref["source"])
        except MediumFault as fault:
            where = called(Media(MediaKind(ref["kind"]), ref["source"]))
            raise MediumRefused(ref["kind"], where, why=str(fault), field="refs") from fault

    async def sound(self, one: Reference, path: Path, *, project: str, seconds: float) -> str:
        """A sound as WAV in two channels, in a file; beyond so many seconds it is left out.

        Raises:
            MediumRefused: it is none that can be read.
            ArtifactUnknown: it is not the project's.
        """
        plain = await self._read(one, project, seconds=seconds)
        await anyio.Path(path).write_bytes(_wav(plain))
        return str(path)

    async def _read(self, one: Reference, project: str, *, seconds: float) -> bytes:
        found = await self._artifacts.find(one.artifact, project)
        try:
            if found.size > _MOST_BYTES:
                raise MediumFault(f"it has {found.size:,} bytes, and {_MOST_BYTES:,} is the most")
            async with aclosing(self._artifacts.open(found)) as stream:
                data = b"".join([part async for part in stream])
            (piece,) = await self._workshop.make(data, _order(one, data, seconds))
        except MediumFault as fault:
            kind, _, _ = one.media.partition("/")
            where = f"of the reference {one.id!r}"
            raise MediumRefused(kind, where, why=str(fault), field="scene") from fault
        return piece.sound


def _order(one: Reference, data: bytes, seconds: float) -> Order:
    """What is to be made of a file, by what it is said to be.

    Raises:
        MediumFault: it is something else.
    """
    if not data:
        raise MediumFault("it is empty")
    found = media_type_of(data)
    if one.media.startswith("video/"):
        return Probe(film_in(found))
    if not one.media.startswith("image/"):
        most = ceil(seconds)
        return Sound(sound_in(data), rate=_RATE, channels=_CHANNELS, most=most, cut=True)
    if not found.startswith("image/"):
        raise MediumFault(f"it is {found or 'of no known kind'}, and no picture")
    return Picture(side=_SMALL)


def _wav(sound: bytes) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as out:
        out.setnchannels(_CHANNELS)
        out.setsampwidth(_WIDTH)
        out.setframerate(_RATE)
        out.writeframes(sound)
    return written.getvalue()
