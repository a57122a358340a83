"""`seedbed prices`: the price book in force on a day.

Floor 6.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import click

from seedbed.cli import show
from seedbed.cli.house import House, pass_house
from seedbed.core.book import ANY, PriceBook
from seedbed.core.errors import ModelUnpriced
from seedbed.core.faults import Fault, check, strangers
from seedbed.core.model import Shadow
from seedbed.core.money import MICROS
from seedbed.core.prices import MICROSECONDS_PER_HOUR, Price, Rate, Unit
from seedbed.kit.clock import today

_HOURLY = {Unit.HELD, Unit.ENERGY}


@click.command()
@click.option("--on", type=show.DAY, help="Another day than today, in UTC.")
@show.json_option
@pass_house
def prices(house: House, *, on: date | None, as_json: bool) -> None:
    """Every price in force, since when, and who says so. What stands beside is told, too."""
    day = on or today(house.clock)
    book, cards = house.prices(), house.catalogue.all()
    check(book, cards, today=today(house.clock))
    lines, unpriced = _in_force(book, day)
    unknown = strangers(book, cards)
    shadows = [(card.name, card.shadow) for card in cards if card.shadow]
    if as_json:
        show.as_json(
            {
                "on": str(day),
                "currency": book.currency,
                "prices": [_told(line) for line in lines],
                "rates": [_told_rate(rate) for rate in _rates(book, day)],
                "unpriced": unpriced,
                "unknown": {model: fault.what for model, fault in unknown.items()},
                "shadows": [_told_shadow(model, shadow) for model, shadow in shadows],
            }
        )
    else:
        _print(book, day, lines, unpriced)
        _print_shadows(shadows)
        _print_unknown(unknown)


def _in_force(book: PriceBook, day: date) -> tuple[list[Price], dict[str, str]]:
    """The prices of each model; and why others have none, by their names."""
    lines: list[Price] = []
    unpriced: dict[str, str] = {}
    for model in sorted({price.model for price in book.prices}):
        try:
            book.tariff(model, on=day, own_hardware=False)  # so that a rate is there, too
            lines += book.in_force(day, model)
        except ModelUnpriced as error:
            unpriced[model] = error.what
    return lines, unpriced


def _rates(book: PriceBook, day: date) -> list[Rate]:
    currencies = sorted({rate.given for rate in book.rates})
    return [rate for currency in currencies if (rate := book.rate(currency, day))]


def _print(book: PriceBook, day: date, lines: Sequence[Price], unpriced: Mapping[str, str]) -> None:
    show.table(
        ("model", "unit", "price", "", "since", "until", "source"),
        [
            (
                "any, here" if line.model == ANY else line.model,
                line.unit.value,
                f"{_figure(line)} {line.currency}",
                _per(line),
                _since(line.since),
                "" if line.until is None else str(line.until),
                line.source,
            )
            for line in lines
        ],
        right=("price",),
    )
    if rates := _rates(book, day):
        show.OUT.print()
        show.table(
            ("rate", "", "since", "source"),
            [(f"1 {r.given}", f"{r.value} {r.wanted}", _since(r.since), r.source) for r in rates],
        )
    for why in unpriced.values():
        show.OUT.print(f"\n{why}", markup=False, soft_wrap=True, style="red")


def _print_shadows(shadows: Sequence[tuple[str, Shadow]]) -> None:
    if shadows:
        show.OUT.print()
        show.table(
            ("model", "beside it", "unit", "price", "", "since", "source"),
            [
                (
                    model,
                    f"{shadow.provider} ({shadow.model})",
                    unit.value,
                    f"{text} {shadow.currency}",
                    "a million",
                    _since(shadow.since),
                    shadow.source,
                )
                for model, shadow in shadows
                for unit, text in shadow.per_million.items()
            ],
            right=("price",),
        )


def _print_unknown(unknown: Mapping[str, Fault]) -> None:
    for one in unknown.values():
        said = f"\n{one.what}. {one.mend}"
        show.OUT.print(said, markup=False, soft_wrap=True, style="yellow")


def _figure(line: Price) -> str:
    """What a million tokens or an hour costs, as it was written.

    >>> _figure(Price("m", Unit.INPUT_FRESH, 250_000, 1_000_000, "USD", date(2026, 1, 1), "-"))
    '0.25'
    """
    units = MICROSECONDS_PER_HOUR if line.unit in _HOURLY else 1_000_000
    value = (Decimal(line.micros * units) / (line.per * MICROS)).quantize(Decimal("1.000000"))
    whole, _, rest = str(value).partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def _per(line: Price) -> str:
    return "an hour" if line.unit in _HOURLY else "a million"


def _since(day: date) -> str:
    return "always" if day == date.min else str(day)


def _told(line: Price) -> dict[str, object]:
    return {
        "model": line.model,
        "unit": line.unit.value,
        "price": _figure(line),
        "per": "hour" if line.unit in _HOURLY else "million",
        "currency": line.currency,
        "since": None if line.since == date.min else str(line.since),
        "until": None if line.until is None else str(line.until),
        "source": line.source,
        "where": line.where,
    }


def _told_rate(rate: Rate) -> dict[str, object]:
    return {
        "from": rate.given,
        "to": rate.wanted,
        "rate": str(rate.value),
        "since": str(rate.since),
        "source": rate.source,
        "where": rate.where,
    }


def _told_shadow(model: str, shadow: Shadow) -> dict[str, object]:
    return {
        "model": model,
        "provider": shadow.provider,
        "provider_model": shadow.model,
        "currency": shadow.currency,
        "since": str(shadow.since),
        "source": shadow.source,
        "per_million": {unit.value: text for unit, text in shadow.per_million.items()},
    }
