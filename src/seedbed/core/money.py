"""Money: integers of a millionth of a currency unit, and one settled use.

Floor 1. Arithmetic only. What a use costs is `seedbed.core.prices`; what is reserved and written
where is `seedbed.serving.metering` and `seedbed.store.ledger`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from seedbed.core.access import Principal
from seedbed.core.budget import Measure
from seedbed.core.usage import Usage
from seedbed.core.value import value

MICROS = 1_000_000


@value
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


@dataclass(slots=True)
class Lease:
    """A slice of a budget, or of the house's own money, that one process may spend.

    `granted` is on the books; of it, `reserved` is promised to requests in flight and `spent` is
    settled. A dead process's lease counts as spent until it is reconciled. Without a `budget` it is
    a slice of the house's money, which nothing bounds; `begins` is that of the budget's window, and
    `measure` is what the budget counts.
    """

    id: str
    currency: str
    granted: int
    reserved: int = 0
    spent: int = 0
    budget: str | None = None
    begins: int = 0
    measure: Measure = Measure.MONEY

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


@value
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


@value
class Hours:
    """How long a deployment of our own held the machine on one day, in microseconds.

    `day` is when the day began, in epoch microseconds. `busy` is part of `loaded`; `loading` is
    what it took to get there.
    """

    deployment: str
    day: int
    loaded: int = 0
    busy: int = 0
    loading: int = 0
