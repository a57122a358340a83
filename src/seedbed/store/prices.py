"""Reads the files of prices and of rates between currencies.

Floor 2. They lie in the home's `prices` folder, beside the prices that cards have. Whether they go
together is for `seedbed.core.faults` to say.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec

from seedbed.core.errors import SettingRefused
from seedbed.core.model import ListPrice
from seedbed.core.prices import Price, Rate, Unit

_SUM = re.compile(r"\d{1,9}(\.\d{1,6})?")
_RATE = re.compile(r"\d{1,9}(\.\d{1,12})?")

Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Price(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    model: Text
    currency: Currency
    since: date
    until: date | None = None
    source: Text
    per_million: Annotated[dict[Unit, object], msgspec.Meta(min_length=1)]


class _Rate(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    given: Currency = msgspec.field(name="from")
    to: Currency
    since: date
    rate: object
    source: Text


class _File(msgspec.Struct, forbid_unknown_fields=True):
    price: tuple[_Price, ...] = ()
    rate: tuple[_Rate, ...] = ()


def read_prices(folder: Path) -> tuple[tuple[Price, ...], tuple[Rate, ...]]:
    """Every price and every rate in the files of a folder; none where there is no folder.

    Raises:
        SettingRefused: a file cannot be understood; the sentence names it, the model and the unit.
    """
    prices: list[Price] = []
    rates: list[Rate] = []
    for path in sorted(folder.glob("*.toml")):
        file = _read(path)
        for found in file.price:
            prices += _prices(path, found)
        rates += [_rate(path, found) for found in file.rate]
    return tuple(prices), tuple(rates)


def _read(path: Path) -> _File:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    except (
        msgspec.ValidationError,
        tomllib.TOMLDecodeError,
        UnicodeDecodeError,
        OSError,
    ) as error:
        raise _refused(path, str(error)) from error


def _prices(path: Path, found: _Price) -> tuple[Price, ...]:
    if found.until and found.until < found.since:
        why = f"the price of {found.model!r} ends with {found.until}, before it begins on"
        raise _refused(path, f"{why} {found.since}")
    listed = ListPrice(
        currency=found.currency,
        since=found.since,
        source=found.source,
        per_million=_sums(path, found.model, found.per_million),
        until=found.until,
    )
    return listed.prices(found.model, where=str(path))


def _sums(path: Path, model: str, per_million: Mapping[Unit, object]) -> dict[Unit, str]:
    sums: dict[Unit, str] = {}
    for unit, text in per_million.items():
        if not isinstance(text, str) or not _SUM.fullmatch(text):
            raise _refused(
                path,
                f"{unit} of {model!r} costs {text!r} a million, which is no sum of money; a sum is "
                'written as text, such as "0.25", with nine digits before the point and six behind '
                "it at the most",
            )
        sums[unit] = text
    return sums


def _rate(path: Path, found: _Rate) -> Rate:
    text = found.rate
    if not isinstance(text, str) or not _RATE.fullmatch(text) or not Decimal(text):
        raise _refused(
            path,
            f"the rate from {found.given} to {found.to} since {found.since} is {text!r}, which is "
            'no rate; one is written as text, such as "1.08", and is more than nothing',
        )
    return Rate(found.given, found.to, Decimal(text), found.since, found.source, str(path))


def _refused(path: Path, why: str) -> SettingRefused:
    return SettingRefused(
        f"The prices in {path} cannot be understood: {why}.",
        hint="Mend the file, or take it away.",
    )
