"""What units cost, by themselves and together."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.money import Amount
from seedbed.core.prices import Price, Rate, Tariff, Unit
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


@given(
    TARIFFS,
    st.tuples(COUNTS, COUNTS, COUNTS),
    st.tuples(COUNTS, COUNTS),
    COUNTS,
    st.tuples(COUNTS, COUNTS, COUNTS),
)
def test_no_split_of_the_tokens_costs_more_than_the_bound(
    tariff: Tariff,
    read: tuple[int, int, int],
    written: tuple[int, int],
    held: int,
    made: tuple[int, int, int],
) -> None:
    images, film, sound = made
    bound = tariff.most(
        input_tokens=sum(read),
        output_tokens=sum(written),
        held=held,
        images=images,
        film=film,
        sound=sound,
    )
    assert tariff.cost(Usage(*read, *written, *made), held).micros <= bound.micros


def test_the_bound_covers_that_each_counter_is_rounded_up_by_itself() -> None:
    tariff = Tariff(tuple(_price(unit, 1) for unit in Unit), "USD")
    bound = tariff.most(input_tokens=3, output_tokens=2, held=1)
    assert tariff.cost(Usage(1, 1, 1, 1, 1), held=1).micros == 7
    assert bound.micros >= 7


def test_a_tariff_adds_each_counter_at_its_own_price() -> None:
    prices = [_price(unit, 10**power, per=1) for power, unit in enumerate(Unit)]
    tariff = Tariff(tuple(prices), "USD")
    assert tariff.cost(Usage(1, 2, 3, 4, 5, 6, 7, 8), held=9) == Amount(9_987_654_321, "USD")


def test_what_has_no_price_costs_nothing() -> None:
    assert Tariff((), "EUR").cost(Usage(1, 2, 3, 4, 5), held=6) == Amount(0, "EUR")
    assert Tariff((), "EUR").most(input_tokens=9, output_tokens=9, held=9) == Amount(0, "EUR")


@given(PRICES, COUNTS, st.decimals("0.0001", 1000, places=4))
def test_a_price_in_another_currency_is_exact_before_it_is_rounded(
    price: Price, units: int, value: Decimal
) -> None:
    there = price.by(Rate("USD", "EUR", value, TODAY, "a bank"))
    exact = Decimal(units) * price.micros * value / price.per
    assert 0 <= there.cost(units) - exact < 1
    assert (there.currency, there.since, there.source) == ("EUR", TODAY, "made up")
