"""The one road: reserve, place, run, settle.

Floor 4. Every model call, from any door, agent, document or evaluation, is `Gateway.generate`. It
adds nothing to the events but the entry that the last one is settled with.
"""

from collections.abc import AsyncGenerator, Callable, Sequence

import anyio

from seedbed.core.access import Scope
from seedbed.core.ask import AnyAsk, Ask, EmbedAsk, RerankAsk
from seedbed.core.errors import (
    DeadlineExceeded,
    EngineFailed,
    EngineUnreachable,
    FeatureUnserved,
    ModelUnknown,
    ScopeMissing,
    SeedbedError,
)
from seedbed.core.event import Event, Failed
from seedbed.core.model import Model
from seedbed.core.money import Amount
from seedbed.core.usage import Usage
from seedbed.engines.base import Engine
from seedbed.kit.clock import Clock
from seedbed.kit.interrupt import Deadline
from seedbed.serving.account import Account, Books, Order, refused
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.metering import Meter
from seedbed.serving.observing import Record
from seedbed.serving.verifying import check, verified

_LIVES = 2
"""Lives of an engine's process that one ask may meet, as long as none has begun on it."""
_STOPPING_SECONDS = 30.0
"""How long a door may be stuck with a caller, and an engine take to let go, past the deadline."""


class Gateway:
    """The way to every model of this house. `note` takes what happened, for those who look."""

    def __init__(
        self,
        deployments: Sequence[LiveDeployment],
        meter: Meter,
        *,
        clock: Clock,
        engine_within: float,
        longest_answer: float,
        note: Callable[[Record], None] = lambda _: None,
    ) -> None:
        self.deployments = tuple(deployments)
        self._by_model = {live.deployment.model.name: live for live in reversed(self.deployments)}
        self._meter = meter
        self._clock = clock
        self._engine_within = engine_within
        self._longest_answer = longest_answer
        self.note = note
        self._books = Books(meter, clock, note)

    @property
    def models(self) -> tuple[Model, ...]:
        """What can be asked."""
        return tuple(live.deployment.model for live in self.deployments)

    @property
    def trouble(self) -> dict[str, str]:
        """What keeps this house from answering at the moment, by part; empty when nothing does."""
        at_rest = {"ready", "unloaded"}  # the next ask loads what was unloaded
        engines = {live.name: live.state for live in self.deployments if live.state not in at_rest}
        return engines | ({"ledger": self._meter.trouble} if self._meter.trouble else {})

    async def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream as `seedbed.core.event` describes it.

        What it may cost is reserved first, what it did cost is settled with its last event. The
        stream may be closed at any point: what was used until then is settled as `cancelled`.
        """
        try:
            account = await self._open(order)
        except SeedbedError as refusal:
            self.note(refused(order, refusal.code, self._clock))
            yield Failed(refusal)
            return
        try:
            async with Deadline(seconds := self._seconds(order.ask)) as deadline:
                event, events = await self._begin(account, deadline)
                try:
                    while event is not None:
                        yield account.see(event)
                        event = None if deadline.is_past else await anext(events, None)
                finally:
                    await deadline.close(events)
            if account.is_open:
                late = DeadlineExceeded(seconds=seconds) if deadline.is_past else None
                yield account.see(Failed(late or _cut_off(order.ask)))
        except SeedbedError as refusal:
            yield account.see(Failed(refusal))
        except (GeneratorExit, anyio.get_cancelled_exc_class()):
            account.close("cancelled")
            raise
        finally:
            account.close("failed")

    async def _open(self, order: Order) -> Account:
        """Find a place for the order and set aside the most that it can cost there.

        Raises:
            ScopeMissing, ModelUnknown, ModelUnpriced, FeatureUnserved, RequestMalformed,
            BudgetSpent, BudgetReserved, SettingRefused, LedgerUnavailable
        """
        ask, principal = order.ask, order.principal
        if not principal.may(Scope.MODELS):
            raise ScopeMissing(Scope.MODELS.value)
        live = self._place(ask)
        if isinstance(ask, Ask):
            await check(ask)
        money, most = self._most(live, ask)
        promise = self._meter.promise_now(principal, money, most.input + most.output)
        if promise is None:
            promise = await self._meter.promise(principal, money, most.input + most.output)
        return Account(order, live, promise, most=most, books=self._books)

    def _place(self, ask: AnyAsk) -> LiveDeployment:
        live = self._by_model.get(ask.model)
        if live is None:
            raise ModelUnknown(ask.model, known=tuple(model.name for model in self.models))
        needed, served = ask.needs, live.engine.features
        if not needed <= served:
            raise FeatureUnserved(ask.model, min(needed - served).value)
        return live

    def _most(self, live: LiveDeployment, ask: AnyAsk) -> tuple[Amount, Usage]:
        """The most that an ask can cost, and the most that it can use.

        An ask is one text within one window; of the others each text has a window of its own.
        """
        window = live.deployment.model.window
        read = ask.most_input or window
        if isinstance(ask, Ask):
            read = min(read, window)
        written = window if ask.most_output is None else min(ask.most_output, window)
        seconds = self._seconds(ask) + _STOPPING_SECONDS
        money = live.bound(input_tokens=read, output_tokens=written, seconds=seconds)
        return money, Usage(input_fresh=read, output_visible=written)

    def _seconds(self, ask: AnyAsk) -> float:
        return min(ask.deadline or self._longest_answer, self._longest_answer)

    async def _begin(
        self, account: Account, deadline: Deadline
    ) -> tuple[Event | None, AsyncGenerator[Event]]:
        """Ask the engine; where it is gone before it began, ask its next life.

        Raises:
            EngineStarting, CapacityExceeded
        """
        live, ask = account.live, account.order.ask
        for lives in range(1, _LIVES + 1):
            life = await live.ready(within=self._engine_within)
            account.hold(live.hold())
            events = deadline.bound(_ask(live.engine, ask))
            try:
                first = None if deadline.is_past else await anext(events, None)
            except BaseException:
                await deadline.close(events)
                raise
            if lives == _LIVES or not _is_gone(first):
                return first, events
            await deadline.close(events)
            account.let_go()
            live.condemn(life)
        raise AssertionError("the last life is the last")


def _ask(engine: Engine, ask: AnyAsk) -> AsyncGenerator[Event]:
    """Ask in the way that the ask needs; that the engine serves it has been seen."""
    verb = getattr(engine, _VERBS[type(ask)], None)
    if verb is None:
        raise TypeError(f"{type(engine).__name__} names a feature that it does not have")
    events: AsyncGenerator[Event] = verb(ask)
    return verified(ask, events) if isinstance(ask, Ask) else events


_VERBS = {Ask: "generate", EmbedAsk: "embed", RerankAsk: "rerank"}
"""What an engine does with each kind of ask; to look for its protocol would cost as much as to
answer."""


def _cut_off(ask: AnyAsk) -> EngineFailed:
    return EngineFailed(ask.model, why="its stream was cut off before its end")


def _is_gone(event: Event | None) -> bool:
    return type(event) is Failed and isinstance(event.error, EngineUnreachable)
