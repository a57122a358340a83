"""Colours mixed and lit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.engines.drafting.colours import argb, lighter, luminous, mix, under

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(COLOURS, COLOURS, st.floats(-1, 2))
def test_a_mix_is_a_colour(one: str, other: str, share: float) -> None:
    assert re.fullmatch("#[0-9a-f]{6}", mix(one, other, share))


@given(COLOURS, COLOURS)
def test_a_mix_begins_with_the_one_and_ends_with_the_other(one: str, other: str) -> None:
    assert mix(one, other, 0.0) == one
    assert mix(one, other, 1.0) == other


@given(COLOURS)
def test_white_light_changes_no_colour_and_no_light_leaves_none(colour: str) -> None:
    assert under(colour, "#ffffff") == colour
    assert under(colour, "#000000") == "#000000"


def test_lighter_is_lighter_and_darker_is_darker() -> None:
    assert luminous(lighter("#3366aa", 0.3)) > luminous("#3366aa")
    assert luminous(lighter("#3366aa", -0.3)) < luminous("#3366aa")


@pytest.mark.parametrize(
    ("colour", "opacity", "told"),
    [("#102030", 1.0, 0xFF102030), ("#10203080", 1.0, 0x80102030), ("#102030", 0.5, 0x80102030)],
)
def test_skia_is_told_alpha_first(colour: str, opacity: float, told: int) -> None:
    assert argb(colour, opacity) == told
