"""What comes back in OpenAI's words."""

import json
from dataclasses import replace
from typing import Any

import pytest

from seedbed.core.event import CallDelta, Likely, ReasoningDelta, Stop, TextDelta
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.base import Broken, Ended, Named, Over, Piece, Told, Unreadable
from seedbed.engines.upstreams.openai import OpenAi
from tests.engines.upstreams.fake import chunk, counted, served


def read(*datas: object) -> list[Piece]:
    reader = OpenAi(served()).reader()
    lines = [d if isinstance(d, bytes) else json.dumps(d).encode() for d in datas]
    return [piece for line in lines for piece in reader.read(line)]


def test_words_thoughts_and_their_end() -> None:
    pieces = read(
        chunk(role="assistant", content=""),
        chunk(reasoning_content="h"),
        chunk(reasoning="m"),
        chunk(content="No"),
        chunk(refusal="!"),
        chunk(reason="stop"),
        b"[DONE]",
    )
    assert pieces == [
        ReasoningDelta("h", tokens=0),
        ReasoningDelta("m", tokens=0),
        TextDelta("No", tokens=0),
        TextDelta("!", tokens=0),
        Ended(Stop.END),
        Over(),
    ]


@pytest.mark.parametrize(
    ("choice", "ended"),
    [
        ({"finish_reason": "length"}, Ended(Stop.LENGTH)),
        ({"finish_reason": "tool_calls"}, Ended(Stop.CALL)),
        ({"finish_reason": "content_filter"}, Ended(Stop.FILTER)),
        ({"finish_reason": "stop", "stop_reason": "END"}, Ended(Stop.SEQUENCE, met="END")),
        ({"finish_reason": "stop", "stop_reason": 151645}, Ended(Stop.END)),
    ],
)
def test_why_it_ended(choice: dict[str, object], ended: Ended) -> None:
    assert read({"choices": [choice]}) == [ended]


def called(index: int | None, id_: str | None, name: str | None, arguments: str | None) -> object:
    function = {"name": name, "arguments": arguments}
    return chunk(tool_calls=[{"index": index, "id": id_, "function": function}])


def test_calls_are_told_apart_by_index() -> None:
    pieces = read(
        called(3, "a", "f", ""),
        called(5, "b", "g", "{}"),
        called(3, None, None, '{"x"'),
        called(3, "a", "f", ":1}"),
    )
    assert pieces == [
        CallDelta(0, "", id="a", name="f", tokens=0),
        CallDelta(1, "{}", id="b", name="g", tokens=0),
        CallDelta(0, '{"x"', tokens=0),
        CallDelta(0, ":1}", tokens=0),
    ]


def test_calls_without_an_index_are_told_apart_by_id_or_come_whole() -> None:
    assert read(called(None, "a", "f", "{"), called(None, None, None, "}")) == [
        CallDelta(0, "{", id="a", name="f", tokens=0),
        CallDelta(0, "}", tokens=0),
    ]
    assert read(called(None, None, "f", "{}"), called(None, None, "g", None)) == [
        CallDelta(0, "{}", id="call_0", name="f", tokens=0),
        CallDelta(1, "", id="call_1", name="g", tokens=0),
    ]


def test_only_the_first_of_several_answers_is_read() -> None:
    assert read({"choices": [{"index": 1, "delta": {"content": "no"}}]}) == []


def test_likelihoods_of_chats() -> None:
    top = [{"token": "a", "logprob": -0.1}, {"token": "b", "logprob": -2.5}]
    odds = {"content": [{"token": "a", "logprob": -0.1, "top_logprobs": top}]}
    (delta,) = read({"choices": [{"delta": {"content": "a"}, "logprobs": odds}]})
    assert isinstance(delta, TextDelta)
    assert delta.likely == (Likely("a", -0.1, (Likely("a", -0.1), Likely("b", -2.5))),)


def test_likelihoods_of_completions() -> None:
    odds = {
        "tokens": ["a", "b", "c"],
        "token_logprobs": [None, -0.5, -1],
        "top_logprobs": [None, {"b": -0.5, "x": -3}, None],
    }
    (delta,) = read({"choices": [{"text": "abc", "logprobs": odds}]})
    assert isinstance(delta, TextDelta)
    assert delta.text == "abc"
    assert delta.likely == (
        Likely("b", -0.5, (Likely("b", -0.5), Likely("x", -3))),
        Likely("c", -1),
    )
    bare = {"tokens": ["a"], "token_logprobs": [-1]}
    (delta,) = read({"choices": [{"text": "a", "logprobs": bare}]})
    assert isinstance(delta, TextDelta)
    assert delta.likely == (Likely("a", -1),)


@pytest.mark.parametrize(
    ("told", "whole"),
    [
        (chunk(content="a", usage={"prompt_tokens": 3, "completion_tokens": 0}), False),
        (chunk(content="a", usage={"prompt_tokens": 3, "completion_tokens": 1}), True),
        (chunk(reason="stop", usage={"prompt_tokens": 3}), True),
        (counted(3, 0), True),
    ],
)
def test_a_count_on_the_way_may_be_of_the_prompt_alone(told: object, *, whole: bool) -> None:
    last = read(told)[-1]
    assert isinstance(last, Told)
    assert last.whole is whole


@pytest.mark.parametrize("error", [{"message": "out of memory"}, "out of memory"])
def test_an_error_in_a_stream_is_told_in_its_own_words(error: object) -> None:
    assert read({"error": error}) == [Broken("out of memory")]


def test_an_error_without_words() -> None:
    assert read({"error": {"code": 7}}) == [Broken("no reason")]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{nonsense", "malformed"),
        (b'{"choices":{}}', "Expected `array"),
        (b'{"choices":[{"delta":{"content":"\xff"}}]}', "utf-8"),
        (b'{"error":' + b"[" * 100_000, "recursion"),
        (b'{"choices":[{"finish_reason":"tired"}]}', "'tired'"),
        (b'{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}', "without a name"),
        (b'{"choices":[{"logprobs":{"tokens":["a"]}}]}', "do not match"),
    ],
)
def test_what_is_not_of_the_dialect_is_unreadable(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(data)


def whole(**choice: Any) -> dict[str, Any]:
    """A whole answer."""
    message = {"role": "assistant", "content": "hi", "refusal": None}
    alone = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {"choices": [alone | choice], "usage": {"prompt_tokens": 3, "completion_tokens": 1}}


def read_whole(body: object) -> list[Piece]:
    return list(OpenAi(served()).reader().whole(json.dumps(body).encode()))


def test_a_whole_answer_has_all_the_pieces_of_a_stream() -> None:
    odds = {"content": [{"token": "no", "logprob": -1}]}
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"content": "n", "refusal": "o", "reasoning": "hm", "tool_calls": [call]}
    pieces = read_whole(whole(message=message, logprobs=odds, finish_reason="tool_calls"))
    assert pieces == [
        ReasoningDelta("hm", tokens=0),
        TextDelta("no", tokens=0, likely=(Likely("no", -1),)),
        CallDelta(0, "{}", id="c", name="f", tokens=0),
        Ended(Stop.CALL),
        Told(Usage(3, output_visible=1), whole=True),
    ]


def test_a_whole_completion_is_its_text() -> None:
    body = {"choices": [{"index": 0, "text": "once", "finish_reason": "length"}]}
    assert read_whole(body) == [TextDelta("once", tokens=0), Ended(Stop.LENGTH)]


@pytest.mark.parametrize("id_", ["", None, "same"])
def test_calls_of_a_whole_answer_are_told_apart_by_their_place(id_: str | None) -> None:
    calls = [{"id": id_, "function": {"name": name, "arguments": "{}"}} for name in "fg"]
    first, second, *_ = read_whole(whole(message={"tool_calls": calls}))
    made = [id_ or f"call_{ordinal}" for ordinal in range(2)]
    assert first == CallDelta(0, "{}", id=made[0], name="f", tokens=0)
    assert second == CallDelta(1, "{}", id=made[1], name="g", tokens=0)


def test_a_whole_answer_without_an_end_has_none() -> None:
    assert read_whole(whole(finish_reason=None))[:-1] == [TextDelta("hi", tokens=0)]
    assert read_whole({}) == read_whole({"choices": None}) == []


def test_of_several_whole_answers_the_first_is_read() -> None:
    other = whole(index=1, message={"content": "no"})["choices"]
    several = whole()
    several["choices"] += other
    text, ended, _ = read_whole(several)
    assert (text, ended) == (TextDelta("hi", tokens=0), Ended(Stop.END))
    assert read_whole({"choices": other}) == []


def test_a_whole_error_is_told_in_its_own_words() -> None:
    assert read_whole({"error": {"message": "out of memory"}}) == [Broken("out of memory")]


def line(choice: object, **others: object) -> bytes:
    return json.dumps({"id": "c", "choices": [choice], **others}).encode()


SAID = {"index": 0, "delta": {"content": "a"}}
ENDED = {"index": 0, "delta": {}, "finish_reason": "stop"}


@pytest.mark.parametrize(
    "later",
    [
        line({"index": 0, "delta": {"content": 'b"]},{['}}),
        line(ENDED),
        line({"index": 1, "delta": {"content": "of another"}}),
        line(SAID, usage={"prompt_tokens": 3, "completion_tokens": 1}),
        line(ENDED, usage={"prompt_tokens": 3, "completion_tokens": 1}),
        line(SAID, error={"message": "overloaded"}),
        b'{"id": "c", "choices": []}',
        b'{"id": "c", "choices": null}',
        b'{"id": "c", "choices": [], "choices": [{"index": 0, "delta": {"content": "b"}}]}',
        b'{"id": "c"}',
    ],
)
def test_a_chunk_means_the_same_whatever_came_before_it(later: bytes) -> None:
    def parts(pieces: list[Piece]) -> list[object]:
        return [
            (p.text, p.wire and json.loads(p.wire.data)) if isinstance(p, TextDelta) else p
            for p in pieces
        ]

    assert parts(read(line(SAID), line(SAID), later)[2:]) == parts(read(later))


@pytest.mark.parametrize("later", [b'{"id": "c", "choices": [}', b'{"id": "c", "choices": [1]}'])
def test_a_chunk_that_begins_as_others_do_is_looked_at_all_the_same(later: bytes) -> None:
    with pytest.raises(Unreadable):
        read(line(SAID), later)


def test_which_model_answers_is_told_once_and_when_it_changes() -> None:
    first, second = ({"model": name} | chunk(content="a") for name in ("big", "small"))
    word = TextDelta("a", tokens=0)
    pieces = [replace(p, wire=None) if isinstance(p, TextDelta) else p for p in read(
        first, first, second, second
    )]  # fmt: skip
    assert pieces == [Named("big"), word, word, Named("small"), word, word]
