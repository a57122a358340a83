"""The way of one ask through the house: what was decided for it, and what came of it.

Floor 4. Begun when the ask is placed, and told at its end, for whoever wants to know why.
"""

from dataclasses import dataclass, replace

from seedbed.core.errors import SeedbedError
from seedbed.core.money import Entry
from seedbed.core.prefix import Link
from seedbed.core.route import Attempt, Led, Option, Route, Spared
from seedbed.serving.account import Order
from seedbed.serving.deployment import LiveDeployment
from seedbed.serving.placement import Placement
from seedbed.serving.sparing import spared
from seedbed.serving.speed import Work

_LONGEST = 200
"""Letters of a name that a caller made up."""
_LONGEST_WHY = 400


@dataclass(slots=True, eq=False)
class Way:
    """What was decided for one ask, and what came of it."""

    order: Order
    lives: tuple[LiveDeployment, ...] = ()
    """Those that may answer, the best first."""
    policy: str = ""
    input_bytes: int = 0
    due: float | None = None
    """The moment, of the clock that never goes back, by which the caller wants the answer."""
    links: tuple[Link, ...] = ()
    placement: Placement | None = None
    attempts: tuple[Attempt, ...] = ()
    waited: float = 0.0
    position: int = 0
    led: Led | None = None
    known: int = 0
    """Bytes of its prompt that were likely in the cache when it was asked."""

    def work(self, live: LiveDeployment) -> Work:
        """What the ask will take there."""
        cached = live.prefixes.known(self.links, self.owner(live)) if self.links else 0
        return Work(self.input_bytes, cached, self.order.ask.most_output)

    def owner(self, live: LiveDeployment) -> str:
        """Who shares prefixes with the ask there."""
        shares = live.deployment.model.shares_prefixes
        return "" if shares else self.order.principal.project

    def failed(self, live: LiveDeployment, error: SeedbedError) -> None:
        """It was not answered there."""
        self.attempts += (Attempt(live.name, error.code, error.what),)

    def spared(self, entry: Entry) -> Spared | None:
        """What the answer was spared by what had been read before it."""
        if not (self.known or entry.usage.input_cache_read):
            return None  # as usual, without looking further
        live = next(one for one in self.lives if one.name == entry.deployment)
        waited = self.waited + (self.led.held / 1e6 if self.led else 0.0)
        return spared(live, entry, known=self.known, waited=waited)

    def has_tale(self, code: str) -> bool:
        """Whether there is anything to tell: a choice, a wait, a failure."""
        return bool(self.placement or self.waited or self.led or code or len(self.attempts) > 1)

    def told(self, at: int, code: str, why: str, *, refused: bool) -> Route:
        """The way for the record. `at` is when it began, `code` and `why` are what it failed with.

        What fails whose last attempt was answered had begun.
        """
        order, attempts = self.order, self.attempts
        if code and attempts and not attempts[-1].code:
            *before, last = attempts
            attempts = (*before, replace(last, code=code, why=why[:_LONGEST_WHY], begun=True))
        options: tuple[Option, ...] = self.placement.options() if self.placement else ()
        return Route(
            order.request_id,
            order.principal.project,
            order.ask.model[:_LONGEST],
            at,
            policy=self.policy,
            options=options,
            attempts=attempts,
            waited=round(self.waited * 1e6),
            position=self.position,
            led=self.led,
            code=code,
            why=why[:_LONGEST_WHY],
            refused=refused,
        )
