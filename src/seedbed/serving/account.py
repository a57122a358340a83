"""The account of one ask: what was promised for it, what it has used, and the one entry it ends in.

Floor 4. Opened by the gateway with a promise, closed exactly once: with an entry where an engine
was held, with a refund where none was, or where the engine refused the ask as it was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from seedbed.core.access import Principal
from seedbed.core.ask import AnyAsk
from seedbed.core.errors import RequestRefused
from seedbed.core.event import (
    CallDelta,
    Embedded,
    Event,
    Failed,
    Finished,
    Ranked,
    ReasoningDelta,
    Started,
    TextDelta,
    UsageNow,
)
from seedbed.core.money import Entry
from seedbed.core.usage import Usage
from seedbed.kit.clock import Clock
from seedbed.serving.deployment import Held, LiveDeployment
from seedbed.serving.metering import Meter, Promise

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked, by whom, under which id; `trace` is the caller's `traceparent`, if any."""

    ask: AnyAsk
    principal: Principal
    request_id: str
    trace: str | None = None


class Account:
    """Counts what passes by, and settles it."""

    def __init__(
        self, order: Order, live: LiveDeployment, promise: Promise, *, meter: Meter, clock: Clock
    ) -> None:
        self.order, self.live = order, live
        self._promise, self._meter, self._clock = promise, meter, clock
        self._began = clock.wall()
        self._usage = Usage()
        self._held: list[Held] = []
        self.is_open = True

    def hold(self, held: Held) -> None:
        """An engine is held from now on, and the account will end in an entry."""
        self._held.append(held)

    def see(self, event: Event) -> Event:
        """Count an event; the last one closes the account and comes back with its entry."""
        match event:
            case UsageNow(usage=usage):
                self._usage = usage
            case TextDelta() | CallDelta():
                self._usage += Usage(output_visible=event.tokens)
            case ReasoningDelta():
                self._usage += Usage(output_reasoning=event.tokens)
            case Finished():
                self._usage = event.usage
                return replace(event, entry=self.close(event.stop))
            case Failed(error=RequestRefused()):
                self._held.clear()
                self.close("refused", code=event.error.code)
            case Failed():
                return replace(event, entry=self.close("failed", code=event.error.code))
            case Started() | Embedded() | Ranked():
                pass
        return event

    def close(self, stop: str, **facts: str) -> Entry | None:
        """Settle what was used, or refund; a second call does nothing."""
        if not self.is_open:
            return None
        self.is_open = False
        if not self._held:
            self._meter.refund(self._promise)
            log.info("request.refused", **self._known, **facts)
            return None
        entry = self._entry(stop, sum(held.microseconds for held in self._held))
        self._meter.settle(self._promise, entry)
        self._tell(entry, facts)
        return entry

    def _entry(self, stop: str, held: int) -> Entry:
        model = self.live.deployment.model.name
        own = held if self.live.deployment.own_hardware else 0
        return Entry(
            request_id=self.order.request_id,
            principal=self.order.principal,
            model=model,
            deployment=self.live.name,
            usage=self._usage,
            reserved=self._promise.amount,
            spent=self.live.tariff.cost(self._usage, own),
            held=own,
            began=round(self._began * 1e6),
            took=round((self._clock.wall() - self._began) * 1e6),
            stop=stop,
        )

    @property
    def _known(self) -> dict[str, str]:
        order = self.order
        return {"request": order.request_id, "key": order.principal.key, "model": order.ask.model}

    def _tell(self, entry: Entry, facts: Mapping[str, str]) -> None:
        if entry.spent.micros > entry.reserved.micros:
            log.error("entry.over_promise", reserved=str(entry.reserved), spent=str(entry.spent))
        log.info(
            "request.settled",
            **self._known,
            **facts,
            stop=entry.stop,
            input=entry.usage.input,
            output=entry.usage.output,
            spent=str(entry.spent),
            held_us=entry.held,
            took_us=entry.took,
        )
