"""What happened, for those who look: told off the path of a request, in groups.

Floor 4. The path only appends to a list. Every quarter of a second the list is handed to each sink:
the log, the metrics, the traces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from seedbed.core.money import Entry
from seedbed.kit.clock import Clock

EVERY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Refusal:
    """An ask that ended without an entry: refused before an engine was held, or by the engine."""

    request_id: str
    key: str
    model: str
    code: str
    at: float


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
        """Some records, in the order in which they happened. May take its time; raises nothing."""
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
            self.flush()

    def flush(self) -> None:
        """Hand on what has been collected."""
        if self._records:
            records = self._records.copy()
            self._records.clear()
            for sink in self._sinks:
                sink.take(records)
