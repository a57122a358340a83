"""The account of one ask: what was promised for it, what it has used, and the one entry it ends in.

Floor 4. Opened by the gateway with a promise, closed exactly once: with an entry where an engine
was held, with a refund where none was, or where the engine refused the ask as it was written.
"""

from collections.abc import Callable, Mapping

import structlog

from seedbed.core.access import Principal
from seedbed.core.ask import AnyAsk, Ask, EmbedAsk, ImageAsk, RerankAsk
from seedbed.core.errors import RequestRefused, SeedbedError
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    FilmProgress,
    Finished,
    Painted,
    Previewed,
    ReasoningDelta,
    TextDelta,
    UsageNow,
)
from seedbed.core.film import VideoAsk
from seedbed.core.money import Amount, Entry, Modality
from seedbed.core.route import Route
from seedbed.core.sound import ListenAsk, SpeechAsk, Spoken
from seedbed.core.usage import Usage
from seedbed.core.value import value
from seedbed.kit.clock import Clock
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.metering import Meter, Promise
from seedbed.serving.observing import Record, Refusal, Settled
from seedbed.serving.stay import Stay

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@value
class Once:
    """An idempotency key, and the digest of the request that came with it."""

    key: str
    digest: str


@value
class Order:
    """What is asked, by whom, under which id; `trace` is the caller's `traceparent`, if any.

    One with `once` is answered by `seedbed.serving.once`. With `told` its way is told there, and
    kept by whoever that is.
    """

    ask: AnyAsk
    principal: Principal
    request_id: str
    trace: str | None = None
    once: Once | None = None
    told: Callable[[Route], None] | None = None


_TEXT = Modality.TEXT  # to look into an enum takes as long as three calls
_MODALITIES: Mapping[type[AnyAsk], Modality] = {
    EmbedAsk: Modality.EMBEDDING,
    RerankAsk: Modality.RERANK,
    ImageAsk: Modality.IMAGE,
    VideoAsk: Modality.VIDEO,
    SpeechAsk: Modality.AUDIO,
    ListenAsk: Modality.AUDIO,
}


_CUT = frozenset({"cancelled", "failed"})
_FASTEST = 3_000
"""Tokens that no upstream writes more of in a second of one answer."""


@value
class Sunk:
    """What was held in vain: microseconds in all, those on own hardware, and what these cost."""

    held: int = 0
    own: int = 0
    micros: int = 0

    def __add__(self, other: "Sunk") -> "Sunk":
        return Sunk(self.held + other.held, self.own + other.own, self.micros + other.micros)


_NOTHING_SUNK = Sunk()


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
        tell: Callable[[str, str, Entry | None], None] = lambda _code, _why, _entry: None,
    ) -> None:
        self.order, self.live = order, live
        self._tariff = live.tariff  # an ask costs what was in force when it began
        self._promise, self._most = promise, most
        self._meter, self._clock, self._note = books.meter, books.clock, books.note
        self._tell = tell
        """Told, once it is closed, what it failed with, if it did, why, and its entry."""
        self._began = self._clock.wall()
        self._began_at = self._clock.now()
        self._first: float | None = None
        self._usage: Usage | None = None
        """What the engine has told."""
        self._visible = self._reasoning = 0
        """Tokens that came since the engine last told its count."""
        self._stay: Stay | None = None
        self._sunk = _NOTHING_SUNK
        """What was held where the ask failed before it began."""
        self.is_open = True

    @property
    def sunk(self) -> "Sunk":
        """What is spent already, wherever it is answered in the end."""
        return self._sunk

    def enter(self, stay: Stay) -> None:
        """It is asked there from now on, and the account will end in an entry."""
        self._stay = stay

    def leave(self, error: SeedbedError) -> None:
        """It failed there before it told anything; what it may have used, and how long it was held,
        counts.
        """
        if (stay := self._stay) is not None:
            stay.end(error=error)
            used = self._unseen() if may_have_used(error) else Usage()
            self._sunk += self._of(stay, used)
            self._stay = None

    def give_back(self) -> None:
        """It is to be promised anew: what it may no longer cost is free for that."""
        self._promise = self._meter.lessen(self._promise, self._sunk.micros)

    def move(self, live: LiveDeployment, promise: Promise, most: Usage) -> None:
        """It is promised for another deployment from now on."""
        self._meter.refund(self._promise)
        self.live, self._tariff = live, live.tariff
        self._promise, self._most = promise, most

    def see(self, event: Event) -> Event:
        """Count an event; the last one closes the account and comes back with its entry."""
        match event:
            case TextDelta() | CallDelta():
                self._visible += event.tokens
                if self._first is None:
                    self._begin()
            case ReasoningDelta():
                self._reasoning += event.tokens
                if self._first is None:
                    self._begin()
            case UsageNow():
                self._count(event.usage)
            case Painted() | Previewed() | FilmProgress() | Spoken():
                self._show()
            case Finished():
                self._count(event.usage)
                entry = self.close(event.stop)
                return Finished(event.stop, event.usage, entry, event.wire, event.met)
            case Failed():
                return self._fail(event)
            case _:
                pass
        return event

    def close(
        self, stop: str, code: str | None = None, error: SeedbedError | None = None
    ) -> Entry | None:
        """Settle what was used, or refund; a second call does nothing."""
        if not self.is_open:
            return None
        self.is_open = False
        why = error.what if error else ""
        if self._stay is None and self._sunk == _NOTHING_SUNK:
            self._tell(code or stop, why, None)
            self._meter.refund(self._promise)
            self._note(refused(self.order, code or stop, self._clock))
            return None
        if self._stay is not None:
            whole = self._usage if error is None and stop not in _CUT else None
            self._stay.end(whole, error)
        entry = self._entry(stop)
        self._tell(code or ("" if self._stay else stop), why, entry)
        self._meter.settle(self._promise, entry)
        kind = self.live.deployment.engine
        self._note(Settled(entry, kind, code, self.order.trace))
        if entry.spent.micros > entry.reserved.micros:
            log.error("entry.over_promise", reserved=str(entry.reserved), spent=str(entry.spent))
        return entry

    def _count(self, usage: Usage) -> None:
        self._usage = usage
        self._visible = self._reasoning = 0

    def _show(self) -> None:
        """A picture has come, or a part of a film, whose tokens the engine tells."""
        if self._first is None:
            self._begin()

    def _begin(self) -> None:
        """The first token has come."""
        self._first = self._clock.now()
        if self._stay is not None:
            self._stay.first()

    def _fail(self, event: Failed) -> Failed:
        error = event.error
        if isinstance(error, RequestRefused):
            self._refuse(error)
            return event
        if not may_have_used(error):
            self._usage = self._usage or Usage()
        return Failed(error, self.close("failed", error.code, error))

    def _refuse(self, error: SeedbedError) -> None:
        """The engine refused the ask as it was written: nobody pays for that."""
        if self._stay is not None:
            self._stay.end(error=error)
            self._stay = None
        self._sunk = _NOTHING_SUNK
        self.close("refused", error.code, error)

    def _of(self, stay: Stay, used: Usage) -> Sunk:
        """What a stay cost that came to nothing."""
        held = stay.held.microseconds
        own = held if stay.live.deployment.own_hardware else 0
        return Sunk(held, own, self._tariff.cost(used, own).micros)

    def _entry(self, stop: str) -> Entry:
        order, live, deployment = self.order, self.live, self.live.deployment
        model = order.ask.model
        own = self._stay.held.microseconds if self._stay and deployment.own_hardware else 0
        usage = self._unseen() if self._usage is None else self._usage
        if self._visible or self._reasoning:
            usage += Usage(output_visible=self._visible, output_reasoning=self._reasoning)
        first = self._first
        return Entry(
            order.request_id,
            order.principal,
            deployment.called(model),
            deployment.name,
            usage,
            self._promise.money,
            self._cost(usage, own),
            held=own + self._sunk.own,
            began=round(self._began * 1e6),
            took=round((self._clock.now() - self._began_at) * 1e6),
            stop=stop,
            modality=_MODALITIES.get(type(order.ask), _TEXT),
            shadow=live.shadow(usage),
            first=None if first is None else round((first - self._began_at) * 1e6),
            warnings=self._promise.warnings,
        )

    def _cost(self, usage: Usage, own: int) -> Amount:
        cost = self._tariff.cost(usage, own)
        return cost + Amount(self._sunk.micros, cost.currency) if self._sunk.micros else cost

    def _unseen(self) -> Usage:
        """What an upstream may have used that has told nothing of it: the prompt, of an answer in
        one piece as much as can have been written by now, all pictures, the film
        and the sound. Own hardware is paid by its time, and one that was not asked is paid nothing.
        """
        if self._stay is None or self.live.deployment.own_hardware:
            return Usage()
        ask, written = self.order.ask, 0
        if isinstance(ask, ImageAsk | VideoAsk | SpeechAsk | ListenAsk):
            return self._most
        if isinstance(ask, Ask) and ask.whole:
            seconds = self._clock.now() - self._began_at
            written = min(self._most.output, round(seconds * _FASTEST))
        return Usage(input_fresh=self._most.input, output_visible=written)


def may_have_used(error: SeedbedError) -> bool:
    """Whether an engine that ended so may have used more than it told."""
    return bool(error.facts.get("begun"))


def refused(order: Order, code: str, clock: Clock) -> Refusal:
    """What is told of an order that ended without an entry."""
    who, model = order.principal.key, order.ask.model
    return Refusal(order.request_id, who, model, code, clock.wall(), order.trace)
