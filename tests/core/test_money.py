from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.money import Amount, Lease

AMOUNTS = st.builds(Amount, st.integers(-(10**15), 10**15), st.just("USD"))


@given(AMOUNTS)
def test_an_amount_as_a_decimal_loses_nothing(amount: Amount) -> None:
    assert Decimal(amount.decimal) * 1_000_000 == amount.micros
    assert len(amount.decimal.partition(".")[2]) == 6


@given(AMOUNTS, AMOUNTS)
def test_what_is_added_can_be_taken_away(a: Amount, b: Amount) -> None:
    assert a + b - b == a
    assert (a + b).micros == a.micros + b.micros


def test_money_of_two_currencies_is_never_mixed() -> None:
    dollars, euros = Amount(1, "USD"), Amount(1, "EUR")
    with pytest.raises(ValueError, match="different currencies"):
        _ = dollars + euros
    with pytest.raises(ValueError, match="different currencies"):
        _ = dollars - euros


def test_a_lease_has_free_what_is_neither_promised_nor_spent() -> None:
    assert Lease("lease_1", "USD", granted=100, reserved=30, spent=50).free == 20
