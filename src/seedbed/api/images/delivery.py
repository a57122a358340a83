"""What a caller is given of a picture: its bytes in base64, or a link to it.

Floor 6. Neither holds up the others: base64 of a large picture is made in a thread, and a file is
written by the store. A link is good for a day, and so is the picture behind it; it opens without a
key, to whoever has it.
"""

import base64
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass

import anyio
from starlette.requests import Request
from starlette.types import Scope

from seedbed.api.links import Link, Links
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Failed, Painted, Previewed
from seedbed.core.value import changed
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order
from seedbed.serving.once import Generate
from seedbed.store.artifacts import Artifacts

LINK_SECONDS = 24 * 3600
_LARGE = 3 << 16
"""Bytes that are worth a thread, and are packed without letting others go on. Packed by itself a
multiple of three bytes is as it is within the whole."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Where pictures are kept that are given by link."""

    artifacts: Artifacts
    links: Links
    clock: Clock

    async def keep(self, picture: Painted, holder: str, project: str) -> str:
        """The path of a link to a picture that is kept now.

        Raises:
            DiskFull, StoreUnusable: it cannot be kept.
        """
        until = int(self.clock.wall()) + LINK_SECONDS
        name = f"{holder}-{picture.ordinal}.{picture.media.rpartition('/')[2]}"
        artifact = await self.artifacts.put(
            _once(picture.data),
            picture.media,
            holder=holder,
            project=project,
            name=name,
            until=until * 1_000_000,
        )
        return await self.links.write(Link(artifact.hash, until, picture.media, name))


class Delivery:
    """The way of an ask for pictures. What comes out of it has in `data`, in the place of the
    picture, the text that its caller is given: with `by_link` a link below `base`, else base64.

    A preview is never a link.
    """

    def __init__(self, gallery: Gallery, base: str, *, by_link: bool) -> None:
        self._gallery, self._base = gallery, base
        self._by_link = by_link

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer, with texts in the place of pictures."""
        try:
            async with aclosing(generate(order)) as events:
                async for event in events:
                    yield await self._given(order, event)
        except SeedbedError as error:
            yield Failed(error)

    async def _given(self, order: Order, event: Event) -> Event:
        match event:
            case Painted() if self._by_link:
                return changed(event, data=await self._kept(order, event))
            case Painted() | Previewed():
                return changed(event, data=await _packed(event.data))
            case _:
                return event

    async def _kept(self, order: Order, picture: Painted) -> bytes:
        """The link to a picture that is kept now.

        Raises:
            DiskFull, StoreUnusable: it cannot be kept.
        """
        project = order.principal.project
        path = await self._gallery.keep(picture, order.request_id, project)
        return (self._base + path).encode()


def base_of(scope: Scope) -> str:
    """Where the caller sees this house."""
    return str(Request(scope).base_url).rstrip("/")


async def _once(data: bytes) -> AsyncIterable[bytes]:
    yield data


async def _packed(data: bytes) -> bytes:
    if len(data) < _LARGE:
        return base64.b64encode(data)
    return await anyio.to_thread.run_sync(_packed_in_pieces, data)


def _packed_in_pieces(data: bytes) -> bytes:
    pieces = (data[at : at + _LARGE] for at in range(0, len(data), _LARGE))
    return b"".join(base64.b64encode(piece) for piece in pieces)
