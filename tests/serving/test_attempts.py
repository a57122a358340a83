"""What several attempts took is told as one."""

from dataclasses import replace

from seedbed.core.money import Amount
from seedbed.core.usage import Usage
from seedbed.serving.attempts import together
from tests.serving.records import BEGAN, ENTRY

CHEAP = replace(
    ENTRY,
    model="small",
    deployment="small@here",
    stop="failed",
    shadow=Amount(5, "USD"),
    warnings=("a", "b"),
)
DEAR = replace(
    ENTRY,
    request_id="req_1.2",
    usage=Usage(input_fresh=7, input_cache_read=1, output_reasoning=4),
    reserved=Amount(1_000, "USD"),
    spent=Amount(370, "USD"),
    held=0,
    began=BEGAN + 600_000,
    took=1_000_000,
    first=200_000,
    shadow=Amount(50, "USD"),
    warnings=("b", "c"),
)


def test_without_entries_there_is_none() -> None:
    assert together("req_1", []) is None


def test_one_is_told_as_it_is() -> None:
    assert together("req_1", [CHEAP]) == CHEAP


def test_all_that_was_used_is_added_and_the_rest_is_the_lasts() -> None:
    assert together("req_1", [CHEAP, DEAR]) == replace(
        DEAR,
        request_id="req_1",
        usage=Usage(14, 1, 0, 3, 4),
        reserved=Amount(1_100, "USD"),
        spent=Amount(407, "USD"),
        held=250_000,
        began=BEGAN,
        took=1_600_000,
        first=800_000,
        shadow=Amount(55, "USD"),
        warnings=("a", "b", "c"),
    )


def test_a_shadow_that_one_has_not_is_none_of_all() -> None:
    for entries in ([replace(CHEAP, shadow=None), DEAR], [CHEAP, replace(DEAR, shadow=None)]):
        whole = together("req_1", entries)
        assert whole is not None
        assert whole.shadow is None
