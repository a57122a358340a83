"""Texts that are turned into vectors."""

import json

import pytest

from seedbed.api.openai.embeddings import Embeddings, read_embedding
from seedbed.core.ask import EmbedAsk
from seedbed.core.errors import PromptTooLong, RequestMalformed


def read(**fields: object) -> EmbedAsk:
    return read_embedding(json.dumps({"model": "m", "input": "hi", **fields}).encode())[0]


def refusal(**fields: object) -> RequestMalformed:
    with pytest.raises(RequestMalformed) as refused:
        read(**fields)
    return refused.value


def test_one_text_or_a_list_of_texts_is_read_in_order() -> None:
    assert read() == EmbedAsk("m", ("hi",))
    assert read(input=["b", "a", "b"]) == EmbedAsk("m", ("b", "a", "b"))
    assert read(input=["x"] * 2048).texts == ("x",) * 2048


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("", "an empty text, number 0"),
        ([], "holds 0 texts"),
        (["a", ""], "an empty text, number 1"),
        (["x"] * 2049, "holds 2,049 texts"),
        ([1, 2, 3], "what is not text"),
        ([[1, 2], [3]], "what is not text"),
        (["a", None], "what is not text"),
        (["a", {"text": "b"}], "what is not text"),
    ],
)
def test_what_is_not_text_or_too_much_is_refused(sent: object, said: str) -> None:
    error = refusal(input=sent)
    assert error.facts["field"] == "input"
    assert said in error.what
    assert error.hint


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (None, "passage"),
        ("query", "query"),
        ("search_query", "query"),
        ("passage", "passage"),
        ("search_document", "passage"),
    ],
)
def test_what_the_texts_are_for_is_understood(sent: str | None, meant: str) -> None:
    assert read(input_type=sent).purpose == meant


def test_shorter_vectors_may_be_asked_for() -> None:
    assert read(dimensions=64).dimensions == 64
    assert read(user="somebody") == read()


@pytest.mark.parametrize(
    ("field", "value"),
    [("encoding_format", "hex"), ("dimensions", 0), ("input_type", "poem"), ("input", {})],
)
def test_a_wrong_value_is_refused_by_name(field: str, value: object) -> None:
    assert refusal(**{field: value}).facts["field"] == field


def test_an_error_names_the_field_as_this_call_does() -> None:
    told = Embeddings().problem(PromptTooLong("m", tokens=9, window=8), request_id="")
    assert json.loads(told.body)["error"]["param"] == "input"
