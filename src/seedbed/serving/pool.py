"""A lease as this process spends it, and what is promised from it.

Floor 4. `seedbed.serving.pools` holds those of this process.
"""

from dataclasses import dataclass

from seedbed.core.access import Principal
from seedbed.core.budget import Budget, Measure
from seedbed.core.money import Amount, Lease

SLICE = 20_000
"""Micros, or tokens, that are leased at once. Of the house's money so much is kept free when the
lease is renewed: a crash leaves these unreconciled, what was promised at that moment, and what a
burst took since the renewal."""
SLICES = 16
"""Into how many slices the cap of a small budget goes at least, so that several processes share."""
NEVER = 2**63 - 1
UNBOOKED = -1
"""What a lease holds that is not on the books yet: less than any ask needs, if it need nothing."""


@dataclass(slots=True)
class Pool(Lease):
    """A lease as this process spends it, and what bounds it.

    `ends` is when its window ends, in epoch microseconds. `idle` is the least that was free since
    the lease was last renewed or made longer: that much nobody here needs.
    """

    limit: Budget | None = None
    ends: int = NEVER
    idle: int = 0
    warning: str | None = None

    @property
    def slice(self) -> int:
        """How much it is made longer by at least, where its budget allows."""
        return SLICE if self.limit is None else min(SLICE, self.limit.cap // SLICES)

    def take(self, units: int) -> None:
        """Set so much aside."""
        self.reserved += units
        free = self.granted - self.reserved - self.spent
        if free < self.idle:  # noqa: PLR1730 - a call would double what this costs each ask
            self.idle = free

    def release(self, units: int, spent: int) -> None:
        """Set so much aside no longer, and count what was spent of it."""
        self.reserved -= units
        self.spent += spent

    def give_back(self, units: int) -> None:
        """Hold so much less, as far as it is free."""
        self.granted -= max(0, min(units, self.free))
        self.idle = self.free


@dataclass(slots=True, eq=False)
class Promise:
    """Money and tokens set aside for one ask, from several leases, until settled or refunded."""

    money: Amount
    tokens: int
    pools: tuple[Pool, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each budget that is used past its warning."""
        return tuple(pool.warning for pool in self.pools if pool.warning)


@dataclass(slots=True, eq=False)
class Need:
    """What one ask may use at most, and on whose behalf."""

    principal: Principal
    most: Amount
    tokens: int

    def of(self, measure: Measure) -> int:
        """How much of that."""
        return self.most.micros if measure is Measure.MONEY else self.tokens

    def spends(self, pool: Pool) -> bool:
        """Whether it would be promised from there."""
        return pool.limit is None or any(one.id == pool.budget for one in self.principal.budgets)
