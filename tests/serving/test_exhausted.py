from dataclasses import replace

import pytest

from seedbed.core.budget import Window
from seedbed.core.errors import BudgetSpent
from seedbed.serving.exhausted import REMEMBERED_SECONDS, Exhausted
from seedbed.serving.pool import Need
from tests.serving.meters import bound_by, usd
from tests.store.books import budget

DAY = 86_400_000_000
OF = budget(1_000, window=Window.DAY)


def _need(micros: int, *, cap: int = 1_000) -> Need:
    return Need(bound_by(replace(OF, cap=cap)), usd(micros), 1)


def _found() -> Exhausted:
    exhausted = Exhausted()
    exhausted.note(OF, 900, now=DAY, steady=5.0)
    return exhausted


def test_what_was_spent_a_moment_ago_is_refused_again() -> None:
    with pytest.raises(BudgetSpent, match=r"0\.0009 USD are used, 0\.0001 USD are left") as spent:
        _found().check(_need(101), now=DAY + 1, steady=5.5)
    assert spent.value.facts["until"] == "1970-01-03 00:00 UTC"


@pytest.mark.parametrize(
    ("need", "now", "steady"),
    [
        (_need(100), DAY, 5.0),  # so much is left
        (_need(101, cap=1_001), DAY, 5.0),  # the cap was raised
        (_need(101), 2 * DAY, 5.0),  # another day
        (_need(101), DAY, 5.0 + REMEMBERED_SECONDS),  # long ago
    ],
)
def test_whatever_may_fit_by_now_is_left_to_the_ledger(need: Need, now: int, steady: float) -> None:
    _found().check(need, now=now, steady=steady)


def test_a_budget_that_was_never_spent_refuses_nothing() -> None:
    Exhausted().check(_need(10**9), now=0, steady=0.0)
