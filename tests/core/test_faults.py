"""What is wrong with a price book is told with files and days, and with what mends it."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.book import ANY, PriceBook
from seedbed.core.errors import SettingRefused
from seedbed.core.faults import Fault, check, faults, strangers, undeployed, unpriced
from seedbed.core.fleet import Fleet, Place
from seedbed.core.model import ListPrice, Model, Shadow, Upstream
from seedbed.core.prices import Unit
from tests.core.priced import READ, SAID, TODAY, book, price, rate

MODEL = Model("m", "t", ("scripted",), 1, 0, "MIT")


def found(of: PriceBook) -> list[Fault]:
    return list(faults(of, (), today=TODAY))


def said(of: PriceBook) -> str:
    (fault,) = found(of)
    with pytest.raises(SettingRefused) as refused:
        check(of, (), today=TODAY)
    assert refused.value.hint == fault.mend
    return refused.value.what.removeprefix("The price book cannot be used: ")


def test_a_book_whose_prices_follow_one_another_is_sound() -> None:
    old = price(until="2026-06-30")
    new = price(since="2026-07-01", currency="EUR", until="2026-08-31")
    check(book(old, new, price(since="2026-09-01"), price(SAID), rates=(rate(),)), (), today=TODAY)


def test_two_prices_on_one_day_are_refused_with_both_files_and_the_days() -> None:
    assert said(book(price(until="2026-06-30"), price(since="2026-06-30", where="b.toml"))) == (
        "input_fresh of 'm' has two prices from 2026-06-30 to 2026-06-30: one in a.toml since "
        "2026-01-01, another in b.toml since 2026-06-30."
    )
    assert "two prices from 2026-01-01 to 2026-01-01" in said(book(price(), price()))
    within = book(price(until="2026-12-31"), price(since="2026-03-01", until="2026-03-31"))
    assert "two prices from 2026-03-01 to 2026-03-31" in said(within)


def deployed(currency: str, **fields: str) -> dict[str, Fleet]:
    """A model with a deployment elsewhere that has a price of its own."""
    own = ListPrice(currency, date(2026, 1, 1), "their page", {Unit.INPUT_FRESH: "1"})
    upstream = Upstream("https://a.example/v1", "openai", "large")
    place = Place(name="theirs", engine="remote", upstream=upstream, price=replace(own, **fields))
    return {"m": Fleet(places=(Place(name="here"), place))}


def test_the_price_of_a_deployment_in_a_currency_without_a_rate_is_refused() -> None:
    with pytest.raises(SettingRefused) as refused:
        check(book(), (), today=TODAY, fleets=deployed("EUR"))
    assert refused.value.what == (
        "The price book cannot be used: input_fresh of 'm' in the deployment 'm@theirs' is in EUR, "
        "and on 2026-11-01 there is no rate from EUR to USD."
    )
    assert "[[rate]]" in refused.value.hint


def test_the_price_of_a_deployment_in_our_currency_or_with_a_rate_is_sound() -> None:
    check(book(), (), today=TODAY, fleets=deployed("USD"))
    check(book(price(), rates=(rate(),)), (), today=TODAY, fleets=deployed("EUR"))


def test_a_file_of_deployments_for_a_model_without_a_card_is_told() -> None:
    assert undeployed(["m"], [MODEL]) == {}
    found = undeployed(["mm", "zz"], [replace(MODEL, name="mmm")])
    assert list(found) == ["mm", "zz"]
    assert found["mm"].what.startswith("deployments/mm.toml has the deployments of 'mm'")
    assert found["mm"].mend.startswith("Write 'mmm' if you mean that, as the file's name")
    assert found["zz"].mend.startswith("Write the name of a card")


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
    check(book(price(), later, rates=(rate(since="2027-01-01"),)), (), today=TODAY)
    check(book(price(until="2026-06-30", currency="EUR")), (), today=TODAY)


def test_two_rates_for_one_day_are_refused() -> None:
    assert said(book(rates=(rate("1.08"), rate(given="GBP"), rate("1.09")))) == (
        "the rate from EUR to USD has two values since 2026-01-01: 1.08 in r.toml, 1.09 in r.toml."
    )


def test_every_fault_is_told_with_what_mends_it() -> None:
    of = book(
        *(price(until="2026-06-30"), price(since="2026-06-30")),
        *(price(SAID, until="2026-06-30"), price(SAID, since="2026-07-03")),
        price(since="2027-01-01", model="n"),
    )
    twice, between, none_yet = found(of)
    assert "two prices" in twice.what
    assert twice.mend.startswith("Write `until = 2026-06-29` for the first")
    assert "no price from 2026-07-01" in between.what
    assert between.mend.startswith("Take away the `until` of the first")
    assert "'n' has no price yet" in none_yet.what
    assert "let this one begin on 2026-11-01" in none_yet.mend
    (same_day,) = found(book(price(), price()))
    assert same_day.mend == "Take one of them away."


def test_of_a_currency_without_a_rate_the_lines_that_are_missing_are_told_once() -> None:
    (fault,) = found(book(price(currency="EUR"), price(SAID, currency="EUR")))
    assert fault.mend == (
        "Add these lines to a file in the home's `prices` folder, with the figure and who says so:"
        '''
[[rate]]
from = "EUR"
to = "USD"
since = 2026-11-01
rate = "?"  # what one EUR is worth in USD, as in "1.08"
source = "?"'''
    )
    (line,) = tomllib.loads(fault.mend.partition("\n")[2])["rate"]
    added = rate(given=line["from"], since=str(line["since"]))
    assert found(book(price(currency="EUR"), rates=(added,))) == []


def test_a_shadow_must_have_a_rate_as_well() -> None:
    listed = {READ: "1"}
    shadow = Shadow("JPY", TODAY, "a page", listed, provider="Example", model="big")
    (fault,) = faults(book(), [MODEL, replace(MODEL, shadow=shadow)], today=TODAY)
    assert "in the [shadow] of the card of 'm' is in JPY, and on 2026-11-01" in fault.what


def test_of_a_price_that_has_ended_the_lines_of_the_next_are_told() -> None:
    of = book(
        price(until="2026-10-30", currency="EUR"),
        price(SAID, until="2026-10-30", currency="EUR"),
        price(model="n"),
        price(model="later", since="2027-01-01"),
    )
    (model, fault), *others = unpriced(of, (), today=TODAY).items()
    assert (model, others) == ("m", [])
    assert fault.what.endswith("that of input_fresh ended with 2026-10-30, and none follows")
    (line,) = tomllib.loads(fault.mend.partition("\n")[2])["price"]
    assert line == {
        "model": "m",
        "currency": "EUR",
        "since": date(2026, 10, 31),
        "source": "?",
        "per_million": {"input_fresh": "?", "output_visible": "?"},
    }


def test_where_one_unit_has_ended_and_another_goes_on_only_the_first_needs_lines() -> None:
    of = book(price(until="2026-10-30"), price(SAID))
    mend = unpriced(of, (), today=TODAY)["m"].mend
    assert tomllib.loads(mend.partition("\n")[2])["price"][0]["per_million"] == {"input_fresh": "?"}
    assert unpriced(book(price(SAID), price(until="2026-11-01")), (), today=TODAY) == {}


def test_what_others_serve_and_nobody_gave_a_price_is_unpriced() -> None:
    theirs = replace(MODEL, upstream=Upstream("https://a.example/v1", "openai", "big"))
    (fault,) = unpriced(book(), [MODEL, theirs], today=TODAY).values()
    assert fault.what == "Model 'm' has no price, neither in its card nor in a file of prices"
    (line,) = tomllib.loads(fault.mend.partition("\n")[2])["price"]
    assert (line["model"], line["currency"], line["since"]) == ("m", "USD", TODAY)
    assert unpriced(book(price()), [theirs], today=TODAY) == {}


def test_a_price_of_a_model_that_has_no_card_is_told_with_the_nearest_name() -> None:
    of = book(price(model="lagre"), price(model="zzz", where="b.toml"), price(model=ANY), price())
    near, far = strangers(of, [MODEL, replace(MODEL, name="large")]).values()
    assert near.what == "a.toml has a price of 'lagre', and no card has that name"
    assert near.mend.startswith("Write 'large' if you mean that, or take the price away")
    assert far.mend.startswith("Write the name of a card, or take the price away")


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
        check(book(*prices), (), today=day(100))
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
