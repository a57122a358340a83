"""Texts that are ranked by how well they answer a question."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.openai.rerank import Rerank, read_rerank
from seedbed.core.ask import RerankAsk
from seedbed.core.errors import PromptTooLong, RequestMalformed
from seedbed.core.event import Reply, Stop
from seedbed.core.usage import Usage


def body(**fields: object) -> bytes:
    return json.dumps({"model": "m", "query": "q", "documents": ["a", "b"], **fields}).encode()


def refusal(**fields: object) -> RequestMalformed:
    with pytest.raises(RequestMalformed) as refused:
        read_rerank(body(**fields))
    return refused.value


def test_documents_are_texts_or_objects_with_one() -> None:
    ask, _ = read_rerank(body(documents=["a", {"text": "b", "title": "ignored"}]))
    assert ask == RerankAsk("m", "q", ("a", "b"))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("query", "", "length >= 1"),
        ("documents", [], "holds 0 texts"),
        ("documents", ["a", ""], "an empty text, number 1"),
        ("documents", ["x"] * 2049, "holds 2,049 texts"),
        ("documents", "a", "Expected `array"),
        ("top_n", 0, ">= 1"),
        ("return_documents", "yes", "Expected `bool"),
    ],
)
def test_a_wrong_value_is_refused_by_name(field: str, value: object, said: str) -> None:
    error = refusal(**{field: value})
    assert error.facts["field"] == field
    assert said in error.what


def test_an_error_names_the_field_as_this_call_does() -> None:
    told = Rerank().problem(PromptTooLong("m", tokens=9, window=8), request_id="")
    assert json.loads(told.body)["error"]["param"] == "documents"


@given(
    st.lists(st.floats(-9, 9), min_size=1, max_size=9),
    st.none() | st.integers(1, 12),
    st.booleans(),
)
def test_the_best_come_first_and_each_once(
    scores: list[float], top: int | None, shown: bool
) -> None:
    texts = [f"text {at}" for at in range(len(scores))]
    sent = body(documents=texts, top_n=top, return_documents=shown)
    reading = Rerank().read(sent, request_id="req_1", now=1)
    reply = Reply("m", (), Stop.END, Usage(), scores=tuple(scores))
    results = json.loads(reading.writer.whole(reply))["results"]
    assert reading.streamer is None
    assert [one["relevance_score"] for one in results] == sorted(scores, reverse=True)[:top]
    assert len({one["index"] for one in results}) == len(results) == min(len(scores), top or 99)
    for one in results:
        assert one["relevance_score"] == scores[one["index"]]
        assert one.get("document") == ({"text": texts[one["index"]]} if shown else None)
