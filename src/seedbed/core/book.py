"""The price book: every price known, those of the past and of days to come among them.

Floor 1. It tells which prices are in force on a day. Which of them cannot go together is told by
`seedbed.core.faults`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from seedbed.core.errors import ModelUnpriced
from seedbed.core.prices import Price, Rate, Tariff, Unit

ANY = "*"
"""Any model on own hardware."""
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
