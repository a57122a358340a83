"""How much of a budget is used, as a bar."""

import pytest

from seedbed.cli.standing import bar


@pytest.mark.parametrize(
    ("used", "cap", "filled", "colour"),
    [
        (0, 100, 0, "green"),
        (1, 1000, 1, "green"),
        (79, 100, 9, "green"),
        (80, 100, 9, "yellow"),
        (100, 100, 12, "red"),
        (300, 100, 12, "red"),
        (0, 0, 12, "red"),
    ],
)
def test_a_bar_is_as_long_as_what_is_used_and_changes_its_colour(
    used: int, cap: int, filled: int, colour: str
) -> None:
    shown = bar(used, cap, warn=80)
    assert shown.plain == "━" * filled + "─" * (12 - filled)
    assert {str(span.style) for span in shown.spans if span.end == filled} <= {colour}
