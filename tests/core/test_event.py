import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.errors import CapacityExceeded, EngineFailed
from seedbed.core.event import (
    CallDelta,
    Counted,
    Embedded,
    Event,
    Failed,
    Finished,
    Likely,
    Painted,
    PaintFailed,
    Previewed,
    Ranked,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    Tokenized,
    ToolPhase,
    ToolRan,
    ToolsListed,
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


def test_a_seal_ends_a_thought_and_another_may_follow() -> None:
    thoughts = [
        ReasoningDelta("a"),
        ReasoningDelta("b", seal=b"1"),
        ReasoningDelta("", seal=b"2"),
        ReasoningDelta("c"),
    ]
    reply = Reply.of([Started("m"), *thoughts, END])
    told = (Reasoning("ab", seal=b"1"), Reasoning("", seal=b"2"), Reasoning("c"))
    assert reply.parts == told
    assert reply.reasoning == "abc"


def test_what_the_house_did_itself_is_no_part_of_what_the_model_said() -> None:
    done = ToolRan(0, "server", "tool", "{}", "one", phase=ToolPhase.DONE)
    reply = Reply.of([Started("m"), ToolsListed("server"), done, TextDelta("It is one."), END])
    assert reply.parts == (Text("It is one."),)


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


def test_tokens_and_counts_are_folded_too() -> None:
    one, two = Tokenized(0, (7, 8), ((0, 1), (1, 3))), Tokenized(1, (9,))
    assert Reply.of([Started("m"), two, one, END]).tokenized == (one, two)
    assert Reply.of([Started("m"), Counted(12), END]).counted == 12


def test_pictures_are_folded_in_their_order_and_previews_are_not_among_them() -> None:
    failed, made = PaintFailed(0, "code", "why"), Painted(1, b"png", 2, 1)
    reply = Reply.of([Started("m"), Previewed(1, 0, b"p"), made, failed, END])
    assert reply.pictures == (failed, made)
    assert (reply.vectors, reply.scores, reply.tokenized, reply.parts) == ((), (), (), ())
