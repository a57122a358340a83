"""What an answer has used, told or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import Ask, EmbedAsk, Limits
from seedbed.core.event import CallDelta, ReasoningDelta, TextDelta
from seedbed.core.message import Media, MediaKind, Message, Role
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.base import Delta, Told
from seedbed.engines.upstreams.tally import Tally
from tests.engines.upstreams.fake import say

ASK = say("hi")
MOST = ASK.most_input or 0


def test_nothing_is_told_at_first_and_the_prompt_counts_as_the_most_that_it_can_be() -> None:
    tally = Tally(ASK, window=4096)
    assert not tally.is_told
    assert tally.ahead() == tally.end == Usage(input_fresh=MOST)
    assert Tally(ASK, window=100).end == Usage(input_fresh=100)
    seen = Ask("mine", (Message(Role.USER, (Media(MediaKind.IMAGE, b""),)),))
    assert Tally(seen, window=100).end == Usage(input_fresh=100)


def test_bytes_stand_in_for_tokens_of_each_kind() -> None:
    tally = Tally(ASK, window=4096)
    for delta in (ReasoningDelta("h\N{LATIN SMALL LETTER U WITH DIAERESIS}"), TextDelta("four")):
        tally.say(delta)
    tally.say(CallDelta(0, "{}", id="c", name="f"))
    assert tally.end == Usage(MOST, output_visible=8, output_reasoning=3)
    assert tally.ahead() == Usage(MOST, output_visible=64, output_reasoning=64)


def test_a_thought_that_only_its_maker_can_read_counts_by_its_bytes() -> None:
    tally = Tally(ASK, window=4096)
    tally.say(ReasoningDelta("", seal=b"EqQB"))
    assert tally.end.output == 0
    tally.say(ReasoningDelta("", seal=b"hidden:EmwK"))
    assert tally.end == Usage(MOST, output_reasoning=4)


def test_no_more_is_counted_than_an_answer_may_have() -> None:
    tally = Tally(say("hi", limits=Limits(5)), window=4096)
    tally.say(TextDelta("four"))
    tally.say(ReasoningDelta("four"))
    assert tally.end == Usage(MOST, output_visible=4, output_reasoning=1)
    assert tally.ahead().output == 5


def test_what_is_told_takes_the_place_of_the_bound() -> None:
    tally = Tally(ASK, window=4096)
    tally.tell(Told(Usage(3, 2, 1, output_visible=1), whole=False))
    tally.say(TextDelta("four"))
    assert not tally.is_told
    assert tally.end == Usage(3, 2, 1, output_visible=4)
    tally.tell(Told(Usage(3, 2, 1, 2, 1), whole=True))
    assert tally.is_told
    assert tally.end == tally.ahead() == Usage(3, 2, 1, 2, 1)
    tally.say(TextDelta("more"))
    assert not tally.is_told
    assert tally.end == Usage(3, 2, 1, 6, 1)


@pytest.mark.parametrize(
    "usage",
    [
        Usage(input_fresh=-1),
        Usage(input_fresh=5, output_visible=-1),
        Usage(),
        Usage(output_visible=2),
        Usage(input_fresh=5),
        Usage(input_fresh=10**18),
        Usage(input_fresh=3, output_visible=5000),
        Usage(4000, 4000),
    ],
)
def test_a_count_that_cannot_be_is_not_believed(usage: Usage) -> None:
    tally = Tally(ASK, window=4096)
    tally.say(TextDelta("four"))
    tally.tell(Told(usage, whole=True))
    assert tally.end == Usage(MOST, output_visible=4)
    assert not tally.is_told


def test_a_window_that_a_card_names_too_small_is_no_reason_for_doubt() -> None:
    long = say("word " * 100)
    tally = Tally(long, window=50)
    tally.say(TextDelta("x" * 90))
    tally.tell(Told(Usage(120, output_visible=80), whole=True))
    assert tally.is_told


def test_a_few_bytes_more_need_no_count_of_their_own() -> None:
    tally = Tally(ASK, window=4096)
    assert tally.has_grown
    counted = [tally.ahead().output]
    for _ in range(8):
        tally.say(TextDelta("x" * 16))
        if tally.has_grown:
            counted.append(tally.ahead().output)
    assert counted == [0, 64, 128]


def test_vectors_are_no_tokens() -> None:
    tally = Tally(EmbedAsk("mine", ("abc",)), window=4096)
    assert tally.end == Usage(input_fresh=3 + 16)


DELTAS = st.lists(
    st.one_of(
        st.builds(TextDelta, st.text(max_size=90)), st.builds(ReasoningDelta, st.text(max_size=90))
    )
)


@given(DELTAS)
def test_the_count_on_the_way_is_never_below_that_at_the_end(deltas: list[Delta]) -> None:
    tally = Tally(ASK, window=4096)
    for delta in deltas:
        tally.say(delta)
        ahead = tally.ahead().output - tally.end.output
        assert 0 <= ahead < 2 * 64
    assert tally.end.output <= 4096
