"""Budgets that were found spent a moment ago: who asks again at once costs the ledger nothing.

Floor 4. What is settled of a window never falls, so only a larger cap could help, and that is told
by the caller's key. Forgotten after a second all the same.
"""

from seedbed.core.budget import Budget
from seedbed.serving.pool import Need
from seedbed.store.windows import spent

REMEMBERED_SECONDS = 1.0


class Exhausted:
    """What was settled of budgets that had too little left."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, int, float]] = {}

    def note(self, budget: Budget, settled: int, *, now: int, steady: float) -> None:
        """A budget had too little left. `now` is in epoch microseconds, `steady` in seconds."""
        self._found[budget.id] = budget.window.begins(now), settled, steady + REMEMBERED_SECONDS

    def check(self, need: Need, *, now: int, steady: float) -> None:
        """Refuse what would be refused by the ledger, too.

        Raises:
            BudgetSpent: as it was a moment ago.
        """
        for budget in need.principal.budgets:
            begins, settled, until = self._found.get(budget.id, (0, 0, 0.0))
            units = need.of(budget.measure)
            is_known = steady < until and budget.window.begins(now) == begins
            if is_known and budget.cap - settled < units:
                raise spent(budget, settled, units, now)
