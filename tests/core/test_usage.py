from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.usage import Usage

USAGES = st.builds(Usage, *(st.integers(0, 10**9) for _ in fields(Usage)))


@given(USAGES, USAGES, USAGES)
def test_usages_add_up_in_any_order_and_grouping(a: Usage, b: Usage, c: Usage) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Usage() == a


@given(USAGES, USAGES)
def test_no_token_is_counted_twice_or_lost(a: Usage, b: Usage) -> None:
    assert (a + b).input == a.input + b.input
    assert (a + b).output == a.output + b.output
    assert a.input + a.output == sum(a.counts())
    assert (a + b).images == a.images + b.images
    assert (a + b).film_milliseconds == a.film_milliseconds + b.film_milliseconds
    assert (a + b).sound_milliseconds == a.sound_milliseconds + b.sound_milliseconds


def test_tokens_from_the_cache_are_read_and_thoughts_are_written() -> None:
    usage = Usage(
        input_fresh=1,
        input_cache_read=20,
        input_cache_write=300,
        output_visible=4_000,
        output_reasoning=50_000,
    )
    assert (usage.input, usage.output) == (321, 54_000)
    assert usage.counts() == (1, 20, 300, 4_000, 50_000)
