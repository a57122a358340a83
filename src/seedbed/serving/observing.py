"""What happened, for those who look: told off the path of a request, in groups.

Floor 4. The path only appends to a list. Every quarter of a second what is in it is handed to each
sink: the log, the metrics, the traces.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

import anyio

from seedbed.core.money import Entry
from seedbed.core.value import value
from seedbed.kit import logs
from seedbed.kit.clock import Clock

EVERY_SECONDS = 0.25
GROUP = 64
"""Records that are handed on at once; between two groups, requests have their turn."""
_LONGEST_NAME = 200
"""Characters that are logged of a model's name that a caller may have made up."""


@value
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


@value
class Settled:
    """An entry, and what the ledger does not keep of it: the error it ended with, the engine's
    kind, and the trace that the caller began (its `traceparent` header).
    """

    entry: Entry
    engine: str
    code: str | None = None
    trace: str | None = None


@value
class Free:
    """An ask that was answered for nothing, since no model computed.

    `at` is its end in seconds since 1970, `took` in microseconds; `trace` is the caller's
    `traceparent` header.
    """

    request_id: str
    key: str
    model: str
    at: float
    took: int
    trace: str | None = None


Record: TypeAlias = Settled | Refusal | Free


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
        logs.tell(map(_told, records))


def _told(record: Record) -> dict[str, object]:
    match record:
        case Settled():
            return _settled(record)
        case Free():
            return _free(record)
        case Refusal():  # pragma: no branch - the last of the kinds
            return _refused(record)


def _settled(record: Settled) -> dict[str, object]:
    entry = record.entry
    failed = {} if record.code is None else {"code": record.code}
    return {
        **failed,
        "request": entry.request_id,
        "key": entry.principal.key,
        "model": entry.model,
        "stop": entry.stop,
        "input": entry.usage.input,
        "output": entry.usage.output,
        "spent": str(entry.spent),
        "held_us": entry.held,
        "took_us": entry.took,
        "timestamp": _iso((entry.began + entry.took) / 1e6),
        "event": "request.settled",
    }


def _free(record: Free) -> dict[str, object]:
    return {
        "request": record.request_id,
        "key": record.key,
        "model": record.model[:_LONGEST_NAME],
        "took_us": record.took,
        "timestamp": _iso(record.at),
        "event": "request.free",
    }


def _refused(record: Refusal) -> dict[str, object]:
    return {
        "request": record.request_id,
        "key": record.key,
        "model": record.model[:_LONGEST_NAME],
        "code": record.code,
        "timestamp": _iso(record.at),
        "event": "request.refused",
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
