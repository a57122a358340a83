"""What happened, for those who look: told off the path of a request, in groups.

Floor 4. The path only appends to a list. Every quarter of a second what is in it is handed to each
sink: the log, the metrics, the traces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

import anyio
import structlog

from seedbed.core.money import Entry
from seedbed.kit.clock import Clock

log: structlog.stdlib.BoundLogger = structlog.get_logger()

EVERY_SECONDS = 0.25
GROUP = 64
"""Records that are handed on at once; between two groups, requests have their turn."""
_LONGEST_NAME = 200
"""Characters that are logged of a model's name that a caller may have made up."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An ask that ended without an entry: refused before an engine was held, or by the engine.

    `at` is in seconds since 1970; `trace` is the caller's `traceparent` header.
    """

    request_id: str
    key: str
    model: str
    code: str
    at: float
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """An entry, and what the ledger does not keep of it: the error it ended with, the engine's
    kind, and the trace that the caller began (its `traceparent` header).
    """

    entry: Entry
    engine: str
    code: str | None = None
    trace: str | None = None


Record: TypeAlias = Settled | Refusal


class Sink(Protocol):
    """Takes what happened."""

    def take(self, records: Sequence[Record]) -> None:
        """Some records, in the order in which they happened. Waits for nothing; raises nothing."""
        ...


class Observer:
    """Collects records, and hands them on."""

    def __init__(self, sinks: Sequence[Sink], *, clock: Clock) -> None:
        self._sinks = tuple(sinks)
        self._clock = clock
        self._records: list[Record] = []
        self.note = self._records.append
        """Take one record; it costs an append."""

    async def run(self) -> None:
        """Hand records on, for ever."""
        while True:
            await self._clock.sleep(EVERY_SECONDS)
            while self._records:
                self._hand_on()
                await anyio.lowlevel.checkpoint()

    def flush(self) -> None:
        """Hand on all that has been collected."""
        while self._records:
            self._hand_on()

    def _hand_on(self) -> None:
        group = self._records[:GROUP]
        del self._records[:GROUP]
        for sink in self._sinks:
            sink.take(group)


class RequestLog:
    """Writes a line for each request."""

    def take(self, records: Sequence[Record]) -> None:
        """Write the lines, each with the moment at which it happened."""
        bound = log.bind()
        for record in records:
            if isinstance(record, Settled):
                _tell_settled(bound, record)
            else:
                _tell_refused(bound, record)


def _tell_settled(log: structlog.stdlib.BoundLogger, record: Settled) -> None:
    entry = record.entry
    if record.code is not None:
        log = log.bind(code=record.code)
    log.info(
        "request.settled",
        request=entry.request_id,
        key=entry.principal.key,
        model=entry.model,
        stop=entry.stop,
        input=entry.usage.input,
        output=entry.usage.output,
        spent=str(entry.spent),
        held_us=entry.held,
        took_us=entry.took,
        timestamp=_iso((entry.began + entry.took) / 1e6),
    )


def _tell_refused(log: structlog.stdlib.BoundLogger, record: Refusal) -> None:
    log.info(
        "request.refused",
        request=record.request_id,
        key=record.key,
        model=record.model[:_LONGEST_NAME],
        code=record.code,
        timestamp=_iso(record.at),
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
