"""Colours as the eye orders them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.engines.drafting.tint import Shade, apart, shade, tinted, written

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@given(COLOURS)
def test_a_colour_is_written_as_it_was_read(colour: str) -> None:
    assert written(shade(colour)) == colour


@given(COLOURS, COLOURS)
def test_the_main_colour_becomes_the_tint(main: str, tint: str) -> None:
    assert tinted(main, main, tint) == tint or shade(main).chroma == 0


@given(COLOURS, COLOURS, COLOURS)
def test_every_tint_of_every_colour_is_a_colour(colour: str, main: str, tint: str) -> None:
    assert 0 <= shade(tinted(colour, main, tint)).lightness <= 1.001


def test_shades_stay_lighter_and_darker_than_the_main_one() -> None:
    main, dark, light = "#f8312f", "#ca0b4a", "#ff8687"
    for tint in ("#1e7be5", "#43a047", "#31343d", "#8b8f98"):
        here = [shade(tinted(each, main, tint)).lightness for each in (dark, main, light)]
        assert here == sorted(here)
        assert len(set(here)) == 3


def test_grey_shades_take_on_a_colour() -> None:
    assert apart(shade(tinted("#d3d3d3", "#e6e6e6", "#1e7be5")).hue, shade("#1e7be5").hue) < 8


def test_what_no_screen_shows_is_made_duller() -> None:
    shown = shade(written(Shade(0.5, 0.4, 140)))
    assert (shown.lightness, shown.hue) == pytest.approx((0.5, 140), rel=0.02)
    assert 0.15 < shown.chroma < 0.3


@pytest.mark.parametrize("colour", ["red", "#12345", "#1234567", ""])
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        shade(colour)
