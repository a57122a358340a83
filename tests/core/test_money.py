from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.money import Amount, Lease, Price, PriceBook, Tariff, Unit
from seedbed.core.usage import Usage

TODAY = date(2026, 11, 1)
TOKENS = [unit for unit in Unit if unit is not Unit.HELD]


def _price(
    unit: Unit,
    micros: int,
    per: int = 1_000_000,
    *,
    model: str = "m",
    currency: str = "USD",
    since: date = TODAY,
) -> Price:
    return Price(model, unit, micros, per, currency, since, "made up")


COUNTS = st.integers(0, 3) | st.integers(0, 10**7)
MICROS = st.integers(0, 3) | st.integers(0, 10**8)
PERS = st.just(1_000_000) | st.integers(1, 10**7)
PRICES = st.builds(_price, st.sampled_from(Unit), MICROS, PERS)
TARIFFS = st.lists(PRICES, max_size=6, unique_by=lambda p: p.unit).map(
    lambda prices: Tariff(tuple(prices), "USD")
)
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


@given(PRICES, st.lists(COUNTS, max_size=8))
def test_a_sum_of_costs_never_undercuts_the_cost_of_the_sum(price: Price, uses: list[int]) -> None:
    assert sum(map(price.cost, uses)) >= price.cost(sum(uses))


@given(PRICES, COUNTS)
def test_a_cost_is_rounded_up_by_less_than_a_millionth(price: Price, units: int) -> None:
    exact = Decimal(units) * price.micros / price.per
    assert 0 <= price.cost(units) - exact < 1


def test_one_token_at_any_price_is_not_free() -> None:
    assert _price(Unit.INPUT_FRESH, 1).cost(1) == 1
    assert _price(Unit.INPUT_FRESH, 1).cost(0) == 0


@given(TARIFFS, st.tuples(COUNTS, COUNTS, COUNTS), st.tuples(COUNTS, COUNTS), COUNTS)
def test_no_split_of_the_tokens_costs_more_than_the_bound(
    tariff: Tariff, read: tuple[int, int, int], written: tuple[int, int], held: int
) -> None:
    bound = tariff.most(input_tokens=sum(read), output_tokens=sum(written), held=held)
    assert tariff.cost(Usage(*read, *written), held).micros <= bound.micros


def test_the_bound_covers_that_each_counter_is_rounded_up_by_itself() -> None:
    tariff = Tariff(tuple(_price(unit, 1) for unit in Unit), "USD")
    bound = tariff.most(input_tokens=3, output_tokens=2, held=1)
    assert tariff.cost(Usage(1, 1, 1, 1, 1), held=1).micros == 6
    assert bound.micros >= 6


def test_a_tariff_adds_each_counter_at_its_own_price() -> None:
    prices = [_price(unit, 10**power, per=1) for power, unit in enumerate(Unit)]
    tariff = Tariff(tuple(prices), "USD")
    assert tariff.cost(Usage(1, 2, 3, 4, 5), held=6) == Amount(654_321, "USD")


def test_what_has_no_price_costs_nothing() -> None:
    assert Tariff((), "EUR").cost(Usage(1, 2, 3, 4, 5), held=6) == Amount(0, "EUR")
    assert Tariff((), "EUR").most(input_tokens=9, output_tokens=9, held=9) == Amount(0, "EUR")


def test_a_book_keeps_to_its_currency() -> None:
    dollars = _price(Unit.INPUT_FRESH, 1)
    book = PriceBook.of([dollars, _price(Unit.INPUT_FRESH, 1, currency="EUR")], currency="USD")
    assert book == PriceBook("USD", (dollars,))


def test_the_newest_price_that_has_begun_is_in_force() -> None:
    old = _price(Unit.INPUT_FRESH, 1, since=date(2026, 1, 1))
    new = _price(Unit.INPUT_FRESH, 2, since=date(2026, 6, 1))
    other = _price(Unit.OUTPUT_VISIBLE, 3, since=date(2026, 1, 1))
    book = PriceBook.of([new, other, old], currency="USD")

    def in_force(on: date) -> set[Price]:
        return set(book.tariff("m", on=on, own_hardware=False).prices)

    assert in_force(date(2025, 12, 31)) == set()
    assert in_force(date(2026, 1, 1)) == {old, other}
    assert in_force(date(2026, 5, 31)) == {old, other}
    assert in_force(date(2026, 6, 1)) == {new, other}


def test_the_price_of_any_model_holds_on_own_hardware_only() -> None:
    anyone = _price(Unit.HELD, 1, model="*")
    book = PriceBook.of([anyone, _price(Unit.HELD, 2, model="other")], currency="USD")
    assert book.tariff("m", on=TODAY, own_hardware=True).prices == (anyone,)
    assert book.tariff("m", on=TODAY, own_hardware=False).prices == ()


def test_a_models_own_price_goes_before_a_newer_one_for_any_model() -> None:
    own = _price(Unit.HELD, 2, since=date(2026, 1, 1))
    anyone = _price(Unit.HELD, 1, model="*")
    for prices in ([own, anyone], [anyone, own]):
        book = PriceBook.of(prices, currency="USD")
        assert book.tariff("m", on=TODAY, own_hardware=True).prices == (own,)


def test_a_lease_has_free_what_is_neither_promised_nor_spent() -> None:
    assert Lease("lease_1", "USD", granted=100, reserved=30, spent=50).free == 20
