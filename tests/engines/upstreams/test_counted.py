"""What was used, in OpenAI's words."""

import msgspec
import pytest

from seedbed.core.usage import Usage
from seedbed.engines.upstreams.counted import Counted


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ({"prompt_tokens": 100, "completion_tokens": 20}, Usage(100, 0, 0, 20)),
        ({"total_tokens": 9}, Usage(9)),
        ({"completion_tokens": 2, "total_tokens": 9}, Usage(7, 0, 0, 2)),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 20,
                "prompt_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 5},
                "completion_tokens_details": {"reasoning_tokens": 8},
            },
            Usage(65, 30, 5, 12, 8),
        ),
    ],
)
def test_what_was_used_is_counted_in_one_place_each(told: dict[str, object], counts: Usage) -> None:
    assert msgspec.convert(told, Counted).counts == counts


def test_thought_that_is_counted_beside_the_answer_is_not_taken_off_it() -> None:
    thought = {"reasoning_tokens": 8}
    told = {"prompt_tokens": 100, "completion_tokens": 20, "completion_tokens_details": thought}
    beside = msgspec.convert(told | {"total_tokens": 128}, Counted)
    assert beside.counts == Usage(100, 0, 0, 20, 8)
