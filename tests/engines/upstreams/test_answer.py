"""An answer on its way, from pieces to events."""

import pytest

from seedbed.core.ask import Ask, Limits
from seedbed.core.errors import EngineFailed, UpstreamDiffers
from seedbed.core.event import (
    CHAT_WHOLE,
    CallDelta,
    Finished,
    Started,
    Stop,
    TextDelta,
    UsageNow,
    Wire,
)
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.answer import Answer
from seedbed.engines.upstreams.base import Broken, Ended, Named, Over, Piece, Told
from seedbed.engines.upstreams.tally import Tally
from tests.engines.upstreams.fake import say

ASK = say("hi")
READ = ASK.most_input or 0
WIRE = Wire(CHAT_WHOLE, b"[]")


def fresh(ask: Ask = ASK, *, window: int = 4096) -> Answer:
    tally = Tally(ask, window=window)
    return Answer("mine", tally, safe=lambda said: str(said).upper(), named=_refuse_others)


def begun(ask: Ask = ASK, *, window: int = 4096) -> Answer:
    answer = fresh(ask, window=window)
    assert answer.take([]) == [Started("mine"), UsageNow(Usage(min(READ, window)))]
    return answer


def _refuse_others(told: str) -> None:
    if told != "theirs":
        raise UpstreamDiffers("mine", wanted="theirs", told=told)


def test_words_are_counted_ahead_so_that_few_of_them_need_a_count() -> None:
    answer = begun()
    ten = TextDelta("x" * 10, tokens=0)
    told = [answer.take([ten]) for _ in range(8)]
    assert told[0] == [UsageNow(Usage(READ, output_visible=64)), ten]
    assert told[1:6] == [[ten]] * 5
    assert told[6] == [UsageNow(Usage(READ, output_visible=128)), ten]


def test_a_count_comes_before_the_words_that_came_with_it() -> None:
    word = TextDelta("hi", tokens=0)
    used = Usage(9, output_visible=2)
    answer = begun()
    pieces: list[Piece] = [word, Ended(Stop.LENGTH, WIRE), Told(used, whole=True)]
    assert answer.take(pieces) == [UsageNow(used), word]
    assert answer.take([Over()]) == []
    assert answer.is_over
    assert answer.end() == Finished(Stop.LENGTH, used, wire=WIRE)


def test_a_count_that_came_with_the_end_is_told_by_it_alone() -> None:
    word = TextDelta("hi", tokens=0)
    told = Told(Usage(9, output_visible=2), whole=True)
    answer = begun()
    assert answer.take([word, Ended(Stop.END), told, Over()]) == [word]
    assert answer.end().usage == told.usage
    assert begun().take([word, told, Over()]) == [UsageNow(told.usage), word]


def test_a_count_that_has_not_changed_is_not_told_again() -> None:
    answer = begun(say("hi", limits=Limits(5)))
    ten = TextDelta("x" * 10, tokens=0)
    counts = [event for _ in range(20) for event in answer.take([ten]) if event != ten]
    assert counts == [UsageNow(Usage(READ, output_visible=5))]


def test_an_answer_that_calls_ends_in_a_call() -> None:
    answer = begun()
    answer.take([CallDelta(0, "", id="c", name="f", tokens=0), Ended(Stop.END)])
    assert answer.end() == Finished(Stop.CALL, Usage(READ, output_visible=2))


def test_an_answer_without_an_end_was_cut_off() -> None:
    with pytest.raises(EngineFailed, match="cut off before the end") as caught:
        begun().end()
    assert caught.value.facts["begun"]


def test_an_upstream_that_gave_up_is_quoted_safely() -> None:
    with pytest.raises(EngineFailed, match="gave up: OUT OF MEMORY") as caught:
        begun().take([Broken("out of memory")])
    assert caught.value.facts["begun"]


def test_an_upstream_that_gave_up_with_its_first_word_has_begun_nothing() -> None:
    with pytest.raises(EngineFailed, match="gave up") as caught:
        fresh().take([Broken("no room")])
    assert not caught.value.facts["begun"]


def test_an_answer_of_another_model_is_refused_before_it_begins() -> None:
    assert fresh().take([Named("theirs")])[0] == Started("mine")
    with pytest.raises(UpstreamDiffers, match="answered as 'small'"):
        fresh().take([Named("small"), TextDelta("hi", tokens=0)])


def test_an_answer_that_no_window_can_hold_is_given_up() -> None:
    answer = begun(window=4)
    for _ in range(4):
        answer.take([TextDelta("x" * 512, tokens=0)])
    with pytest.raises(EngineFailed, match="longer than its window") as caught:
        answer.take([TextDelta("x", tokens=0)] * 65)
    assert caught.value.facts["begun"]
