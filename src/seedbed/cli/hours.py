"""What own hardware did and cost, beside what its asks paid and what a provider would have taken.

Floor 6.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from seedbed.cli import show
from seedbed.cli.exports import decimal
from seedbed.cli.house import House
from seedbed.core.hardware import Spell, spells
from seedbed.core.money import Amount, Hours
from seedbed.store.entries import Sum

_NOTHING = (0, 0)


@dataclass(frozen=True, slots=True)
class Owned:
    """One deployment on own hardware: what it did, what that cost, and what asks paid for it."""

    deployment: str
    spell: Spell
    busy: Amount
    idle: Amount
    loading: Amount
    charged: Amount
    shadow: Amount | None
    provider: str | None

    @property
    def cost(self) -> Amount:
        """What the machine cost while it was there for this deployment."""
        return self.busy + self.idle + self.loading


def owned(house: House, hours: Iterable[Hours], by_deployment: Iterable[Sum]) -> list[Owned]:
    """What each deployment did and cost. `by_deployment` are the sums of the same days."""
    currency = house.hardware.currency
    paid = {one.group[0]: one for one in by_deployment if one.spent.currency == currency}
    return [_owned(house, name, spell, paid) for name, spell in sorted(spells(hours).items())]


def _owned(house: House, deployment: str, spell: Spell, paid: Mapping[str, Sum]) -> Owned:
    model = deployment.rpartition("@")[0]
    found = paid.get(deployment)
    return Owned(
        deployment,
        spell,
        busy=house.hardware.working(spell.busy),
        idle=house.hardware.resting(spell.idle),
        loading=house.hardware.working(spell.loading),
        charged=found.spent if found else Amount(0, house.hardware.currency),
        shadow=found.shadow if found else None,
        provider=provider(house, model),
    )


def provider(house: House, model: str) -> str | None:
    """Whose price the card of a model names beside its own, if it does."""
    cards = {card.name: card.shadow for card in house.catalogue.all()}
    shadow = cards.get(model)
    return f"{shadow.provider} ({shadow.model})" if shadow else None


def told(one: Owned) -> dict[str, object]:
    """A deployment as JSON has it."""
    return {
        "deployment": one.deployment,
        "busy_seconds": one.spell.busy / 1e6,
        "idle_seconds": one.spell.idle / 1e6,
        "loading_seconds": one.spell.loading / 1e6,
        "busy_cost": one.busy.decimal,
        "idle_cost": one.idle.decimal,
        "loading_cost": one.loading.decimal,
        "cost": one.cost.decimal,
        "charged": one.charged.decimal,
        "shadow": decimal(one.shadow),
        "shadow_provider": one.provider,
        "currency": one.cost.currency,
    }


def table(found: Sequence[Owned]) -> None:
    """Print them for a person."""
    rows: list[Sequence[str | Text]] = []
    for one in found:
        rows += _rows(one)
    show.table(("own hardware", "hours", "cost"), rows, right=("hours", "cost"))


def _rows(one: Owned) -> list[Sequence[str | Text]]:
    spell = one.spell
    rows: list[Sequence[str | Text]] = [
        (Text(one.deployment, "bold"), "", ""),
        ("  answering", _hours(spell.busy), str(one.busy)),
        ("  idle, ready to answer", _hours(spell.idle), str(one.idle)),
        ("  loading", _hours(spell.loading), str(one.loading)),
        ("  in all", _hours(spell.busy + spell.idle + spell.loading), str(one.cost)),
        ("  charged to those who asked", "", str(one.charged)),
    ]
    if one.shadow is not None:
        rows.append((f"  {one.provider or 'a provider'} would have taken", "", str(one.shadow)))
    return rows


def _hours(microseconds: int) -> str:
    return f"{microseconds / 3.6e9:,.3f}"
