"""Columns: what stands upright, what lies on its side, what stays together."""

import pytest

from seedbed.engines.drafting.columns import Cell, columns


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("春眠", [["春"], ["眠"]]),
        ("春眠。", [["春"], ["眠", "。"]]),
        ("「春」眠", [["「", "春", "」"], ["眠"]]),
        ("タワー", [["タ"], ["ワ", "ー"]]),
        ("。春", [["。"], ["春"]]),
        ("", []),
    ],
)
def test_signs_stay_with_what_they_belong_to(line: str, units: list[list[str]]) -> None:
    assert [[cell.text for cell in unit] for unit in columns(line)] == units


def test_words_lie_on_their_side_and_small_numbers_stand() -> None:
    cells = [cell for unit in columns("第12回 ABC 2026年") for cell in unit]
    assert cells == [
        Cell("第"),
        Cell("12"),
        Cell("回"),
        Cell(" ", turned=True),
        Cell("ABC", turned=True),
        Cell(" ", turned=True),
        Cell("2026", turned=True),
        Cell("年"),
    ]
