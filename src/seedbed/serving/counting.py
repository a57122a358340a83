"""Asks that cost nothing: texts are cut into tokens, prompts counted in them, Scenes looked over.

Floor 4. The gateway hands them on as they come. Nothing is reserved, written or queued for, since
no model answers: a tokenizer does, or who looks whether a Scene can be drawn. So that they hold
nobody up, each is bounded, and a deployment on own hardware answers one at a time; an upstream, as
many as it has places.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TypeAlias

import anyio

from seedbed.core.ask import CountAsk, SceneAsk, TokenizeAsk
from seedbed.core.errors import (
    CapacityExceeded,
    DeadlineExceeded,
    EngineFailed,
    RequestMalformed,
    RequestTooLarge,
    SeedbedError,
    Unavailable,
)
from seedbed.core.event import Event, Failed, Finished
from seedbed.engines.base import Counter, Drafter
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order, refused
from seedbed.serving.deployment import WAITING, LiveDeployment
from seedbed.serving.observing import Free, Record
from seedbed.serving.verifying import check
from seedbed.serving.way import Way

LONGEST_PROMPT = 1 << 22
"""Bytes of a prompt. Of one with pictures the door's bound on bodies holds."""
BYTES_A_TOKEN = 64
"""So many for each token of the window are counted on own hardware: far more than it can read."""
LONGEST_TEXTS = 1 << 18
"""Bytes of all texts that are cut at once, of which each byte may become a token to be told."""
MOST_TEXTS = 1 << 11

FreeAsk: TypeAlias = CountAsk | TokenizeAsk | SceneAsk


class Counting:
    """Answers such asks. `find` is where an order may go, `note` takes what happened.

    `engine_within` is how many seconds one waits for an engine, `longest` for the answer.
    """

    def __init__(
        self,
        find: Callable[[Order], Way],
        note: Callable[[Record], None],
        *,
        clock: Clock,
        engine_within: float,
        longest: float,
    ) -> None:
        self._find, self._note, self._clock = find, note, clock
        self._engine_within, self._longest = engine_within, longest
        self._gates: dict[str, anyio.CapacityLimiter] = {}

    async def generate(self, order: Order, ask: FreeAsk) -> AsyncGenerator[Event]:
        """Yield one stream as `seedbed.core.event` describes it."""
        began = self._clock.now()
        try:
            events = await self._within(order, ask)
        except SeedbedError as refusal:
            self._note(refused(order, refusal.code, self._clock))
            yield Failed(refusal)
            return
        except anyio.get_cancelled_exc_class():
            self._note(refused(order, "cancelled", self._clock))
            raise
        took, wall = round((self._clock.now() - began) * 1e6), self._clock.wall()
        who = order.principal.key
        self._note(Free(order.request_id, who, ask.model, wall, took, order.trace))
        for event in events:
            yield event

    async def _within(self, order: Order, ask: FreeAsk) -> list[Event]:
        """The whole answer, by the deadline.

        Raises:
            SeedbedError: there is none.
        """
        way = self._find(order)
        await _check(ask)
        seconds = min(ask.deadline or self._longest, self._longest)
        with anyio.move_on_after(seconds):
            for live in way.lives[:-1]:
                with suppress(Unavailable, EngineFailed):
                    return await self._asked(live, ask)
            return await self._asked(way.lives[-1], ask)
        raise DeadlineExceeded(seconds=seconds)

    async def _asked(self, live: LiveDeployment, ask: FreeAsk) -> list[Event]:
        """What one deployment answers, in its turn.

        Raises:
            SeedbedError: it does not.
        """
        if isinstance(ask, CountAsk) and live.deployment.own_hardware:
            _bound(ask, min(LONGEST_PROMPT, live.deployment.model.window * BYTES_A_TOKEN))
        gate = self._gate(live)
        waiting = gate.statistics().tasks_waiting
        most = live.deployment.places * WAITING
        if waiting >= most:
            raise CapacityExceeded(ask.model, places=round(gate.total_tokens), waiting=waiting)
        async with gate:
            use = await live.admit(ask.priority, within=self._engine_within)
            try:
                await live.ready(within=self._engine_within)
                return await _answer(live, ask)
            finally:
                if use is not None:
                    use.end()

    def _gate(self, live: LiveDeployment) -> anyio.CapacityLimiter:
        if live.name not in self._gates:
            at_once = 1 if live.deployment.own_hardware else live.deployment.places
            self._gates[live.name] = anyio.CapacityLimiter(at_once)
        return self._gates[live.name]


async def _answer(live: LiveDeployment, ask: FreeAsk) -> list[Event]:
    """All events of an answer that ended well; where two do the work, of the one that writes.

    Raises:
        SeedbedError: what it ended with.
    """
    async with aclosing(_stream(live, ask)) as stream:
        events = [event async for event in stream]
    match events[-1:]:
        case [Finished()]:
            return events
        case [Failed(error=error)]:
            raise error
        case _:
            raise EngineFailed(ask.model, why="its stream was cut off before its end")


def _stream(live: LiveDeployment, ask: FreeAsk) -> AsyncGenerator[Event]:
    """What the engine answers; it is asked by the name that the model has there."""
    engine = live.parts[-1].engine if live.parts else live.engine
    name = live.deployment.called(ask.model)
    match ask:
        case SceneAsk() if isinstance(engine, Drafter):
            return engine.check(replace(ask, model=name))
        case CountAsk() if isinstance(engine, Counter):
            return engine.count(replace(ask, ask=replace(ask.ask, model=name)))
        case TokenizeAsk() if isinstance(engine, Counter):
            return engine.tokenize(replace(ask, model=name))
        case _:
            raise TypeError(f"{type(engine).__name__} names a feature that it does not have")


def _bound(ask: FreeAsk, limit: int) -> None:
    if (ask.most_input or 0) > limit:
        raise RequestTooLarge(limit=limit)


async def _check(ask: FreeAsk) -> None:
    """Refuse what no engine should be given.

    Raises:
        RequestTooLarge, RequestMalformed
    """
    _bound(ask, LONGEST_PROMPT if isinstance(ask, CountAsk) else LONGEST_TEXTS)
    if isinstance(ask, CountAsk):
        await check(ask.ask)
    elif isinstance(ask, TokenizeAsk) and not 0 < len(ask.texts) <= MOST_TEXTS:
        raise RequestMalformed(
            f"There are {len(ask.texts):,} texts to cut into tokens.",
            hint=f"Send between one and {MOST_TEXTS:,} at once.",
            field="text",
        )
