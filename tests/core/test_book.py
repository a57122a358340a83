"""Which price is in force on a day, and which prices cannot go together."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.book import ANY, PriceBook, check
from seedbed.core.errors import ModelUnpriced, SettingRefused
from seedbed.core.money import Amount
from seedbed.core.prices import Price, Rate, Unit
from seedbed.core.usage import Usage

TODAY = date(2026, 11, 1)
READ, SAID = Unit.INPUT_FRESH, Unit.OUTPUT_VISIBLE


def price(unit: Unit = READ, micros: int = 1, *, since: str = "2026-01-01", **other: str) -> Price:
    until = date.fromisoformat(other.pop("until")) if "until" in other else None
    begins = date.fromisoformat(since)
    plain = Price("m", unit, micros, 1, "USD", begins, "a page", until, "a.toml")
    return replace(plain, **other)


def rate(value: str = "2", *, given: str = "EUR", since: str = "2026-01-01") -> Rate:
    return Rate(given, "USD", Decimal(value), date.fromisoformat(since), "a bank", "r.toml")


def book(*prices: Price, rates: tuple[Rate, ...] = ()) -> PriceBook:
    return PriceBook("USD", prices, rates)


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


def said(of: PriceBook) -> str:
    with pytest.raises(SettingRefused) as refused:
        check(of, today=TODAY)
    return refused.value.what.removeprefix("The price book cannot be used: ")


def test_a_book_whose_prices_follow_one_another_is_sound() -> None:
    old = price(until="2026-06-30")
    new = price(since="2026-07-01", currency="EUR", until="2026-08-31")
    check(book(old, new, price(since="2026-09-01"), price(SAID), rates=(rate(),)), today=TODAY)


def test_two_prices_on_one_day_are_refused_with_both_files_and_the_days() -> None:
    assert said(book(price(until="2026-06-30"), price(since="2026-06-30", where="b.toml"))) == (
        "input_fresh of 'm' has two prices from 2026-06-30 to 2026-06-30: one in a.toml since "
        "2026-01-01, another in b.toml since 2026-06-30."
    )
    assert "two prices from 2026-01-01 to 2026-01-01" in said(book(price(), price()))
    within = book(price(until="2026-12-31"), price(since="2026-03-01", until="2026-03-31"))
    assert "two prices from 2026-03-01 to 2026-03-31" in said(within)


def test_days_without_a_price_between_two_are_refused_with_the_days() -> None:
    assert said(book(price(until="2026-06-30"), price(since="2026-07-03", where="b.toml"))) == (
        "input_fresh of 'm' has no price from 2026-07-01 to 2026-07-02: one in a.toml ends with "
        "2026-06-30, the next, in b.toml, begins on 2026-07-03."
    )


def test_a_model_whose_prices_are_all_to_come_is_refused() -> None:
    assert said(book(price(since="2026-11-02"), price(SAID, since="2026-11-03"))) == (
        "'m' has no price yet: that of input_fresh in a.toml begins on 2026-11-02, and today is "
        "2026-11-01."
    )


def test_a_currency_without_a_rate_today_or_when_its_price_begins_is_refused() -> None:
    euros = price(currency="EUR")
    assert said(book(euros)) == (
        "input_fresh of 'm' in a.toml is in EUR, and on 2026-11-01 there is no rate from EUR to "
        "USD."
    )
    later = price(since="2027-01-01", currency="EUR")
    assert "on 2027-01-01" in said(book(price(), later))
    check(book(price(), later, rates=(rate(since="2027-01-01"),)), today=TODAY)
    check(book(price(until="2026-06-30", currency="EUR")), today=TODAY)


def test_two_rates_for_one_day_are_refused() -> None:
    assert said(book(rates=(rate("1.08"), rate(given="GBP"), rate("1.09")))) == (
        "the rate from EUR to USD has two values since 2026-01-01: 1.08 in r.toml, 1.09 in r.toml."
    )


SPANS = st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 15)), max_size=6)


@given(SPANS)
def test_in_a_sound_book_each_day_from_the_first_to_the_last_has_exactly_one_price(
    spans: list[tuple[int, int | None]],
) -> None:
    def day(number: int) -> date:
        return date(2026, 1, 1) + timedelta(number)

    prices = [
        replace(price(), since=day(begins), until=None if long is None else day(begins + long))
        for begins, long in spans
    ]
    try:
        check(book(*prices), today=day(100))
    except SettingRefused:
        return
    if not prices:
        return
    last = max(prices, key=lambda price: price.since)
    end = last.until or day(100)
    on = min(price.since for price in prices)
    while on <= end:
        tariff = book(*prices).tariff("m", on=on, own_hardware=False)
        assert {line.unit for line in tariff.prices} == {
            READ,
            Unit.INPUT_CACHE_READ,
            Unit.INPUT_CACHE_WRITE,
        }
        on += timedelta(1)
