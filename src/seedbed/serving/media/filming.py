"""Films on their road: the film that comes of an ask is kept.

Floor 4. In front of the road behind, for asks for films alone. A film is large, and whoever waits
for it need not hold it: it becomes an artifact before its end is told, held in the name of the
request for a day, within which whoever asked makes it his own.
"""

from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing

from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Failed, Filmed
from seedbed.core.film import VideoAsk
from seedbed.core.value import changed
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order
from seedbed.serving.once import Generate
from seedbed.store.artifacts import Artifacts

HELD_SECONDS = 24 * 3600
"""How long a film is held for whoever asked."""


class Filming:
    """The road behind, for films too."""

    def __init__(self, generate: Generate, artifacts: Artifacts, *, clock: Clock) -> None:
        self._generate, self._artifacts, self._clock = generate, artifacts, clock

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream, as the road behind does."""
        ask = order.ask
        return self._filmed(order) if isinstance(ask, VideoAsk) else self._generate(order)

    async def _filmed(self, order: Order) -> AsyncGenerator[Event]:
        try:
            async with aclosing(self._generate(order)) as events:
                async for event in events:
                    yield await self._kept(order, event) if isinstance(event, Filmed) else event
        except SeedbedError as error:
            yield Failed(error)

    async def _kept(self, order: Order, film: Filmed) -> Filmed:
        """The film without its bytes, which are kept now.

        Raises:
            DiskFull, StoreUnusable: they cannot be kept.
        """
        artifact = await self._artifacts.put(
            _once(film.data),
            film.media,
            holder=order.request_id,
            project=order.principal.project,
            name=f"{order.request_id}.{film.media.rpartition('/')[2]}",
            until=round((self._clock.wall() + HELD_SECONDS) * 1e6),
        )
        return changed(film, data=b"", hash=artifact.hash)


async def _once(data: bytes) -> AsyncIterable[bytes]:
    yield data
