"""How budgets stand: what is used of each, what is left, and when it begins anew.

Floor 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from seedbed.cli import show
from seedbed.core.budget import Budget, Measure
from seedbed.core.money import Amount

_BAR = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """Budgets with what is used of them, and when that began; and the moment, in epoch
    microseconds.
    """

    found: Sequence[tuple[Budget, int, int]]
    now: int

    def table(self) -> None:
        """Print them for a person."""
        show.table(
            ("budget of", "window", "used", "", "%", "cap", "left", "begins anew"),
            [self._row(one, used) for one, used, _ in self.found],
            right=("used", "%", "cap", "left"),
        )

    def told(self) -> list[dict[str, object]]:
        """As JSON has them: money as decimal text, tokens as numbers."""
        return [self._told(one, used) for one, used, _ in self.found]

    def _row(self, one: Budget, used: int) -> Sequence[str | Text]:
        return (
            f"{one.owner} {one.name or one.subject}",
            one.window.value,
            one.say(used),
            bar(used, one.cap, warn=one.warn),
            str(_per_cent(used, one.cap)),
            one.say(one.cap),
            one.say(max(0, one.cap - used)),
            (self._anew(one) or "never")[:10],
        )

    def _told(self, one: Budget, used: int) -> dict[str, object]:
        return {
            "owner": one.owner.value,
            "name": one.name or one.subject,
            "window": one.window.value,
            "measure": one.measure.value,
            "cap": _units(one, one.cap),
            "used": _units(one, used),
            "left": _units(one, max(0, one.cap - used)),
            "currency": one.currency,
            "warn": one.warn,
            "begins_anew": self._anew(one),
        }

    def _anew(self, one: Budget) -> str | None:
        ends = one.window.ends(self.now)
        return None if ends is None else show.moment(ends)


def bar(used: int, cap: int, *, warn: int) -> Text:
    """How much of a budget is used, as a bar: green, yellow once it warns, red once it is spent.

    >>> bar(1, 4, warn=80).plain
    '━━━─────────'
    """
    per_cent = _per_cent(used, cap)
    filled = max(min(_BAR, per_cent * _BAR // 100), 1 if used else 0)
    colour = "red" if per_cent >= 100 else "yellow" if per_cent >= warn else "green"
    return Text.assemble(("━" * filled, colour), ("─" * (_BAR - filled), "bright_black"))


def _per_cent(used: int, cap: int) -> int:
    return used * 100 // cap if cap else 100


def _units(one: Budget, count: int) -> object:
    return count if one.measure is Measure.TOKENS else Amount(count, one.currency).decimal
