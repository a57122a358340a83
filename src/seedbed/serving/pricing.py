"""What a model costs here on a day, and what a provider would have taken for the same.

Floor 4.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from seedbed.core.book import PriceBook
from seedbed.core.errors import ModelUnpriced
from seedbed.core.model import Model
from seedbed.core.prices import Tariff

Tariffs: TypeAlias = Callable[[date], Tariff]
"""The prices of a day; it raises `ModelUnpriced` where there are none."""


def tariffs(model: Model, book: PriceBook, *, own_hardware: bool) -> Tariffs:
    """A model's prices by the day: those of the book, and those of its card."""
    book = book.also(model.listed)

    def tariff(on: date) -> Tariff:
        found = book.tariff(model.name, on=on, own_hardware=own_hardware)
        if model.upstream and not found.prices:
            why = "its card has no [price], and no file of prices has one"
            raise ModelUnpriced(model.name, on=on, why=why)
        return found

    return tariff


def shadows(model: Model, book: PriceBook) -> Tariffs | None:
    """What the provider that the card names takes, by the day."""
    if model.shadow is None:
        return None
    theirs = replace(book, prices=model.shadow.prices(model.name))
    return lambda on: theirs.tariff(model.name, on=on, own_hardware=False)
