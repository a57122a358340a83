"""What comes back in Anthropic's words."""

import json

import pytest

from seedbed.core.event import CallDelta, ReasoningDelta, Stop, TextDelta
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.anthropic import Anthropic
from seedbed.engines.upstreams.base import Broken, Ended, Named, Over, Piece, Told, Unreadable
from tests.engines.upstreams.fake import served


def read(*events: object) -> list[Piece]:
    reader = Anthropic(served()).reader()
    return [piece for event in events for piece in reader.read(json.dumps(event).encode())]


def start(index: int, **block: object) -> object:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, **change: object) -> object:
    return {"type": "content_block_delta", "index": index, "delta": change}


def end(reason: str | None, **usage: object) -> object:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}


def test_thoughts_words_and_calls() -> None:
    pieces = read(
        {"type": "ping"},
        start(0, type="thinking", thinking="a"),
        delta(0, type="thinking_delta", thinking="b"),
        delta(0, type="signature_delta", signature="s"),
        {"type": "content_block_stop", "index": 0},
        start(1, type="text", text="c"),
        delta(1, type="text_delta", text="d"),
        start(2, type="tool_use", id="t", name="f", input={}),
        delta(2, type="input_json_delta", partial_json='{"x":1}'),
        start(3, type="tool_use", id="u", name="g", input={"y": 2}),
        end("tool_use"),
        {"type": "message_stop"},
    )
    assert [piece for piece in pieces if not isinstance(piece, Told)] == [
        ReasoningDelta("a", tokens=0),
        ReasoningDelta("b", tokens=0),
        ReasoningDelta("", tokens=0, seal=b"s"),
        TextDelta("c", tokens=0),
        TextDelta("d", tokens=0),
        CallDelta(0, "", id="t", name="f", tokens=0),
        CallDelta(0, '{"x":1}', tokens=0),
        CallDelta(1, '{"y":2}', id="u", name="g", tokens=0),
        Ended(Stop.CALL),
        Over(),
    ]


def test_a_thought_that_only_its_maker_can_read_is_all_in_its_seal() -> None:
    block = {"type": "redacted_thinking", "data": "EmwK"}
    told = ReasoningDelta("", tokens=0, seal=b"hidden:EmwK")
    stop = {"type": "content_block_stop", "index": 0}
    assert read(start(0, **block), stop) == whole(content=[block]) == [told]


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("end_turn", Stop.END),
        ("stop_sequence", Stop.SEQUENCE),
        ("max_tokens", Stop.LENGTH),
        ("model_context_window_exceeded", Stop.LENGTH),
        ("refusal", Stop.FILTER),
    ],
)
def test_why_it_ended(reason: str, stop: Stop) -> None:
    assert Ended(stop) in read(end(reason))


def test_the_stop_text_that_was_met_is_told() -> None:
    change = {"stop_reason": "stop_sequence", "stop_sequence": "END"}
    met = Ended(Stop.SEQUENCE, met="END")
    assert met in read({"type": "message_delta", "delta": change})
    whole = json.dumps({"content": [], **change}).encode()
    assert Anthropic(served()).reader().whole(whole) == [met]


def test_what_was_used_is_counted_in_one_place_each() -> None:
    first = {"input_tokens": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 7}
    began = {"type": "message_start", "message": {"usage": first | {"output_tokens": 1}}}
    details = {"output_tokens": 20, "output_tokens_details": {"thinking_tokens": 12}}
    assert read(began, end("end_turn", **details)) == [
        Told(Usage(5, 90, 7, 1, 0), whole=False),
        Ended(Stop.END),
        Told(Usage(5, 90, 7, 8, 12), whole=True),
    ]


def test_a_change_may_tell_no_reason_and_no_usage() -> None:
    assert read({"type": "message_delta"}, {"type": "message_start"}) == []
    assert read(end(None, input_tokens=3)) == [Told(Usage(3), whole=False)]


def test_an_error_in_a_stream_is_told_in_its_own_words() -> None:
    error = {"type": "overloaded_error", "message": "Overloaded"}
    assert read({"type": "error", "error": error}) == [Broken("Overloaded")]
    assert read({"type": "error"}) == [Broken("no reason")]


def whole(**message: object) -> list[Piece]:
    return Anthropic(served()).reader().whole(json.dumps(message).encode())


def test_a_whole_message_has_all_the_pieces_of_a_stream() -> None:
    content = [
        {"type": "thinking", "thinking": "a", "signature": "s"},
        {"type": "text", "text": "b"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}},
        {"type": "tool_use", "id": "u", "name": "g", "input": {}},
    ]
    usage = {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 5}
    assert whole(content=content, stop_reason="tool_use", usage=usage) == [
        ReasoningDelta("a", tokens=0, seal=b"s"),
        TextDelta("b", tokens=0),
        CallDelta(0, '{"x":1}', id="t", name="f", tokens=0),
        CallDelta(1, "", id="u", name="g", tokens=0),
        Ended(Stop.CALL),
        Told(Usage(3, 4, 0, 5), whole=True),
    ]


def test_a_whole_message_may_be_an_error_or_nothing() -> None:
    assert whole(type="error", error={"message": "Overloaded"}) == [Broken("Overloaded")]
    assert whole() == []


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"type": 7}, "Expected `str`"),
        ([], "Expected `object`"),
        (end("tired"), "'tired'"),
        (delta(0, partial_json="{"), "before their call"),
    ],
)
def test_what_is_not_of_the_dialect_is_unreadable(event: object, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(event)


def test_which_model_answers_is_told_at_the_beginning() -> None:
    assert read({"type": "message_start", "message": {"model": "big"}}) == [Named("big")]
    assert read({"type": "message_start", "message": {}}) == []
    whole = json.dumps({"model": "big", "content": [], "stop_reason": "end_turn"}).encode()
    assert Anthropic(served()).reader().whole(whole) == [Named("big"), Ended(Stop.END)]
