"""Which price is in force on a day."""

from dataclasses import replace
from datetime import date

import pytest

from seedbed.core.book import ANY, PriceBook
from seedbed.core.errors import ModelUnpriced
from seedbed.core.money import Amount
from seedbed.core.prices import Rate, Unit
from seedbed.core.usage import Usage
from tests.core.priced import READ, SAID, TODAY, book, price, rate


def in_force(of: PriceBook, on: str, *, own: bool = False) -> dict[Unit, int]:
    tariff = of.tariff("m", on=date.fromisoformat(on), own_hardware=own)
    return {line.unit: line.micros for line in tariff.prices}


def test_the_newest_price_that_has_begun_is_in_force_from_its_first_day_on() -> None:
    both = book(price(SAID, 2, since="2026-06-01"), price(SAID, 1), price(Unit.HELD, 3))
    assert in_force(both, "2026-05-31")[SAID] == 1
    assert in_force(both, "2026-06-01")[SAID] == 2
    assert in_force(both, "2026-06-01")[Unit.HELD] == 3


def test_a_price_holds_to_the_end_of_its_last_day_and_then_none_does() -> None:
    ends = book(price(SAID, until="2026-06-30"), price(READ))
    assert in_force(ends, "2026-06-30")[SAID] == 1
    with pytest.raises(ModelUnpriced) as refused:
        in_force(ends, "2026-07-01")
    assert refused.value.what == (
        "Model 'm' has no price on 2026-07-01: that of output_visible ended with 2026-06-30, and "
        "none follows."
    )


def test_before_the_first_price_of_a_model_it_has_none() -> None:
    with pytest.raises(ModelUnpriced, match="its first one begins on 2026-01-01"):
        in_force(book(price()), "2025-12-31")


def test_a_model_that_no_price_names_has_an_empty_tariff() -> None:
    assert in_force(book(replace(price(), model="other")), "2026-06-01") == {}


def test_tokens_without_a_price_of_their_own_cost_as_those_that_they_are_like() -> None:
    listed = book(price(READ, 3), price(SAID, 7), price(Unit.INPUT_CACHE_READ, 1))
    tariff = listed.tariff("m", on=TODAY, own_hardware=False)
    assert tariff.cost(Usage(input_cache_read=1), 0) == Amount(1, "USD")
    assert tariff.cost(Usage(input_cache_write=1), 0) == Amount(3, "USD")
    assert tariff.cost(Usage(output_reasoning=1), 0) == Amount(7, "USD")


def test_the_price_of_any_model_holds_on_own_hardware_only() -> None:
    anyone = book(price(Unit.HELD, 1, model=ANY), price(Unit.HELD, 2, model="other"))
    assert in_force(anyone, "2026-06-01", own=True) == {Unit.HELD: 1}
    assert in_force(anyone, "2026-06-01") == {}


def test_a_models_own_price_goes_before_a_newer_one_for_any_model() -> None:
    own, anyone = price(Unit.HELD, 2), price(Unit.HELD, 1, model=ANY, since="2026-06-01")
    assert in_force(book(own, anyone), "2026-07-01", own=True) == {Unit.HELD: 2}
    assert in_force(book(anyone, own), "2026-07-01", own=True) == {Unit.HELD: 2}


def test_another_currency_is_reckoned_by_the_rate_of_the_day() -> None:
    rates = (rate("2", since="2026-06-01"), rate("1.08"))
    euros = book(price(READ, 100, currency="EUR"), rates=rates)
    tariff = euros.tariff("m", on=date(2026, 5, 31), own_hardware=False)
    assert tariff.cost(Usage(input_fresh=1), 0) == Amount(108, "USD")
    tariff = euros.tariff("m", on=date(2026, 6, 1), own_hardware=False)
    assert tariff.cost(Usage(input_fresh=1), 0) == Amount(200, "USD")


@pytest.mark.parametrize(
    "rates",
    [(), (rate(given="GBP"),), (replace(rate(), wanted="GBP"),), (rate(since="2026-12-01"),)],
)
def test_without_a_rate_that_has_begun_there_is_no_price(rates: tuple[Rate, ...]) -> None:
    with pytest.raises(ModelUnpriced, match="priced in EUR, and no rate leads to USD"):
        in_force(book(price(currency="EUR"), rates=rates), "2026-06-01")
