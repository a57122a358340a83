"""A lease as this process spends it, and what is promised from it.

Floor 4. `seedbed.serving.pools` holds those of this process.
"""

from dataclasses import dataclass

from seedbed.core.access import Principal
from seedbed.core.budget import Budget, Measure
from seedbed.core.money import Amount, Lease

SLICE = 20_000
"""Micros, or tokens, that are leased at least. Of the house's money so much is kept beside what was
needed of late: a crash leaves both unreconciled."""
SLICES = 16
"""Into how many slices the cap of a small budget goes at least, so that several processes share."""
NEVER = 2**63 - 1
UNBOOKED = -1
"""What a lease holds that is not on the books yet: less than any ask needs, if it need nothing."""


@dataclass(slots=True)
class Pool(Lease):
    """A lease as this process spends it, and what bounds it.

    `ends` is when its window ends, in epoch microseconds. `high` is the most that was ever set
    aside and spent together, and `base` what had been spent when the lease was last renewed: what
    lies between was needed since. `before` is what was needed before that.
    """

    limit: Budget | None = None
    ends: int = NEVER
    high: int = 0
    base: int = 0
    before: int = 0
    warning: str | None = None

    @property
    def slice(self) -> int:
        """How much it is made longer by at least, where its budget allows: it doubles."""
        more = max(SLICE, self.high - self.base)
        return more if self.limit is None else min(more, self.limit.cap // SLICES)

    @property
    def ample(self) -> int:
        """The grant with which as much can be used again as was needed of late, so that no ask
        waits for the ledger. Of a budget others may want their part.
        """
        needed = max(self.before, self.high - self.base)
        if self.limit is None:
            return self.spent + needed + SLICE
        return self.spent + min(needed, self.limit.cap // SLICES)

    def take(self, units: int) -> None:
        """Set so much aside."""
        self.reserved += units
        used = self.reserved + self.spent
        if used > self.high:  # noqa: PLR1730 - a call would double what this costs each ask
            self.high = used

    def release(self, units: int, spent: int) -> None:
        """Set so much aside no longer, and count what was spent of it."""
        self.reserved -= units
        self.spent += spent

    def give_back(self, units: int) -> None:
        """Hold so much less, as far as it is free."""
        self.granted -= max(0, min(units, self.free))

    def renew(self) -> None:
        """Give back what nobody here needed of late.

        Of a budget that is since the last time; of the house's money, which nobody waits for, half
        of what was needed before is kept, too.
        """
        self.give_back(self.granted - self.ample)
        needed = max(self.before // 2, self.high - self.base)
        self.before = needed if self.limit is None else 0
        self.base = self.spent
        self.high = self.spent + self.reserved


@dataclass(slots=True, eq=False)
class Promise:
    """Money and tokens set aside for one ask, from several leases, until settled or refunded."""

    money: Amount
    tokens: int
    pools: tuple[Pool, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each budget that is used past its warning."""
        return tuple([pool.warning for pool in self.pools if pool.warning])


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
