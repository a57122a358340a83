"""A cascade: the cheap deployment is asked first, and a dearer one where its answer does not hold.

Floor 4. In front of the gateway, for asks whose answers can be checked, on models that have a
cascade. What a deployment answers is kept back until it has been verified; the last one's answer is
told as it comes, since there is nobody above it. Each attempt is an ask of its own, with a promise
and an entry of its own, and all of them have one deadline together.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TypeAlias

from seedbed.core.ask import Ask
from seedbed.core.event import Event, Failed, Finished
from seedbed.core.route import CANCELLED, Route
from seedbed.core.usage import Usage
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order
from seedbed.serving.attempts import Attempts

Generate: TypeAlias = Callable[[Order], AsyncGenerator[Event]]
Price: TypeAlias = Callable[[str, Usage], int | None]


class Cascade:
    """Asks one after another. `steps` are the names that are asked for a model, the cheapest first.

    `price` is what a name would take for that usage, in micros, where it is known. `note` is told
    the way of each request, with what was saved. `longest_answer` is in seconds.
    """

    def __init__(
        self,
        generate: Generate,
        steps: Callable[[str], Sequence[str]],
        price: Price,
        *,
        note: Callable[[Route], None],
        clock: Clock,
        longest_answer: float,
    ) -> None:
        self._generate, self._steps, self._price = generate, steps, price
        self._note, self._clock, self._longest = note, clock, longest_answer

    def generate(self, order: Order) -> AsyncGenerator[Event]:
        """Yield one stream. What cannot be verified goes to the last, the ablest, at once."""
        ask = order.ask
        steps = self._steps(ask.model) if isinstance(ask, Ask) else ()
        if not isinstance(ask, Ask) or not steps:
            return self._generate(order)
        if not _can_be_verified(ask):
            return self._generate(replace(order, ask=replace(ask, model=steps[-1])))
        return self._in_turn(order, ask, steps)

    async def _in_turn(self, order: Order, ask: Ask, steps: Sequence[str]) -> AsyncGenerator[Event]:
        """Ask each in turn; the way is told even if the caller leaves."""
        seconds = min(ask.deadline or self._longest, self._longest)
        attempts = Attempts(order, ask, seconds=seconds, clock=self._clock)
        try:
            async with aclosing(self._each(attempts, steps)) as events:
                async for event in events:
                    yield event
        finally:
            if not attempts.is_over:
                self._note(attempts.route(None, CANCELLED))

    async def _each(self, attempts: Attempts, steps: Sequence[str]) -> AsyncGenerator[Event]:
        """Ask until one has an answer that holds; the last one's is told anyway."""
        *cheaper, last = steps
        for step in cheaper:
            async with aclosing(self._kept_back(attempts, step, last)) as events:
                async for event in events:
                    yield event
            if attempts.is_over:
                return
        async with aclosing(self._generate(attempts.order_for(last))) as events:
            async for event in events:
                if isinstance(event, Finished | Failed):
                    yield self._end(attempts, event, event.entry.spent.micros if event.entry else 0)
                else:
                    yield event

    async def _kept_back(self, attempts: Attempts, step: str, last: str) -> AsyncGenerator[Event]:
        """One attempt, of which nobody sees anything unless nothing follows it.

        Nothing is awaited between its end and telling that: whoever keeps answers does so in one
        group with their entries.
        """
        kept: list[Event] = []
        async with aclosing(self._generate(attempts.order_for(step))) as events:
            async for event in events:
                if not isinstance(event, Finished | Failed):
                    kept.append(event)
                elif (why := attempts.why_not(event)) is not None:
                    attempts.fail(event, step, why)
                else:
                    used = event.usage if isinstance(event, Finished) else Usage()
                    for one in (*kept, self._end(attempts, event, self._price(last, used))):
                        yield one

    def _end(self, attempts: Attempts, end: Finished | Failed, dearest: int | None) -> Event:
        """The end as the caller is told it. `dearest` is what the last would have taken alone."""
        told = attempts.end(end)
        is_told = attempts.failures or isinstance(end, Finished)
        code, why = (end.error.code, end.error.what) if isinstance(end, Failed) else ("", "")
        self._note(attempts.route(dearest if is_told else None, code, why))
        return told


def _can_be_verified(ask: Ask) -> bool:
    """Whether an answer can be told from one that does not hold."""
    return ask.format.kind != "text" or bool(ask.checks)
