"""What a stream says and when, besides what is recorded in the golden files."""

import pytest

from seedbed.api.anthropic.seal import Sealer
from seedbed.api.anthropic.stream import Manuscript, MessageStream
from seedbed.core.event import (
    CallDelta,
    Counted,
    Event,
    ReasoningDelta,
    Started,
    TextDelta,
    UsageNow,
)
from seedbed.core.usage import Usage


def stream() -> MessageStream:
    return MessageStream(Manuscript({"id": "msg_1"}, "req_1", Sealer(b"secret")))


@pytest.mark.parametrize("event", [Started("m"), Counted(3)])
def test_what_tells_no_caller_anything_sends_nothing(event: Event) -> None:
    assert stream().chunk(event) == b""


def test_a_message_begins_once_it_is_known_what_was_read() -> None:
    written = stream()
    assert written.chunk(Started("m")) == b""
    begun = written.chunk(UsageNow(Usage(input_fresh=7)))
    assert b'"input_tokens":7' in begun
    assert begun.startswith(b"event: message_start\n")
    assert written.chunk(UsageNow(Usage(input_fresh=8))) == b""


@pytest.mark.parametrize(
    "event", [TextDelta("a"), ReasoningDelta("a"), CallDelta(0, "", "id", "look")]
)
def test_a_message_begins_with_its_first_words_where_nothing_was_told_of_it(event: Event) -> None:
    assert stream().chunk(event).startswith(b"event: message_start\n")


def test_tokens_that_make_no_words_begin_no_block() -> None:
    written = stream()
    written.chunk(UsageNow(Usage()))
    assert written.chunk(TextDelta("")) == b""
    assert written.chunk(ReasoningDelta("")) == b""


def test_words_that_break_lines_stay_in_one_line() -> None:
    written = stream()
    said = written.chunk(TextDelta("a\n\ndata: b\r\n\u2028"))
    assert b"\r" not in said
    assert said.count(b"\n") == 3 * said.count(b"event: ")
