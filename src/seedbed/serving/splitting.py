"""One model on two engines: one reads long prompts, the other writes the answers.

Floor 4. While a long prompt is read, the answers of others do not stand still. What the reader read
comes to the writer through a folder that both share, or through what it hands over; so this is
worth it where that is faster than to read. A reader that fails costs time alone: the writer reads
by itself.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

import structlog

from seedbed.core.ask import Ask, Feature
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Finished, UsageNow
from seedbed.core.prefix import chain
from seedbed.core.usage import Usage
from seedbed.engines.base import Generator, Program, Read, Reader

LONG_BYTES = 4096
"""From so many bytes on, a prompt is read elsewhere."""
_NONE = Read(Usage())

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Writer(Generator, Protocol):
    """What answers."""

    @property
    def features(self) -> frozenset[Feature]:
        """What it serves."""
        ...


class Split:
    """A writer that has the long prompts read by a reader. Whoever made the two closes them."""

    program: Program | None = None

    def __init__(self, reader: Reader, writer: Writer, *, long: int = LONG_BYTES) -> None:
        self._reader, self._writer, self._long = reader, writer, long
        self.features = writer.features

    def attach(self, greeting: Mapping[str, str]) -> None:
        """Nothing to attach to: both have programs of their own."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        """The writer's events; what the reader computed for them is told as computed."""
        read = await self._read(ask)
        told = replace(ask, extra={**ask.extra, **read.handed}) if read.handed else ask
        async with aclosing(self._writer.generate(told)) as events:
            async for event in events:
                if isinstance(event, UsageNow | Finished):
                    yield replace(event, usage=_told(event.usage, read.usage.input_fresh))
                else:
                    yield event

    async def aclose(self) -> None:
        """Nothing is held."""

    async def _read(self, ask: Ask) -> Read:
        links = chain(ask)
        if not links or links[-1].end < self._long or ask.memory.fresh:
            return _NONE
        try:
            return await self._reader.read(ask)
        except SeedbedError as error:
            log.warning("split.not_read", model=ask.model, why=str(error))
            return _NONE


def _told(usage: Usage, read: int) -> Usage:
    """What came from the reader just now was no cache's."""
    now = min(read, usage.input_cache_read)
    fresh, cached = usage.input_fresh + now, usage.input_cache_read - now
    return replace(usage, input_fresh=fresh, input_cache_read=cached)
