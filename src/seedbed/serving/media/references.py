"""What pictures and films go by, on its road: had, and made plain before an engine is given it.

Floor 4. It was made by strangers, and engines that paint have no defence against it: it is taken
apart in the workshop, and what reaches an engine was written there. A picture becomes PNG that is
upright, in eight bits, and clear where it was; the Scene in it stays. Films and sounds are looked
into, and go on as they came.

Each keeps the hash that it came under among its options, as `artifact`, by which Scenes name it.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from seedbed.core.ask import ImageAsk
from seedbed.core.errors import MediumRefused, SeedbedError
from seedbed.core.event import Event, Failed
from seedbed.core.film import VideoAsk
from seedbed.core.message import Media, MediaKind
from seedbed.core.scene.form import IN_PNG, PIXELS
from seedbed.core.value import changed
from seedbed.kit.film.about import About
from seedbed.kit.media.containers import film_in, sound_in
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.fetching import Fetcher
from seedbed.kit.media.orders import Picture, Probe
from seedbed.kit.media.sniffing import media_type_of
from seedbed.kit.media.workshop import Workshop
from seedbed.serving.account import Order
from seedbed.serving.media.limits import MediaLimits
from seedbed.serving.media.sources import Shelf, Sources, called
from seedbed.serving.once import Generate

_PLAIN = Picture(side=4_096, pixels=4_096 * 4_096, clear=True, texts=(IN_PNG, PIXELS))
_MOST_TOGETHER = 128 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """Where what is gone by comes from, and where it is made plain."""

    fetcher: Fetcher
    shelf: Shelf
    workshop: Workshop = field(default_factory=Workshop)
    limits: MediaLimits = field(default_factory=MediaLimits)


class References:
    """The road behind, for pictures and films that go by something."""

    def __init__(self, generate: Generate, table: Table) -> None:
        self._generate, self._table = generate, table

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream, as the road behind does."""
        ask = order.ask
        if isinstance(ask, ImageAsk | VideoAsk) and ask.refs:
            return self._made(order, ask)
        return self._generate(order)

    async def _made(self, order: Order, ask: ImageAsk | VideoAsk) -> AsyncGenerator[Event]:
        try:
            refs = await self._plain(ask.refs, order.principal.project)
        except SeedbedError as error:
            yield Failed(error)
            return
        ready = replace(order, ask=changed(ask, refs=refs))
        async with aclosing(self._generate(ready)) as events:
            async for event in events:
                yield event

    async def _plain(self, refs: tuple[Media, ...], project: str) -> tuple[Media, ...]:
        """All of them, of which each can be read.

        Raises:
            MediumRefused: one cannot be had or read, or they are too large together.
            ArtifactUnknown, ObjectUnknown: one is not the project's.
        """
        table, made, left = self._table, list[Media](), _MOST_TOGETHER
        sources = Sources(table.fetcher, table.shelf, project, table.limits.most_bytes)
        for number, ref in enumerate(refs, 1):
            where = called(ref) + (f", number {number} of {len(refs)}," if len(refs) > 1 else "")
            try:
                ready = await self._ready(ref, sources, most=left)
            except (MediumFault, TimeoutError) as fault:
                why = str(fault) or f"it was not ready within {table.limits.seconds:g} s"
                raise MediumRefused(ref.kind.value, where, why=why, field="refs") from fault
            left -= len(ready.source)
            made.append(ready)
        return tuple(made)

    async def _ready(self, ref: Media, sources: Sources, *, most: int) -> Media:
        async with asyncio.timeout(self._table.limits.seconds):
            data = await sources.bytes_of(ref)  # the workshop, which may be busy, has its own time
        options = {**ref.options, "artifact": hashlib.sha256(data).hexdigest()}
        made = await self._read(ref.kind, data)
        if len(made) > most:
            raise MediumFault(f"with those before it, it has more than {_MOST_TOGETHER:,} bytes")
        return changed(ref, source=made, options=options)

    async def _read(self, kind: MediaKind, data: bytes) -> bytes:
        """What an engine is given of it.

        Raises:
            MediumFault: it is empty, damaged, or of another kind.
        """
        if not data:
            raise MediumFault("it is empty")
        found, make = media_type_of(data), self._table.workshop.make
        if kind is MediaKind.IMAGE:
            if not found.startswith("image/"):
                raise MediumFault(f"it is {found or 'of no known kind'}, and no picture")
            (piece,) = await make(data, _PLAIN)
            return piece.picture
        is_film = kind is MediaKind.VIDEO
        (told,) = await make(data, Probe(film_in(found) if is_film else sound_in(data)))
        about = About.of(told.words)
        if not (about.codec if is_film else about.sound):
            raise MediumFault(f"it holds no {'pictures' if is_film else 'sound'}")
        return data
