"""Prices: what a unit of a model's use costs, from which day on, and who says so.

Floor 1. Arithmetic and calendar only. Which of them is in force on a day is `seedbed.core.book`;
the files that they come from are read by `seedbed.store.prices`.

A price is an amount for a number of units, because a token costs less than a millionth: 100,000
micros per 1,000,000 tokens is 0.10 a million. A cost is rounded up once for each unit, so that
nothing is free and a sum of costs never undercuts the cost of the sum.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from seedbed.core.money import Amount
from seedbed.core.usage import Usage

MICROSECONDS_PER_HOUR = 3_600_000_000


class Unit(StrEnum):
    """What can have a price. The first eight are the counters of `Usage`."""

    INPUT_FRESH = "input_fresh"
    INPUT_CACHE_READ = "input_cache_read"
    INPUT_CACHE_WRITE = "input_cache_write"
    OUTPUT_VISIBLE = "output_visible"
    OUTPUT_REASONING = "output_reasoning"
    IMAGES = "images"
    FILM_MILLISECONDS = "film_milliseconds"
    SOUND_MILLISECONDS = "sound_milliseconds"
    HELD = "held"
    """Own hardware, by the microsecond that it was held."""
    ENERGY = "energy"
    """What own hardware draws, by the microsecond that it was held."""


_READ, _WRITTEN, _FILMED, _SOUNDED, _HELD = 3, 5, 6, 7, 8
"""Counters before the first are of tokens read, before the second of tokens written; then comes
that of pictures, those of films and of sound, and the place of the time held."""
_COUNTER = {unit: min(place, _HELD) for place, unit in enumerate(Unit)}


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of the currency `given` is worth `value` of `wanted`, from `since` on."""

    given: str
    wanted: str
    value: Decimal
    since: date
    source: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """`micros` of `currency` for `per` units of `unit` of `model`, from `since` on.

    `source` says where the figure comes from, for whoever doubts it, and `where` which file has
    it. `until` is its last day; without one it holds until the next begins. The model `*` is any
    model on own hardware.
    """

    model: str
    unit: Unit
    micros: int
    per: int
    currency: str
    since: date
    source: str
    until: date | None = None
    where: str = ""

    def cost(self, units: int) -> int:
        """Micros for so many units, rounded up."""
        return -(-units * self.micros // self.per)

    def by(self, rate: Rate) -> "Price":
        """The same in another currency, exactly.

        >>> from decimal import Decimal
        >>> day = date(2026, 1, 1)
        >>> euros = Price("m", Unit.HELD, 100, 1, "EUR", day, "a page")
        >>> euros.by(Rate("EUR", "USD", Decimal("1.08"), day, "a bank")).cost(1)
        108
        """
        times, over = rate.value.as_integer_ratio()
        return replace(self, micros=self.micros * times, per=self.per * over, currency=rate.wanted)


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of one model on one day, all of one currency."""

    prices: tuple[Price, ...]
    currency: str
    _lines: tuple[tuple[int, int, int], ...] = field(init=False, repr=False, compare=False)
    """A counter's place, and micros for so many of it: what each ask is reckoned by."""

    def __post_init__(self) -> None:
        lines = tuple((_COUNTER[price.unit], price.micros, price.per) for price in self.prices)
        object.__setattr__(self, "_lines", lines)

    def cost(self, usage: Usage, held: int) -> Amount:
        """What `usage` costs, with own hardware held for `held` microseconds."""
        made = usage.images, usage.film_milliseconds, usage.sound_milliseconds
        counts = (*usage.counts(), *made, held)
        micros = 0
        for counter, price, per in self._lines:
            micros -= -counts[counter] * price // per
        return Amount(micros, self.currency)

    def most(
        self,
        *,
        input_tokens: int,
        output_tokens: int,
        held: int,
        images: int = 0,
        film: int = 0,
        sound: int = 0,
    ) -> Amount:
        """A bound on `cost`: each token at the dearest price that it could be counted under.

        `film` and `sound` are in milliseconds, `held` in microseconds.
        """
        read = written = made = hardware = 0
        for counter, price, per in self._lines:
            if counter < _READ:
                read = _larger(read, -(-input_tokens * price // per))
            elif counter < _WRITTEN:
                written = _larger(written, -(-output_tokens * price // per))
            elif counter < _FILMED:
                made -= -images * price // per
            elif counter < _SOUNDED:
                made -= -film * price // per
            elif counter < _HELD:
                made -= -sound * price // per
            else:
                hardware -= -held * price // per
        rounding = len(self._lines)  # each unit is rounded up by itself
        return Amount(read + written + made + hardware + rounding, self.currency)


def _larger(one: int, other: int) -> int:
    return one if one > other else other  # `max` would take three times as long, for each ask
