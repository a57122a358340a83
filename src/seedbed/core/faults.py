"""What is wrong with a price book, and what mends it.

Floor 1. Prices that contradict one another, or for which a rate is missing, keep a server from
starting. A model without a price keeps it from nothing but to answer for that model.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import combinations, groupby, pairwise
from types import MappingProxyType

from seedbed.core.book import ANY, PriceBook
from seedbed.core.errors import ModelUnpriced, SettingRefused
from seedbed.core.fleet import Fleet
from seedbed.core.model import Model
from seedbed.core.prices import Price, Rate, Unit

_A_DAY = timedelta(days=1)
_ALONE: Mapping[str, Fleet] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, with files and days, and what mends it; the latter may be lines of a file."""

    what: str
    mend: str


def check(
    book: PriceBook,
    models: Iterable[Model],
    *,
    today: date,
    fleets: Mapping[str, Fleet] = _ALONE,
) -> None:
    """See that the prices of a book go together, and with its rates the shadows of those models and
    the prices that deployments have of their own; `fleets` are by model.

    Raises:
        SettingRefused: with the first of the `faults`.
    """
    for fault in faults(book, models, today=today, fleets=fleets):
        raise SettingRefused(f"The price book cannot be used: {fault.what}.", hint=fault.mend)


def faults(
    book: PriceBook,
    models: Iterable[Model],
    *,
    today: date,
    fleets: Mapping[str, Fleet] = _ALONE,
) -> Iterator[Fault]:
    """Each contradiction: two prices hold on one day, none holds on a day between two or none
    today, two rates hold on one day, or a currency has no rate.
    """
    for one, other in combinations(book.rates, 2):
        if (one.given, one.wanted, one.since) == (other.given, other.wanted, other.since):
            yield _two_rates(one, other)
    yield from _of_prices(book, today)
    for model in models:
        if model.shadow:
            where = f"the [shadow] of the card of {model.name!r}"
            shadow = model.shadow.prices(model.name, where=where)
            yield from _of_prices(replace(book, prices=shadow), today)
    for name, fleet in fleets.items():
        for place in fleet.places:
            if place.price:
                own = place.price.prices(name, where=f"the deployment '{name}@{place.name}'")
                yield from _of_prices(replace(book, prices=own), today)


def unpriced(book: PriceBook, models: Iterable[Model], *, today: date) -> dict[str, Fault]:
    """Why models have no price today, by their names: theirs ended, or others serve them and there
    never was one.
    """
    found: dict[str, Fault] = {}
    for name in sorted({price.model for price in book.prices if price.since <= today}):
        try:
            book.in_force(today, name)
        except ModelUnpriced as error:
            found[name] = Fault(error.what.rstrip("."), _another(book, name, today))
    priced = {price.model for price in book.prices}
    for model in models:
        if model.upstream and model.name not in priced:
            what = f"Model {model.name!r} has no price, neither in its card nor in a file of prices"
            units = (Unit.INPUT_FRESH, Unit.OUTPUT_VISIBLE)
            found[model.name] = Fault(what, _lines(model.name, book.currency, today, units))
    return found


def strangers(book: PriceBook, models: Iterable[Model]) -> dict[str, Fault]:
    """A fault for each model that has a price and is not among those that have a card."""
    known = [model.name for model in models]
    files = {price.model: price.where for price in book.prices if price.model not in {ANY, *known}}
    return {name: _stranger(name, files[name], known) for name in sorted(files)}


def undeployed(fleets: Iterable[str], models: Iterable[Model]) -> dict[str, Fault]:
    """A fault for each model that has a file of deployments and no card, so that it is read by
    nobody.
    """
    known = {model.name for model in models}
    return {
        name: Fault(
            f"deployments/{name}.toml has the deployments of {name!r}, and no card has that name",
            f"{_meant(name, known)}, as the file's name, or take the file away; "
            "`seedbed models ls` lists the cards.",
        )
        for name in sorted({*fleets} - known)
    }


def _stranger(model: str, where: str, known: Collection[str]) -> Fault:
    return Fault(
        f"{where} has a price of {model!r}, and no card has that name",
        f"{_meant(model, known)}, or take the price away; `seedbed models ls` lists the cards.",
    )


def _meant(model: str, known: Collection[str]) -> str:
    near = get_close_matches(model, known, 1)
    return f"Write {near[0]!r} if you mean that" if near else "Write the name of a card"


def _of_prices(book: PriceBook, today: date) -> Iterator[Fault]:
    for lines in _by_unit(book.prices):
        for before, after in pairwise(lines):
            yield from _together(before, after)
    for price in _firsts(book.prices):
        if price.since > today:
            yield Fault(
                f"{price.model!r} has no price yet: that of {price.unit} in {price.where} begins "
                f"on {price.since}, and today is {today}",
                f"Add the price that holds until then, or let this one begin on {today}: `since` "
                "is a price's first day.",
            )
    lacking = {p.currency: p for p in reversed(book.prices) if not _has_rate(book, p, today)}
    for price in lacking.values():
        needed = max(price.since, today)
        yield Fault(
            f"{_name(price)} in {price.where} is in {price.currency}, and on {needed} there is no "
            f"rate from {price.currency} to {book.currency}",
            _rate_lines(price.currency, book.currency, needed),
        )


def _has_rate(book: PriceBook, price: Price, today: date) -> bool:
    """Whether a price can be reckoned, or need not be: it is in our currency, or has ended."""
    needed = max(price.since, today)
    is_over = price.until is not None and price.until < needed
    return (
        price.currency == book.currency or is_over or book.rate(price.currency, needed) is not None
    )


def _rate_lines(given: str, wanted: str, since: date) -> str:
    """What a file must hold; a question mark is not taken for a rate."""
    return (
        "Add these lines to a file in the home's `prices` folder, with the figure and who says so:"
        f'\n[[rate]]\nfrom = "{given}"\nto = "{wanted}"\nsince = {since}\n'
        f'rate = "?"  # what one {given} is worth in {wanted}, as in "1.08"\nsource = "?"'
    )


def _together(before: Price, after: Price) -> Iterator[Fault]:
    if after.since <= (before.until or before.since):
        last = min(before.until or after.since, after.until or date.max)
        yield Fault(
            f"{_name(after)} has two prices from {after.since} to {last}: one in {before.where} "
            f"since {before.since}, another in {after.where} since {after.since}",
            "Take one of them away."
            if before.since == after.since
            else f"Write `until = {after.since - _A_DAY}` for the first, which is its last day, or "
            "take one of them away.",
        )
    if before.until and before.until + _A_DAY < after.since:
        yield Fault(
            f"{_name(after)} has no price from {before.until + _A_DAY} to {after.since - _A_DAY}: "
            f"one in {before.where} ends with {before.until}, the next, in {after.where}, begins "
            f"on {after.since}",
            "Take away the `until` of the first, which then holds until the next begins, or add "
            "the price of those days.",
        )


def _two_rates(one: Rate, other: Rate) -> Fault:
    return Fault(
        f"the rate from {one.given} to {one.wanted} has two values since {one.since}: "
        f"{one.value} in {one.where}, {other.value} in {other.where}",
        "Take one of them away, or let it begin on another day.",
    )


def _another(book: PriceBook, model: str, today: date) -> str:
    """The lines with which the units whose price ended first have one again."""
    begun = [price for price in book.prices if price.model == model and price.since <= today]
    newest = {price.unit: price for price in sorted(begun, key=lambda price: price.since)}
    ends = {price: price.until for price in newest.values() if price.until and price.until < today}
    last = min(ends.values())
    over = [price for price, until in ends.items() if until == last]
    return _lines(model, over[0].currency, last + _A_DAY, [price.unit for price in over])


def _lines(model: str, currency: str, since: date, units: Iterable[Unit]) -> str:
    """What a file must hold; a question mark is not taken for a sum."""
    sums = ", ".join(f'{unit} = "?"' for unit in units)
    return (
        "Add these lines to a file in the home's `prices` folder, with the figures and who says so:"
        f'\n[[price]]\nmodel = "{model}"\ncurrency = "{currency}"\n'
        f'since = {since}\nsource = "?"\nper_million = {{ {sums} }}'
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
