from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.budget import Budget, Measure, Owner, Window

DAY = 86_400_000_000
MOMENTS = st.integers(0, 4_000 * 365 * DAY)


def _micros(*when: int) -> int:
    return round(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000


def _budget(cap: int, *, measure: Measure = Measure.MONEY, warn: int = 80) -> Budget:
    return Budget("budget_1", Owner.USER, "ada", Window.MONTH, measure, cap, "USD", warn)


@pytest.mark.parametrize(
    ("window", "begins", "ends"),
    [
        (Window.DAY, _micros(2028, 2, 29), _micros(2028, 3, 1)),
        (Window.MONTH, _micros(2028, 2, 1), _micros(2028, 3, 1)),
        (Window.ALL, 0, None),
    ],
)
def test_a_window_is_a_stretch_of_the_calendar(
    window: Window, begins: int, ends: int | None
) -> None:
    moment = _micros(2028, 2, 29, 23, 59, 59)
    assert (window.begins(moment), window.ends(moment)) == (begins, ends)


def test_the_last_month_of_a_year_ends_with_it() -> None:
    moment = _micros(2027, 12, 31, 12)
    assert Window.MONTH.ends(moment) == Window.DAY.ends(moment) == _micros(2028, 1, 1)


@given(moment=MOMENTS, window=st.sampled_from([Window.DAY, Window.MONTH]))
def test_a_window_holds_its_moment_and_the_next_begins_where_it_ends(
    moment: int, window: Window
) -> None:
    ends = window.ends(moment)
    assert ends is not None
    assert window.begins(moment) <= moment < ends
    assert window.begins(ends) == ends
    assert window.begins(ends - 1) == window.begins(moment)


@pytest.mark.parametrize(
    ("micros", "said"),
    [
        (0, "0.00 USD"),
        (5_000_000, "5.00 USD"),
        (1_250_000, "1.25 USD"),
        (1, "0.000001 USD"),
        (-2_500_000, "-2.50 USD"),
    ],
)
def test_money_is_said_in_full_with_two_places_at_least(micros: int, said: str) -> None:
    assert _budget(1).say(micros) == said


def test_a_budget_is_called_by_what_it_holds_and_whose_it_is() -> None:
    assert _budget(5_000_000).words == "budget of 5.00 USD a month of user 'ada'"
    of_key = replace(_budget(1), owner=Owner.KEY, subject="key_1")
    assert of_key.words == "budget of 0.000001 USD a month of key 'key_1'"
    assert replace(of_key, name="laptop").words.endswith(" a month of key 'laptop' (key_1)")
    tokens = _budget(1_000_000, measure=Measure.TOKENS)
    assert tokens.words == "budget of 1,000,000 tokens a month of user 'ada'"


def test_it_warns_from_its_share_on() -> None:
    budget = _budget(1_000, measure=Measure.TOKENS)
    assert budget.warning(799) is None
    said = "The budget of 1,000 tokens a month of user 'ada' is 80 % used or more: 800 tokens."
    assert budget.warning(800) == said
    assert _budget(3, warn=50).warns_at == 1
