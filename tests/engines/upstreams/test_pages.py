"""Vectors and scores in OpenAI's words."""

import base64
import json
import struct

import pytest

from seedbed.core.usage import Usage
from seedbed.engines.upstreams import pages
from seedbed.engines.upstreams.base import Unreadable


def test_vectors_come_as_numbers_or_as_base64() -> None:
    packed = base64.b64encode(struct.pack("<2f", 1.0, 2.0)).decode()
    data = [{"index": 1, "embedding": [3.0, 4.0]}, {"index": 0, "embedding": packed}]
    found = pages.vectors(json.dumps({"data": data}).encode())
    assert {at: list(vector) for at, vector in found.vectors.items()} == {0: [1, 2], 1: [3, 4]}
    assert found.usage is None
    told = {"data": [], "usage": {"prompt_tokens": 7, "total_tokens": 7}}
    assert pages.vectors(json.dumps(told).encode()).usage == Usage(7)


def test_scores_come_in_any_order() -> None:
    results = [{"index": 1, "relevance_score": 0.5}, {"index": 0, "relevance_score": -1}]
    told = {"results": results, "usage": {"total_tokens": 9}}
    found = pages.scores(json.dumps(told).encode())
    assert found.scores == {0: -1, 1: 0.5}
    assert found.usage == Usage(9)
    assert pages.scores(b'{"results":[]}').usage is None


@pytest.mark.parametrize("vector", ["not base64!", base64.b64encode(b"12345").decode()])
def test_a_vector_that_is_no_vector_is_unreadable(vector: str) -> None:
    told = json.dumps({"data": [{"index": 0, "embedding": vector}]}).encode()
    with pytest.raises(Unreadable, match="base64 of 32-bit floats"):
        pages.vectors(told)


def test_two_values_for_the_same_text_are_unreadable() -> None:
    twice = [{"index": 0, "embedding": [1.0], "relevance_score": 1}] * 2
    with pytest.raises(Unreadable, match="two vectors"):
        pages.vectors(json.dumps({"data": twice}).encode())
    with pytest.raises(Unreadable, match="two scores"):
        pages.scores(json.dumps({"results": twice}).encode())


def test_which_model_they_are_of_is_told() -> None:
    assert pages.vectors(b'{"data":[],"model":"big"}').model == "big"
    assert pages.scores(b'{"results":[],"model":"big"}').model == "big"
    assert pages.scores(b'{"results":[]}').model == ""
