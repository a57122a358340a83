"""The account of one ask: what was promised for it, what it has used, and the one entry it ends in.

Floor 4. Opened by the gateway with a promise, closed exactly once: with an entry where an engine
was held, with a refund where none was, or where the engine refused the ask as it was written.
"""

from collections.abc import Callable, Mapping

import structlog

from seedbed.core.access import Principal
from seedbed.core.ask import AnyAsk, Ask, EmbedAsk, RerankAsk
from seedbed.core.errors import DeadlineExceeded, RequestRefused, SeedbedError
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    TextDelta,
    UsageNow,
)
from seedbed.core.money import Entry, Modality
from seedbed.core.usage import Usage
from seedbed.core.value import value
from seedbed.kit.clock import Clock
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.metering import Meter, Promise
from seedbed.serving.observing import Record, Refusal, Settled
from seedbed.serving.shares import Held

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@value
class Once:
    """An idempotency key, and the digest of the request that came with it."""

    key: str
    digest: str


@value
class Order:
    """What is asked, by whom, under which id; `trace` is the caller's `traceparent`, if any.

    One with `once` is answered by `seedbed.serving.once`.
    """

    ask: AnyAsk
    principal: Principal
    request_id: str
    trace: str | None = None
    once: Once | None = None


_MODALITIES: Mapping[type[AnyAsk], Modality] = {
    EmbedAsk: Modality.EMBEDDING,
    RerankAsk: Modality.RERANK,
}


_FASTEST = 3_000
"""Tokens that no upstream writes more of in a second of one answer."""


@value
class Books:
    """Where accounts are settled, by whose clock, and who is told."""

    meter: Meter
    clock: Clock
    note: Callable[[Record], None]


class Account:
    """Counts what passes by, and settles it."""

    def __init__(
        self,
        order: Order,
        live: LiveDeployment,
        promise: Promise,
        *,
        most: Usage,
        books: Books,
    ) -> None:
        self.order, self.live = order, live
        self._tariff = live.tariff  # an ask costs what was in force when it began
        self._promise, self._most = promise, most
        self._meter, self._clock, self._note = books.meter, books.clock, books.note
        self._began = self._clock.wall()
        self._began_at = self._clock.now()
        self._first: float | None = None
        self._usage: Usage | None = None
        """What the engine has told."""
        self._visible = self._reasoning = 0
        """Tokens that came since the engine last told its count."""
        self._held: list[Held] = []
        self.is_open = True

    def hold(self, held: Held) -> None:
        """An engine is held from now on, and the account will end in an entry."""
        self._held.append(held)

    def let_go(self) -> None:
        """No engine is held any more; what it was held so far counts."""
        for held in self._held:
            held.give()

    def see(self, event: Event) -> Event:
        """Count an event; the last one closes the account and comes back with its entry."""
        match event:
            case TextDelta() | CallDelta():
                self._visible += event.tokens
                self._first = self._first or self._clock.now()
            case ReasoningDelta():
                self._reasoning += event.tokens
                self._first = self._first or self._clock.now()
            case UsageNow():
                self._count(event.usage)
            case Finished():
                self._count(event.usage)
                return Finished(event.stop, event.usage, self.close(event.stop), event.wire)
            case Failed(error=RequestRefused()):
                self.let_go()
                self._held.clear()
                self.close("refused", event.error.code)
            case Failed():
                if not may_have_used(event.error):
                    self._usage = self._usage or Usage()
                return Failed(event.error, self.close("failed", event.error.code))
            case _:
                pass
        return event

    def close(self, stop: str, code: str | None = None) -> Entry | None:
        """Settle what was used, or refund; a second call does nothing."""
        if not self.is_open:
            return None
        self.is_open = False
        self.let_go()
        if not self._held:
            self._meter.refund(self._promise)
            self._note(refused(self.order, code or stop, self._clock))
            return None
        entry = self._entry(stop, sum(held.microseconds for held in self._held))
        self._meter.settle(self._promise, entry)
        kind = self.live.deployment.engine
        self._note(Settled(entry, kind, code, self.order.trace))
        if entry.spent.micros > entry.reserved.micros:
            log.error("entry.over_promise", reserved=str(entry.reserved), spent=str(entry.spent))
        return entry

    def _count(self, usage: Usage) -> None:
        self._usage = usage
        self._visible = self._reasoning = 0

    def _entry(self, stop: str, held: int) -> Entry:
        order, live, deployment = self.order, self.live, self.live.deployment
        own = held if deployment.own_hardware else 0
        usage = self._unseen() if self._usage is None else self._usage
        if self._visible or self._reasoning:
            usage += Usage(output_visible=self._visible, output_reasoning=self._reasoning)
        first = self._first
        return Entry(
            order.request_id,
            order.principal,
            deployment.model.name,
            deployment.name,
            usage,
            self._promise.money,
            self._tariff.cost(usage, own),
            held=own,
            began=round(self._began * 1e6),
            took=round((self._clock.now() - self._began_at) * 1e6),
            stop=stop,
            modality=_MODALITIES.get(type(order.ask), Modality.TEXT),
            shadow=live.shadow(usage),
            first=None if first is None else round((first - self._began_at) * 1e6),
            warnings=self._promise.warnings,
        )

    def _unseen(self) -> Usage:
        """What an upstream may have used that has told nothing of it: the prompt, and of an answer
        in one piece as much as can have been written by now. Own hardware is paid by its time.
        """
        if self.live.deployment.own_hardware:
            return Usage()
        ask, written = self.order.ask, 0
        if isinstance(ask, Ask) and ask.whole:
            seconds = self._clock.now() - self._began_at
            written = min(self._most.output, round(seconds * _FASTEST))
        return Usage(input_fresh=self._most.input, output_visible=written)


def may_have_used(error: SeedbedError) -> bool:
    """Whether an engine that ended so may have used more than it told."""
    return isinstance(error, DeadlineExceeded) or bool(error.facts.get("begun"))


def refused(order: Order, code: str, clock: Clock) -> Refusal:
    """What is told of an order that ended without an entry."""
    who, model = order.principal.key, order.ask.model
    return Refusal(order.request_id, who, model, code, clock.wall(), order.trace)
