"""Budgets: how much may be spent, by whom, in which stretch of time.

Floor 1. Arithmetic and calendar only. Who grants a slice of a budget is `seedbed.store.ledger`, who
spends it `seedbed.serving.metering`. Days and months are those of UTC.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Owner(StrEnum):
    """Whose use a budget bounds."""

    KEY = "key"
    PROJECT = "project"
    USER = "user"
    JOB = "job"
    """One job: the most that it may spend."""


class Window(StrEnum):
    """How long a budget lasts before it begins anew."""

    DAY = "day"
    MONTH = "month"
    ALL = "all"

    def begins(self, moment: int) -> int:
        """When the stretch that holds `moment` began. Both in epoch microseconds; 0 for `ALL`.

        >>> Window.MONTH.begins(1_763_769_600_000_000) == 1_761_955_200_000_000
        True
        """
        day = _day(moment)
        match self:
            case Window.ALL:
                return 0
            case Window.DAY:
                return _micros(day)
            case Window.MONTH:  # pragma: no branch - the last of the kinds
                return _micros(day.replace(day=1))

    def ends(self, moment: int) -> int | None:
        """When the stretch that holds `moment` ends; `None` where it never does."""
        day = _day(moment)
        match self:
            case Window.ALL:
                return None
            case Window.DAY:
                return _micros(day + timedelta(days=1))
            case Window.MONTH:  # pragma: no branch - the last of the kinds
                return _micros((day.replace(day=1) + timedelta(days=32)).replace(day=1))


class Measure(StrEnum):
    """What a budget counts."""

    MONEY = "money"
    """Millionths of the ledger's currency."""
    TOKENS = "tokens"
    """Tokens read and written, those of thought and from a cache among them."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that an owner may use in each window; one owner may have several.

    `subject` is the key's id, the project's or the user's name. `cap` is in what `measure` counts.
    Past `warn` per cent of it a warning is told, once in a window. `name` is what a key is called.
    """

    id: str
    owner: Owner
    subject: str
    window: Window
    measure: Measure
    cap: int
    currency: str
    warn: int = 80
    name: str | None = None

    @property
    def warns_at(self) -> int:
        """The use from which on it warns."""
        return self.cap * self.warn // 100

    @property
    def words(self) -> str:
        """What a sentence calls it.

        >>> Budget("b", Owner.PROJECT, "web", Window.DAY, Measure.MONEY, 5_000_000, "USD").words
        "budget of 5.00 USD a day of project 'web'"
        """
        window = "in all" if self.window is Window.ALL else f"a {self.window}"
        whose = f"{self.name!r} ({self.subject})" if self.name else repr(self.subject)
        return f"budget of {self.say(self.cap)} {window} of {self.owner} {whose}"

    def say(self, units: int) -> str:
        """So many of what it counts.

        >>> Budget("b", Owner.USER, "ada", Window.ALL, Measure.MONEY, 1, "EUR").say(-1_205_000)
        '-1.205 EUR'
        """
        if self.measure is Measure.TOKENS:
            return f"{units:,} tokens"
        whole, rest = divmod(abs(units), 1_000_000)
        decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
        return f"{'-' if units < 0 else ''}{whole}.{decimals} {self.currency}"

    def warning(self, used: int) -> str | None:
        """A sentence once so much is used that it warns."""
        if used < self.warns_at:
            return None
        return f"The {self.words} is {self.warn} % used or more: {self.say(used)}."


def _day(moment: int) -> datetime:
    seconds = moment // 1_000_000
    return datetime.fromtimestamp(seconds - seconds % 86_400, tz=UTC)


def _micros(day: datetime) -> int:
    return round(day.timestamp()) * 1_000_000
