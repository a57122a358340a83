"""What a machine of one's own costs at work and at rest."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.book import ANY, PriceBook
from seedbed.core.hardware import Hardware, Spell, spells
from seedbed.core.money import Amount, Hours
from seedbed.core.prices import MICROSECONDS_PER_HOUR, Unit
from seedbed.core.usage import Usage

HOUR = MICROSECONDS_PER_HOUR
MACHINE = Hardware(
    "EUR",
    per_hour=Decimal("0.05"),
    watts=Decimal(65),
    idle_watts=Decimal("8.5"),
    energy_per_kwh=Decimal("0.30"),
)
FIGURES = st.decimals(0, 1000, places=6)
_ANY_DAY = date(2026, 11, 1)


def test_energy_is_a_line_of_its_own_in_the_price_of_the_time_that_hardware_is_held() -> None:
    hour, drawn = MACHINE.prices()
    assert (hour.model, hour.unit, hour.source) == (ANY, Unit.HELD, "hardware_per_hour")
    assert (drawn.model, drawn.unit) == (ANY, Unit.ENERGY)
    assert drawn.source == "hardware_watts (65) and energy_per_kwh (0.30)"
    assert (hour.cost(HOUR), drawn.cost(HOUR)) == (50_000, 19_500)


def test_where_nothing_is_said_of_energy_there_is_no_line_for_it() -> None:
    (hour,) = Hardware("EUR", per_hour=Decimal("0.05"), watts=Decimal(65)).prices()
    assert hour.unit is Unit.HELD


def test_at_rest_it_draws_less() -> None:
    assert MACHINE.working(HOUR) == Amount(69_500, "EUR")
    assert MACHINE.resting(HOUR) == Amount(52_550, "EUR")


@given(
    st.builds(Hardware, st.just("EUR"), FIGURES, FIGURES, FIGURES, FIGURES), st.integers(0, HOUR)
)
def test_an_ask_pays_what_the_machine_costs_while_it_works_to_the_millionth(
    machine: Hardware, held: int
) -> None:
    tariff = PriceBook("EUR", machine.prices()).tariff("m", on=_ANY_DAY, own_hardware=True)
    charged = tariff.cost(Usage(), held).micros
    assert 0 <= charged - machine.working(held).micros <= 1
    assert charged <= tariff.most(input_tokens=0, output_tokens=0, held=held).micros


def test_one_deployment_is_idle_while_it_is_loaded_and_not_busy() -> None:
    days = [Hours("m@here", day, 10 * HOUR, 4 * HOUR, HOUR) for day in (0, 1)]
    assert spells(days) == {"m@here": Spell(8 * HOUR, 12 * HOUR, 2 * HOUR)}


def test_deployments_side_by_side_share_what_the_machine_stood_idle() -> None:
    day = [Hours("a@here", 0, 24 * HOUR, 12 * HOUR), Hours("b@here", 0, 24 * HOUR)]
    found = spells(day)
    assert found == {"a@here": Spell(12 * HOUR, 4 * HOUR), "b@here": Spell(0, 8 * HOUR)}


HOURS = st.lists(
    st.builds(Hours, st.sampled_from("abc"), st.integers(0, 2), *(st.integers(0, 24 * HOUR),) * 3),
    max_size=9,
    unique_by=lambda one: (one.deployment, one.day),
)


@given(HOURS)
def test_no_more_idle_time_is_told_than_the_machine_had_something_loaded(
    hours: list[Hours],
) -> None:
    found = spells(hours).values()
    longest = {
        day: max(one.loaded for one in hours if one.day == day) for day in {o.day for o in hours}
    }
    assert sum(spell.idle for spell in found) <= sum(longest.values())
    assert sum(spell.busy for spell in found) == sum(one.busy for one in hours)
