"""Money: integers of a millionth of a currency unit, prices, and one settled use.

Floor 1. Arithmetic only. What is reserved and written where is `seedbed.serving.metering` and
`seedbed.store.ledger`.

A price is an amount for a number of units, because a token costs less than a millionth: 100,000
micros per 1,000,000 tokens is 0.10 a million. A cost is rounded up once for each unit, so that
nothing is free and a sum of costs never undercuts the cost of the sum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from seedbed.core.access import Principal
from seedbed.core.usage import Usage

MICROS = 1_000_000
MICROSECONDS_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Amount:
    """So many millionths of one currency unit.

    >>> Amount(12_500, "USD") + Amount(500, "USD")
    Amount(micros=13000, currency='USD')
    >>> str(Amount(13_000, "USD"))
    '0.013000 USD'
    """

    micros: int
    currency: str

    def __add__(self, other: Self) -> "Amount":
        return Amount(self.micros + self._same(other), self.currency)

    def __sub__(self, other: Self) -> "Amount":
        return Amount(self.micros - self._same(other), self.currency)

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"

    @property
    def decimal(self) -> str:
        """The number without its currency, with all six places.

        >>> Amount(-1_500_000, "USD").decimal
        '-1.500000'
        """
        sign = "-" if self.micros < 0 else ""
        whole, rest = divmod(abs(self.micros), MICROS)
        return f"{sign}{whole}.{rest:06d}"

    def _same(self, other: Self) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self} and {other} are of different currencies")
        return other.micros


class Unit(StrEnum):
    """What can have a price. The first five are the counters of `Usage`."""

    INPUT_FRESH = "input_fresh"
    INPUT_CACHE_READ = "input_cache_read"
    INPUT_CACHE_WRITE = "input_cache_write"
    OUTPUT_VISIBLE = "output_visible"
    OUTPUT_REASONING = "output_reasoning"
    HELD = "held"
    """Own hardware, by the microsecond that it was held."""


_TOKENS = (
    Unit.INPUT_FRESH,
    Unit.INPUT_CACHE_READ,
    Unit.INPUT_CACHE_WRITE,
    Unit.OUTPUT_VISIBLE,
    Unit.OUTPUT_REASONING,
)


@dataclass(frozen=True, slots=True)
class Price:
    """`micros` of `currency` for `per` units of `unit` of `model`, from `since` on.

    `source` says where the figure comes from, for whoever doubts it. The model `*` is any model on
    own hardware.
    """

    model: str
    unit: Unit
    micros: int
    per: int
    currency: str
    since: date
    source: str

    def cost(self, units: int) -> int:
        """Micros for so many units, rounded up."""
        return -(-units * self.micros // self.per)


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of one model on one day, all of one currency."""

    prices: tuple[Price, ...]
    currency: str

    def cost(self, usage: Usage, held: int) -> Amount:
        """What `usage` costs, with own hardware held for `held` microseconds."""
        counts = dict(zip(_TOKENS, usage.counts(), strict=True)) | {Unit.HELD: held}
        return Amount(sum(price.cost(counts[price.unit]) for price in self.prices), self.currency)

    def most(self, *, input_tokens: int, output_tokens: int, held: int) -> Amount:
        """A bound on `cost`: each token at the dearest price that it could be counted under."""
        dearest_in = max((p.cost(input_tokens) for p in self._of(_TOKENS[:3])), default=0)
        dearest_out = max((p.cost(output_tokens) for p in self._of(_TOKENS[3:])), default=0)
        hardware = sum(p.cost(held) for p in self._of((Unit.HELD,)))
        rounding = len(self.prices)  # each unit is rounded up by itself
        return Amount(dearest_in + dearest_out + hardware + rounding, self.currency)

    def _of(self, units: tuple[Unit, ...]) -> list[Price]:
        return [price for price in self.prices if price.unit in units]


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Every price known, old ones included, in one currency."""

    currency: str
    prices: tuple[Price, ...]

    @classmethod
    def of(cls, prices: Iterable[Price], *, currency: str) -> "PriceBook":
        """The book of those prices that are in `currency`."""
        return cls(currency, tuple(p for p in prices if p.currency == currency))

    def tariff(self, model: str, *, on: date, own_hardware: bool) -> Tariff:
        """The prices in force on a day: for each unit, the newest one that has begun."""
        names = {model, "*"} if own_hardware else {model}
        begun = [p for p in self.prices if p.model in names and p.since <= on]
        newest: dict[Unit, Price] = {}
        for price in sorted(begun, key=lambda p: (p.model != "*", p.since)):
            newest[price.unit] = price
        return Tariff(tuple(newest.values()), self.currency)


@dataclass(slots=True)
class Lease:
    """A slice of a budget, or of the house's own money, that one process may spend.

    `granted` is on the books; of it, `reserved` is promised to requests in flight and `spent` is
    settled. A dead process's lease counts as spent until it is reconciled. Without a `budget` it is
    a slice of the house's money, which nothing bounds; `begins` is that of the budget's window.
    """

    id: str
    currency: str
    granted: int
    reserved: int = 0
    spent: int = 0
    budget: str | None = None
    begins: int = 0

    @property
    def free(self) -> int:
        """What may still be promised."""
        return self.granted - self.reserved - self.spent


class Modality(StrEnum):
    """What kind of work a use was."""

    TEXT = "text"
    EMBEDDING = "embedding"
    RERANK = "rerank"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class Entry:
    """One settled use: who, what, how much, at which cost.

    `stop` is why it ended, in the words of `seedbed.core.event.Stop`, or `failed`, `cancelled`,
    `unreconciled`. `held` is own hardware in microseconds; `began` and `took` are epoch
    microseconds and microseconds, `first` is how many of them passed before the first piece of the
    answer. `shadow` is what the provider that the card names would have taken for the same.
    `warnings` are told to the caller and not written down.
    """

    request_id: str
    principal: Principal
    model: str
    deployment: str
    usage: Usage
    reserved: Amount
    spent: Amount
    held: int
    began: int
    took: int
    stop: str
    modality: Modality = Modality.TEXT
    shadow: Amount | None = None
    first: int | None = None
    warnings: tuple[str, ...] = ()
