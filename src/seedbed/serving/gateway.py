"""The one road: reserve, place, run, settle.

Floor 4. Every model call, from any door, agent, document or evaluation, is `Gateway.generate`. It
adds nothing to the events but the entry that the last one is settled with.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

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
from seedbed.engines.base import Embedder, Engine, Generator, Ranker
from seedbed.kit.clock import Clock
from seedbed.serving.account import Account, Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.metering import Meter
from seedbed.serving.verifying import check, verified

_LIVES = 2
"""Lives of an engine's process that one ask may meet, as long as none has begun on it."""
_STOPPING_SECONDS = 30.0
"""How long a door may be stuck with a caller, and an engine take to let go, past the deadline."""


class Gateway:
    """The way to every model of this house."""

    def __init__(
        self,
        deployments: Sequence[LiveDeployment],
        meter: Meter,
        *,
        clock: Clock,
        engine_within: float,
        longest_answer: float,
    ) -> None:
        self.deployments = tuple(deployments)
        self._meter = meter
        self._clock = clock
        self._engine_within = engine_within
        self._longest_answer = longest_answer

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
            yield Failed(refusal)
            return
        try:
            async with aclosing(self._run(account)) as events:
                async for event in events:
                    yield account.see(event)
            if account.is_open:
                cut_off = EngineFailed(order.ask.model, why="its stream was cut off before its end")
                yield account.see(Failed(cut_off))
        except (GeneratorExit, anyio.get_cancelled_exc_class()):
            account.close("cancelled")
            raise
        finally:
            account.close("failed")

    async def _open(self, order: Order) -> Account:
        """Find a place for the order and set aside the most that it can cost there.

        Raises:
            ScopeMissing, ModelUnknown, FeatureUnserved, RequestMalformed, LedgerUnavailable
        """
        if not order.principal.may(Scope.MODELS):
            raise ScopeMissing(Scope.MODELS.value)
        live = self._place(order.ask)
        if isinstance(order.ask, Ask):
            await check(order.ask)
        promise = await self._meter.promise(self._most(live, order.ask))
        return Account(order, live, promise, meter=self._meter, clock=self._clock)

    def _place(self, ask: AnyAsk) -> LiveDeployment:
        for live in self.deployments:
            if live.deployment.model.name == ask.model:
                lacking = sorted(ask.needs - live.engine.features)
                if lacking:
                    raise FeatureUnserved(ask.model, lacking[0].value)
                return live
        raise ModelUnknown(ask.model, known=tuple(model.name for model in self.models))

    def _most(self, live: LiveDeployment, ask: AnyAsk) -> Amount:
        window = live.deployment.model.window
        return live.bound(
            input_tokens=min(ask.most_input or window, window),
            output_tokens=window if ask.most_output is None else min(ask.most_output, window),
            seconds=self._seconds(ask) + _STOPPING_SECONDS,
        )

    def _seconds(self, ask: AnyAsk) -> float:
        return min(ask.deadline or self._longest_answer, self._longest_answer)

    async def _run(self, account: Account) -> AsyncGenerator[Event]:
        """Ask the engine; where it is gone before it began, ask its next life."""
        live, ask = account.live, account.order.ask
        for lives in range(1, _LIVES + 1):
            try:
                life = await live.ready(within=self._engine_within)
                held = live.hold()
            except SeedbedError as refusal:
                yield Failed(refusal)
                return
            account.hold(held)
            try:
                stream = _within(self._seconds(ask), _ask(live.engine, ask))
                async with aclosing(stream) as events:
                    async for event in events:
                        if _is_gone(event) and lives < _LIVES:
                            live.condemn(life)
                            break
                        yield event
                    else:
                        return
            finally:
                held.give()


def _ask(engine: Engine, ask: AnyAsk) -> AsyncGenerator[Event]:
    """Ask in the way that the ask needs; that the engine serves it has been seen."""
    match ask:
        case Ask() if isinstance(engine, Generator):
            return verified(ask, engine.generate(ask))
        case EmbedAsk() if isinstance(engine, Embedder):
            return engine.embed(ask)
        case RerankAsk() if isinstance(engine, Ranker):
            return engine.rerank(ask)
        case _:
            raise TypeError(f"{type(engine).__name__} names a feature that it does not have")


def _is_gone(event: Event) -> bool:
    return isinstance(event, Failed) and isinstance(event.error, EngineUnreachable)


async def _within(seconds: float, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """Relay a stream, and end it with `DeadlineExceeded` if it takes longer in all."""
    ends = anyio.current_time() + seconds
    async with aclosing(events):
        while True:
            event: Event | None = None
            with anyio.CancelScope(deadline=ends) as scope:
                event = await anext(events, None)
            if scope.cancelled_caught:
                yield Failed(DeadlineExceeded(seconds=seconds))
                return
            if event is None:
                return
            yield event
