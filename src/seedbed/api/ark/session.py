"""How an ask that names a context comes to its answer: the context stands before its messages, and
a session remembers both.

Floor 6.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from seedbed.api.ark.contexts import SESSION, Contexts, Exchange, Held, newest
from seedbed.api.openai import wire
from seedbed.api.openai.read import read_messages
from seedbed.core.errors import ObjectUnknown, PromptTooLong, SeedbedError
from seedbed.core.event import Event, Failed, Finished, Fold, Reply
from seedbed.core.value import changed
from seedbed.serving.account import Order
from seedbed.serving.once import Generate


class Conversing:
    """The way of one such ask."""

    def __init__(self, contexts: Contexts, id_: str, said: list[wire.WireMessage]) -> None:
        self._contexts, self._id, self._said = contexts, id_, said
        self._kept: list[Exchange] = []
        """The exchanges that are told before what is said now."""

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer. An ask that fails, or whose caller leaves, is not remembered."""
        project = order.principal.project
        try:
            held = await self._contexts.take(self._id, project, order.ask.model)
        except SeedbedError as error:
            yield Failed(error)
            return
        fold, is_over = Fold(), False
        try:
            async with aclosing(self._answered(held, order, generate)) as events:
                async for event in events:
                    fold.take(event)
                    if type(event) is Finished or type(event) is Failed:
                        is_over = True
                        yield await self._ended(held, event, fold, project)
                    else:
                        yield event
        finally:
            if not is_over:
                with suppress(SeedbedError):  # nobody is there to be told; it is free after a while
                    await self._leave(held, project, None)

    async def _answered(
        self, held: Held, order: Order, generate: Generate
    ) -> AsyncGenerator[Event]:
        """The answer to all that was said; with older exchanges left out where it rolls."""
        self._kept = held.exchanges
        while True:
            messages = read_messages([*held.before(self._kept), *self._said])
            told = replace(order, ask=changed(order.ask, messages=messages))
            refusal: PromptTooLong | None = None
            async with aclosing(generate(told)) as events:
                async for event in events:
                    refusal = _too_long(event) if held.rolls and self._kept else None
                    if refusal is None:
                        yield event
            if refusal is None:
                return
            self._kept = _rolled(self._kept, refusal)

    async def _ended(
        self, held: Held, end: Finished | Failed, fold: Fold, project: str
    ) -> Finished | Failed:
        """The end, once the session is free: who was told of it may ask at once."""
        exchanges = None
        if type(end) is Finished:
            exchanges = [*self._kept, self._exchange(held, fold.reply())]
        try:
            await self._leave(held, project, exchanges)
        except SeedbedError as error:
            return Failed(error, end.entry)
        return end

    async def _leave(self, held: Held, project: str, exchanges: list[Exchange] | None) -> None:
        if held.mode == SESSION:
            with suppress(ObjectUnknown):  # its life ended meanwhile
                await self._contexts.leave(self._id, project, exchanges)

    def _exchange(self, held: Held, reply: Reply) -> Exchange:
        """What was said now, and answered."""
        calls = [
            wire.ToolCall(call.id, wire.CalledFunction(call.name, call.arguments))
            for call in reply.calls
        ]
        answer = wire.WireMessage("assistant", reply.text or None, tool_calls=calls or None)
        before = held.tokens + sum(one.tokens for one in self._kept)
        tokens = reply.usage.input + reply.usage.output_visible - before
        return Exchange([*self._said, answer], max(1, tokens))


def _too_long(event: Event) -> PromptTooLong | None:
    if type(event) is Failed and isinstance(event.error, PromptTooLong):
        return event.error
    return None


def _rolled(kept: Sequence[Exchange], refusal: PromptTooLong) -> list[Exchange]:
    """The exchanges without the oldest, so that the prompt is short enough."""
    surplus = refusal.tokens - refusal.window + 1
    return newest(kept, sum(one.tokens for one in kept) - surplus)
