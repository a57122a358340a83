"""Prices, rates and books for tests: those of one model `m`."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from seedbed.core.book import PriceBook
from seedbed.core.prices import Price, Rate, Unit

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
