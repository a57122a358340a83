"""The price book: every price known, those of the past and of days to come among them.

Floor 1. It tells which prices are in force on a day, and which of them cannot go together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations, groupby, pairwise

from seedbed.core.errors import ModelUnpriced, SettingRefused
from seedbed.core.prices import Price, Rate, Tariff, Unit

ANY = "*"
"""Any model on own hardware."""
_A_DAY = timedelta(days=1)
_LIKE = {
    Unit.INPUT_CACHE_READ: Unit.INPUT_FRESH,
    Unit.INPUT_CACHE_WRITE: Unit.INPUT_FRESH,
    Unit.OUTPUT_REASONING: Unit.OUTPUT_VISIBLE,
}
"""Of two kinds of tokens, whose price the first takes where it has none of its own."""


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Prices, the currency in which they are reckoned, and the rates that lead there."""

    currency: str
    prices: tuple[Price, ...]
    rates: tuple[Rate, ...] = ()

    def also(self, prices: Iterable[Price]) -> "PriceBook":
        """The book with further prices."""
        return replace(self, prices=(*self.prices, *prices))

    def tariff(self, model: str, *, on: date, own_hardware: bool) -> Tariff:
        """The prices in force on a day, in the book's currency; empty for a model that has none.

        Raises:
            ModelUnpriced: one of its prices has ended or none has begun, or a rate is not known.
        """
        lines = {line.unit: self._reckoned(line, on) for line in self.in_force(on, model)}
        if own_hardware:
            anyone = {line.unit: self._reckoned(line, on) for line in self.in_force(on, ANY)}
            lines = anyone | lines
        for unit, like in _LIKE.items():
            if like in lines and unit not in lines:
                lines[unit] = replace(lines[like], unit=unit)
        return Tariff(tuple(lines.values()), self.currency)

    def in_force(self, on: date, model: str) -> list[Price]:
        """For each unit of a model the newest price that has begun, in its own currency.

        Raises:
            ModelUnpriced: one of them has ended, or none has begun.
        """
        listed = [price for price in self.prices if price.model == model]
        newest: dict[Unit, Price] = {}
        for price in sorted(listed, key=lambda price: price.since):
            if price.since <= on:
                newest[price.unit] = price
        if listed and not newest:
            first = min(price.since for price in listed)
            raise ModelUnpriced(model, on=on, why=f"its first one begins on {first}")
        for price in newest.values():
            if price.until and price.until < on:
                why = f"that of {price.unit} ended with {price.until}, and none follows"
                raise ModelUnpriced(model, on=on, why=why)
        return list(newest.values())

    def rate(self, currency: str, on: date) -> Rate | None:
        """The newest rate that has begun, from a currency to the book's own."""
        begun = [
            rate
            for rate in self.rates
            if (rate.given, rate.wanted) == (currency, self.currency) and rate.since <= on
        ]
        return max(begun, key=lambda rate: rate.since, default=None)

    def _reckoned(self, price: Price, on: date) -> Price:
        if price.currency == self.currency:
            return price
        rate = self.rate(price.currency, on)
        if rate is None:
            why = f"it is priced in {price.currency}, and no rate leads to {self.currency}"
            raise ModelUnpriced(price.model, on=on, why=why)
        return price.by(rate)


def check(book: PriceBook, *, today: date) -> None:
    """See that the prices of a book go together.

    Raises:
        SettingRefused: two hold on one day, none holds on a day between two or none today, or a
            currency has no rate; the sentence names file, model, unit and dates.
    """
    for lines in _by_unit(book.prices):
        for before, after in pairwise(lines):
            _together(before, after)
    for price in _firsts(book.prices):
        if price.since > today:
            raise _refused(
                f"{price.model!r} has no price yet: that of {price.unit} in {price.where} begins "
                f"on {price.since}, and today is {today}"
            )
    for one, other in combinations(book.rates, 2):
        if (one.given, one.wanted, one.since) == (other.given, other.wanted, other.since):
            raise _refused(
                f"the rate from {one.given} to {one.wanted} has two values since {one.since}: "
                f"{one.value} in {one.where}, {other.value} in {other.where}"
            )
    for price in book.prices:
        _has_rate(book, price, today)


def _has_rate(book: PriceBook, price: Price, today: date) -> None:
    needed = max(price.since, today)
    if price.currency == book.currency or (price.until and price.until < needed):
        return
    if book.rate(price.currency, needed) is None:
        raise _refused(
            f"{_name(price)} in {price.where} is in {price.currency}, and on {needed} there is no "
            f"rate from {price.currency} to {book.currency}"
        )


def _together(before: Price, after: Price) -> None:
    if after.since <= (before.until or before.since):
        last = min(before.until or after.since, after.until or date.max)
        raise _refused(
            f"{_name(after)} has two prices from {after.since} to {last}: one in {before.where} "
            f"since {before.since}, another in {after.where} since {after.since}"
        )
    if before.until and before.until + _A_DAY < after.since:
        raise _refused(
            f"{_name(after)} has no price from {before.until + _A_DAY} to {after.since - _A_DAY}: "
            f"one in {before.where} ends with {before.until}, the next, in {after.where}, begins "
            f"on {after.since}"
        )


def _by_unit(prices: Iterable[Price]) -> Iterator[list[Price]]:
    """The prices of each unit of each model, the oldest first."""
    ordered = sorted(prices, key=lambda price: (price.model, price.unit, price.since))
    for _, lines in groupby(ordered, key=lambda price: (price.model, price.unit)):
        yield list(lines)


def _firsts(prices: Iterable[Price]) -> Iterator[Price]:
    """The oldest price of each model."""
    ordered = sorted(prices, key=lambda price: (price.model, price.since))
    for _, lines in groupby(ordered, key=lambda price: price.model):
        yield next(lines)


def _name(price: Price) -> str:
    return f"{price.unit} of {price.model!r}"


def _refused(why: str) -> SettingRefused:
    return SettingRefused(
        f"The price book cannot be used: {why}.",
        hint="Mend the file; `since` is a price's first day and `until` its last one.",
    )
