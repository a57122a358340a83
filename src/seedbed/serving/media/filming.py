"""Films on their road: what an ask goes by is had first, and the film that comes of it is kept.

Floor 4. In front of the road behind, for asks for films alone. A film is large, and whoever waits
for it need not hold it: it becomes an artifact before its end is told, held in the name of the
request for a day, within which whoever asked makes it his own.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass, replace

from seedbed.core.errors import MediumRefused, SeedbedError
from seedbed.core.event import Event, Failed, Filmed
from seedbed.core.film import VideoAsk
from seedbed.core.message import Media
from seedbed.core.value import changed
from seedbed.kit.clock import Clock
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.fetching import Fetcher
from seedbed.serving.account import Order
from seedbed.serving.media.limits import MediaLimits
from seedbed.serving.media.sources import Shelf, Sources, called
from seedbed.serving.once import Generate
from seedbed.store.artifacts import Artifacts

HELD_SECONDS = 24 * 3600
"""How long a film is held for whoever asked."""
_LIMITS = MediaLimits()


@dataclass(frozen=True, slots=True)
class Studio:
    """Where what a film goes by comes from, and where films are kept."""

    fetcher: Fetcher
    shelf: Shelf
    artifacts: Artifacts
    clock: Clock


class Filming:
    """The road behind, for films too."""

    def __init__(self, generate: Generate, studio: Studio) -> None:
        self._generate, self._studio = generate, studio

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream, as the road behind does."""
        ask = order.ask
        return self._filmed(order, ask) if isinstance(ask, VideoAsk) else self._generate(order)

    async def _filmed(self, order: Order, ask: VideoAsk) -> AsyncGenerator[Event]:
        try:
            ready = changed(ask, refs=await self._had(ask, order.principal.project))
            async with aclosing(self._generate(replace(order, ask=ready))) as events:
                async for event in events:
                    yield await self._kept(order, event) if isinstance(event, Filmed) else event
        except SeedbedError as error:
            yield Failed(error)

    async def _had(self, ask: VideoAsk, project: str) -> tuple[Media, ...]:
        """What it goes by, as bytes that nobody has looked at.

        Raises:
            MediumRefused: one of them cannot be had.
            ArtifactUnknown, ObjectUnknown: one is not the project's.
        """
        studio, had = self._studio, list[Media]()
        sources = Sources(studio.fetcher, studio.shelf, project, _LIMITS.most_bytes)
        for ref in ask.refs:
            try:
                async with asyncio.timeout(_LIMITS.seconds):
                    had.append(changed(ref, source=await sources.bytes_of(ref)))
            except (MediumFault, TimeoutError) as fault:
                why = str(fault) or f"it was not there within {_LIMITS.seconds:g} s"
                raise MediumRefused(ref.kind.value, called(ref), why=why) from fault
        return tuple(had)

    async def _kept(self, order: Order, film: Filmed) -> Filmed:
        """The film without its bytes, which are kept now.

        Raises:
            DiskFull, StoreUnusable: they cannot be kept.
        """
        studio = self._studio
        artifact = await studio.artifacts.put(
            _once(film.data),
            film.media,
            holder=order.request_id,
            project=order.principal.project,
            name=f"{order.request_id}.{film.media.rpartition('/')[2]}",
            until=round((studio.clock.wall() + HELD_SECONDS) * 1e6),
        )
        return changed(film, data=b"", hash=artifact.hash)


async def _once(data: bytes) -> AsyncIterable[bytes]:
    yield data
