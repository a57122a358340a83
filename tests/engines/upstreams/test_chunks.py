"""What comes back in OpenAI's words."""

import base64
import json
import struct

import pytest

from seedbed.core.event import CallDelta, Likely, ReasoningDelta, Stop, TextDelta
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.base import Broken, Ended, Over, Piece, Told, Unreadable
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
    ("choice", "stop"),
    [
        ({"finish_reason": "length"}, Stop.LENGTH),
        ({"finish_reason": "tool_calls"}, Stop.CALL),
        ({"finish_reason": "content_filter"}, Stop.FILTER),
        ({"finish_reason": "stop", "stop_reason": "END"}, Stop.SEQUENCE),
        ({"finish_reason": "stop", "stop_reason": 151645}, Stop.END),
    ],
)
def test_why_it_ended(choice: dict[str, object], stop: Stop) -> None:
    assert read({"choices": [choice]}) == [Ended(stop)]


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


def test_what_was_used_is_counted_in_one_place_each() -> None:
    details = {
        "prompt_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 5},
        "completion_tokens_details": {"reasoning_tokens": 8},
    }
    assert read(counted(100, 20, **details)) == [Told(Usage(65, 30, 5, 12, 8), whole=True)]


def test_thought_that_is_counted_beside_the_answer_is_not_taken_off_it() -> None:
    details = {"total_tokens": 128, "completion_tokens_details": {"reasoning_tokens": 8}}
    assert read(counted(100, 20, **details)) == [Told(Usage(100, 0, 0, 20, 8), whole=True)]


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


def test_vectors_come_as_numbers_or_as_base64() -> None:
    packed = base64.b64encode(struct.pack("<2f", 1.0, 2.0)).decode()
    data = [{"index": 1, "embedding": [3.0, 4.0]}, {"index": 0, "embedding": packed}]
    found = OpenAi(served()).vectors(json.dumps({"data": data}).encode())
    assert {at: list(vector) for at, vector in found.vectors.items()} == {0: [1, 2], 1: [3, 4]}
    assert found.usage is None
    told = {"data": [], "usage": {"prompt_tokens": 7, "total_tokens": 7}}
    assert OpenAi(served()).vectors(json.dumps(told).encode()).usage == Usage(7)


def test_scores_come_in_any_order() -> None:
    results = [{"index": 1, "relevance_score": 0.5}, {"index": 0, "relevance_score": -1}]
    told = {"results": results, "usage": {"total_tokens": 9}}
    found = OpenAi(served()).scores(json.dumps(told).encode())
    assert found.scores == {0: -1, 1: 0.5}
    assert found.usage == Usage(9)
    assert OpenAi(served()).scores(b'{"results":[]}').usage is None


@pytest.mark.parametrize("vector", ["not base64!", base64.b64encode(b"12345").decode()])
def test_a_vector_that_is_no_vector_is_unreadable(vector: str) -> None:
    told = json.dumps({"data": [{"index": 0, "embedding": vector}]}).encode()
    with pytest.raises(Unreadable, match="base64 of 32-bit floats"):
        OpenAi(served()).vectors(told)


def test_two_values_for_the_same_text_are_unreadable() -> None:
    twice = [{"index": 0, "embedding": [1.0], "relevance_score": 1}] * 2
    with pytest.raises(Unreadable, match="two vectors"):
        OpenAi(served()).vectors(json.dumps({"data": twice}).encode())
    with pytest.raises(Unreadable, match="two scores"):
        OpenAi(served()).scores(json.dumps({"results": twice}).encode())
