"""Why a message ended."""

import pytest

from seedbed.api.anthropic.write import ending
from seedbed.core.event import Finished, Stop
from seedbed.core.usage import Usage


@pytest.mark.parametrize(
    ("end", "stops", "told"),
    [
        (Finished(Stop.END, Usage()), ("A",), ("end_turn", None)),
        (Finished(Stop.SEQUENCE, Usage()), ("A",), ("stop_sequence", "A")),
        (Finished(Stop.SEQUENCE, Usage()), ("A", "B"), ("stop_sequence", None)),
        (Finished(Stop.SEQUENCE, Usage(), met="B"), ("A", "B"), ("stop_sequence", "B")),
    ],
)
def test_of_several_stop_texts_the_one_that_was_met_is_told(
    end: Finished, stops: tuple[str, ...], told: tuple[str, str | None]
) -> None:
    assert tuple(ending(end, stops).values()) == told
