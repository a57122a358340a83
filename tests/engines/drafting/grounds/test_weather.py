"""Lightning, which comes and goes."""

from seedbed.engines.drafting.grounds.light import light
from seedbed.engines.drafting.grounds.plane import Setting
from seedbed.engines.drafting.grounds.weather import lightning

AT = Setting(0, 0, 1.6, 1, 1.6, light("day", "storm"))


def test_a_flash_reaches_the_land_and_is_gone() -> None:
    way, bright = lightning(AT, 0.6, 0.0)
    assert bright == 1.0
    assert way[-1][1] == 0.6
    assert lightning(AT, 0.6, 1.0)[1] == 0.0


def test_the_next_flash_goes_elsewhere() -> None:
    assert lightning(AT, 0.6, 0.0)[0] != lightning(AT, 0.6, 3.8)[0]
