"""What a machine of one's own costs: for each hour that it is there, and for what it draws.

Floor 1. Asks are charged for the time that they hold it, at `prices`; what it costs to stand ready
or to load is told beside that, and charged to nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from seedbed.core.book import ANY
from seedbed.core.money import MICROS, Amount, Hours
from seedbed.core.prices import MICROSECONDS_PER_HOUR, Price, Unit


@dataclass(frozen=True, slots=True)
class Hardware:
    """A machine by its figures: money for an hour, watts at work and at rest, money for a kWh."""

    currency: str
    per_hour: Decimal
    watts: Decimal = Decimal(0)
    idle_watts: Decimal = Decimal(0)
    energy_per_kwh: Decimal = Decimal(0)

    def prices(self) -> tuple[Price, ...]:
        """What a microsecond of it costs while an ask holds it, as lines of a price book."""
        hour = self._line(Unit.HELD, self.per_hour, "hardware_per_hour")
        drawn = self._line(
            Unit.ENERGY,
            self._energy(self.watts),
            f"hardware_watts ({self.watts}) and energy_per_kwh ({self.energy_per_kwh})",
        )
        return (hour, drawn) if drawn.micros else (hour,)

    def working(self, microseconds: int) -> Amount:
        """What so much time at work costs."""
        return self._cost(self.per_hour + self._energy(self.watts), microseconds)

    def resting(self, microseconds: int) -> Amount:
        """What so much time at rest costs.

        >>> machine = Hardware("USD", Decimal("0.05"), idle_watts=Decimal(10))
        >>> str(machine.resting(2 * MICROSECONDS_PER_HOUR))
        '0.100000 USD'
        """
        return self._cost(self.per_hour + self._energy(self.idle_watts), microseconds)

    def _energy(self, watts: Decimal) -> Decimal:
        """Money for an hour at that power."""
        return watts * self.energy_per_kwh / 1000

    def _cost(self, per_hour: Decimal, microseconds: int) -> Amount:
        micros, over = (per_hour * MICROS).as_integer_ratio()
        return Amount(-(-microseconds * micros // (over * MICROSECONDS_PER_HOUR)), self.currency)

    def _line(self, unit: Unit, per_hour: Decimal, source: str) -> Price:
        micros, over = (per_hour * MICROS).as_integer_ratio()
        return Price(
            model=ANY,
            unit=unit,
            micros=micros,
            per=over * MICROSECONDS_PER_HOUR,
            currency=self.currency,
            since=date.min,
            source=source,
            where="the settings",
        )


@dataclass(frozen=True, slots=True)
class Spell:
    """What a deployment did with the machine, in microseconds."""

    busy: int = 0
    idle: int = 0
    loading: int = 0

    def __add__(self, other: "Spell") -> "Spell":
        return Spell(self.busy + other.busy, self.idle + other.idle, self.loading + other.loading)


def spells(hours: Iterable[Hours]) -> dict[str, Spell]:
    """What each deployment did with one machine on all those days.

    Several that lay loaded side by side share the time in which the machine stood idle, so that a
    day's busy and idle time add up to the time for which it had something loaded.
    """
    days: dict[int, list[Hours]] = {}
    for one in hours:
        days.setdefault(one.day, []).append(one)
    found: dict[str, Spell] = {}
    for day in days.values():
        longest = max(one.loaded for one in day)
        idle = max(0, longest - sum(one.busy for one in day))
        unasked = sum(_unasked(one) for one in day)
        for one in day:
            share = idle * _unasked(one) // unasked if unasked else 0
            spell = Spell(one.busy, share, one.loading)
            found[one.deployment] = found.get(one.deployment, Spell()) + spell
    return found


def _unasked(hours: Hours) -> int:
    return max(0, hours.loaded - hours.busy)
