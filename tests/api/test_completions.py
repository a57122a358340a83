"""Texts that are continued as they are."""

import json

import pytest

from seedbed.api.openai.completions import Completions, read_completion
from seedbed.core.ask import Ask, Feature, Limits, Sampling
from seedbed.core.errors import FieldUnserved, PromptTooLong, RequestMalformed, RequestRefused
from seedbed.core.message import Message, Role, Text


def body(**fields: object) -> bytes:
    return json.dumps({"model": "m", "prompt": "Once upon", **fields}).encode()


def read(**fields: object) -> Ask:
    return read_completion(body(**fields))[0]


def refusal(**fields: object) -> RequestRefused:
    with pytest.raises(RequestRefused) as refused:
        read(**fields)
    return refused.value


def test_a_bare_request_is_continued_for_sixteen_tokens() -> None:
    assert read() == Ask(
        "m", (Message(Role.USER, (Text("Once upon"),)),), raw=True, whole=True, limits=Limits(16)
    )
    assert read().needs == {Feature.COMPLETION}
    assert not read(stream=True).whole


def test_a_list_of_one_text_is_that_text() -> None:
    assert read(prompt=["Once upon"]) == read()


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("", "holds no text"),
        ([], "holds no text"),
        ([""], "holds no text"),
        ([None], "holds no text"),
        ([{"a": "b"}], "holds no text"),
        (["a", "b"], "holds 2 texts"),
        ([1, 2, 3], "numbers of tokens"),
        ([[1, 2], [3]], "numbers of tokens"),
    ],
)
def test_what_is_not_one_text_is_refused(prompt: object, said: str) -> None:
    error = refusal(prompt=prompt)
    assert isinstance(error, RequestMalformed)
    assert error.facts["field"] == "prompt"
    assert said in error.what


def test_how_to_go_on_and_where_to_end_is_understood() -> None:
    ask = read(
        max_tokens=5, stop=["\n"], temperature=0, top_p=0.5, top_k=3, min_p=0.1, seed=7, logprobs=2
    )
    assert ask.limits == Limits(5, ("\n",))
    assert ask.sampling == Sampling(
        temperature=0, top_p=0.5, top_k=3, min_p=0.1, seed=7, logprobs=2
    )
    assert read(logprobs=0).sampling.logprobs == 0
    assert read(metadata={"run": "7"}).metadata == {"run": "7"}
    assert read(user="somebody").extra == {"openai": {"user": "somebody"}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("suffix", "the end"),
        ("echo", True),
        ("best_of", 2),
        ("n", 2),
        ("logit_bias", {"1": 1}),
        ("guided_regex", "a"),
    ],
)
def test_what_would_change_the_meaning_is_refused_by_name(field: str, value: object) -> None:
    error = refusal(**{field: value})
    assert isinstance(error, FieldUnserved)
    assert error.facts["field"] == field


@pytest.mark.parametrize(
    ("field", "value"),
    [("suffix", ""), ("echo", False), ("best_of", 1), ("n", 1), ("logit_bias", {})],
)
def test_what_is_harmless_changes_nothing(field: str, value: object) -> None:
    assert read(**{field: value}) == read()


@pytest.mark.parametrize(
    ("field", "value"), [("max_tokens", 0), ("logprobs", True), ("logprobs", 21), ("stop", [""])]
)
def test_a_value_out_of_range_is_refused(field: str, value: object) -> None:
    assert refusal(**{field: value}).facts["field"] == field


@pytest.mark.parametrize(
    ("error", "param"),
    [
        (PromptTooLong("m", tokens=9, window=8), "prompt"),
        (RequestMalformed("W.", hint="H.", field="format.schema"), "response_format.schema"),
        (RequestMalformed("W.", hint="H.", field="stop"), "stop"),
        (RequestMalformed("W.", hint="H."), None),
    ],
)
def test_an_error_names_the_field_as_this_call_does(error: RequestRefused, param: str) -> None:
    told = json.loads(Completions().problem(error, request_id="").body)
    assert told["error"]["param"] == param
