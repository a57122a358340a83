"""The attempts that a cascade makes at one order: their ids, their deadline, what they took.

Floor 4.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add

from seedbed.core.ask import Ask
from seedbed.core.errors import (
    CapacityExceeded,
    DeadlineExceeded,
    EngineFailed,
    EngineStarting,
    FeatureUnserved,
    ModelUnpriced,
    PromptTooLong,
)
from seedbed.core.event import Failed, Finished, Stop
from seedbed.core.money import Entry
from seedbed.core.route import CASCADE, Attempt, Route, Saved
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order

_ANOTHER_MAY = (
    EngineFailed,
    CapacityExceeded,
    EngineStarting,
    FeatureUnserved,
    ModelUnpriced,
    PromptTooLong,
)
"""What one deployment fails in and the next may not."""
_CUT_OFF = "cut_off"
_A_MOMENT = 0.001
_VERIFIED = frozenset({Stop.END, Stop.CALL})
"""How an answer ends that was verified; what was cut off was not."""


class Attempts:
    """Those at one order so far; `seconds` is for all of them."""

    def __init__(self, order: Order, ask: Ask, *, seconds: float, clock: Clock) -> None:
        self.order, self._ask = order, ask
        self._seconds, self._clock = seconds, clock
        self._until = clock.now() + seconds
        self._at = round(clock.wall() * 1e6)
        self._asked = 0
        self._entries: list[Entry] = []
        self._routes: list[Route] = []
        """Of each attempt, which is told before its end is."""
        self.failures: list[str] = []
        self.is_over = False

    def order_for(self, step: str) -> Order:
        """The order that a step is asked; the first has the caller's id, the others add a number.

        What is left of the deadline is a moment at least: who has less is told so by the gateway.
        """
        self._asked += 1
        id_ = self.order.request_id
        left = max(self._until - self._clock.now(), _A_MOMENT)
        ask = replace(self._ask, model=step, deadline=left)
        id_ = id_ if self._asked == 1 else f"{id_}.{self._asked}"
        return replace(self.order, ask=ask, request_id=id_, told=self._routes.append)

    def why_not(self, event: Finished | Failed) -> str | None:
        """Why the next is asked after this end of an attempt, if it is."""
        if isinstance(event, Finished):
            return None if event.stop in _VERIFIED else f"its answer was cut off ({event.stop})"
        is_free = isinstance(event.error, DeadlineExceeded) and not event.error.facts["begun"]
        return event.error.what if is_free or isinstance(event.error, _ANOTHER_MAY) else None

    def fail(self, event: Finished | Failed, step: str, why: str) -> None:
        """An attempt at a step did not hold; what it used is paid all the same."""
        self._add(event.entry)
        self.failures.append(f"{step}: {why}")
        self._mark(step, event.error.code if isinstance(event, Failed) else _CUT_OFF, why)

    def end(self, event: Finished | Failed) -> Finished | Failed:
        """The end that nothing follows, with the entry of all attempts."""
        self._add(event.entry)
        self.is_over = True
        entry = together(self.order.request_id, self._entries)
        if isinstance(event, Finished):
            return replace(event, entry=entry)
        error = event.error
        self._mark(self._ask.model, error.code, error.what)
        if isinstance(error, DeadlineExceeded) and (error.facts["begun"] or self._entries):
            error = DeadlineExceeded(seconds=self._seconds)
        return Failed(error, entry)

    def route(self, dearest: int | None, code: str, why: str = "") -> Route:
        """The way of all attempts as one, with what was spent beside what the dearest would have
        taken, in micros, where that is known. `code` and `why` are what it failed with, if it did.
        """
        spared = [route.spared for route in self._routes if route.spared]
        order, spent = self.order, sum(entry.spent.micros for entry in self._entries)
        return Route(
            order.request_id,
            order.principal.project,
            self._ask.model,
            self._at,
            policy=CASCADE,
            options=tuple(option for route in self._routes for option in route.options),
            attempts=tuple(attempt for route in self._routes for attempt in route.attempts),
            waited=sum(route.waited for route in self._routes),
            position=max((route.position for route in self._routes), default=0),
            led=next((route.led for route in self._routes if route.led), None),
            saved=None if dearest is None else Saved(dearest, spent, tuple(self.failures)),
            code=code,
            why=why,
            refused=bool(code) and all(route.refused for route in self._routes),
            spared=reduce(add, spared) if spared else None,
        )

    def _mark(self, step: str, code: str, why: str) -> None:
        """What was found in an attempt's answer is its failure, and so is what it was refused with
        before it was placed.
        """
        last = self._routes[-1]
        *before, failed = last.attempts or (Attempt(step),)
        marked = replace(failed, code=code, why=why)
        self._routes[-1] = replace(last, attempts=(*before, marked))

    def _add(self, entry: Entry | None) -> None:
        if entry is not None:
            self._entries.append(entry)


def together(request_id: str, entries: Sequence[Entry]) -> Entry | None:
    """What a caller is told that several attempts took: all that was used, reserved and spent.

    Model, deployment and end are those of the last. It is written nowhere: the books have each.
    """
    if not entries:
        return None
    first, last = entries[0], entries[-1]
    whole = replace(last, request_id=request_id)
    for entry in entries[:-1]:
        shadows = whole.shadow, entry.shadow
        whole = replace(
            whole,
            usage=whole.usage + entry.usage,
            reserved=whole.reserved + entry.reserved,
            spent=whole.spent + entry.spent,
            held=whole.held + entry.held,
            shadow=shadows[0] + shadows[1] if shadows[0] and shadows[1] else None,
        )
    before = last.began - first.began
    warnings = dict.fromkeys(warning for entry in entries for warning in entry.warnings)
    return replace(
        whole,
        began=first.began,
        took=before + last.took,
        first=None if last.first is None else before + last.first,
        warnings=tuple(warnings),
    )
