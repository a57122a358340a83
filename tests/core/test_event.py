import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import CapacityExceeded, EngineFailed
from seedbed.core.event import (
    CallDelta,
    Embedded,
    Event,
    Failed,
    Finished,
    Likely,
    Ranked,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.message import Call, Reasoning, Text
from seedbed.core.usage import Usage

USAGE = Usage(input_fresh=3, output_visible=2)
END = Finished(Stop.END, USAGE)


def test_a_reply_is_its_events_folded() -> None:
    events: list[Event] = [
        Started("m"),
        UsageNow(Usage(input_fresh=3)),
        ReasoningDelta("two and "),
        ReasoningDelta("two"),
        TextDelta("It is "),
        TextDelta("four."),
        CallDelta(1, '{"n":', id="c2", name="write"),
        CallDelta(0, "{}", id="c1", name="look"),
        CallDelta(1, "4}"),
        Finished(Stop.CALL, USAGE),
    ]
    reply = Reply.of(events)
    calls = (Call("c1", "look", "{}"), Call("c2", "write", '{"n":4}'))
    assert reply.parts == (Reasoning("two and two"), Text("It is four."), *calls)
    assert (reply.model, reply.stop, reply.usage) == ("m", Stop.CALL, USAGE)
    assert (reply.text, reply.reasoning, reply.calls) == ("It is four.", "two and two", calls)


def test_an_answer_of_no_words_has_no_parts() -> None:
    reply = Reply.of([Started("m"), TextDelta(""), END])
    assert reply.parts == ()
    assert (reply.text, reply.reasoning, reply.calls) == ("", "", ())


@given(st.lists(st.text(max_size=8), max_size=12))
def test_however_an_answer_is_cut_into_deltas_its_words_are_the_same(pieces: list[str]) -> None:
    reply = Reply.of([Started("m"), *map(TextDelta, pieces), END])
    assert reply.text == "".join(pieces)


def test_a_stream_that_fails_raises_what_it_failed_with() -> None:
    failure = CapacityExceeded("m", places=1)
    with pytest.raises(CapacityExceeded) as caught:
        Reply.of([Failed(failure)])
    assert caught.value is failure


@pytest.mark.parametrize("events", [[], [Started("m")], [Started("m"), TextDelta("It is")]])
def test_a_stream_that_is_cut_off_is_never_told_as_an_end(events: list[Event]) -> None:
    with pytest.raises(EngineFailed, match="cut off"):
        Reply.of(events)


def test_vectors_scores_and_likelihoods_are_folded_in_their_order() -> None:
    likely = Likely("a", -0.5, (Likely("a", -0.5), Likely("b", -1.5)))
    reply = Reply.of([Started("m"), TextDelta("a", likely=(likely,)), END])
    assert reply.likely == (likely,)
    assert Reply.of([Started("m"), Embedded(1, b"two"), Embedded(0, b"one"), END]).vectors == (
        b"one",
        b"two",
    )
    assert Reply.of([Started("m"), Ranked(1, 0.2), Ranked(0, 0.9), END]).scores == (0.9, 0.2)
