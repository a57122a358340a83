"""What the time of day and the weather make of colours."""

from typing import get_args

import pytest

from seedbed.engines.drafting.colours import luminous
from seedbed.engines.drafting.grounds.light import Time, Weather, light
from seedbed.engines.drafting.tint import shade


def test_a_clear_day_changes_no_colour_near_by() -> None:
    assert light("day", "clear").lit("#4c9a48") == "#4c9a48"


@pytest.mark.parametrize("time", get_args(Time))
@pytest.mark.parametrize("weather", get_args(Weather))
def test_with_distance_a_colour_becomes_the_air(time: Time, weather: Weather) -> None:
    here = light(time, weather)
    air = luminous(here.haze)
    away = [abs(luminous(here.lit("#101010", far / 4)) - air) for far in range(5)]
    assert away == sorted(away, reverse=True)


def test_bad_weather_is_duller() -> None:
    assert shade(light("day", "rain").sky[0]).chroma < shade(light("day", "clear").sky[0]).chroma


def test_stars_and_lamps() -> None:
    assert light("night", "clear").is_dark
    assert light("dusk", "clear").has_lamps
    assert not light("day", "clear").has_lamps
    assert not light("night", "storm").is_open


def test_given_colours_stand_for_those_of_the_sky() -> None:
    sky = light("day", "clear", ("#112233",)).sky
    assert sky[0] == "#112233"
    assert len(sky) == len(light("day", "clear").sky)
